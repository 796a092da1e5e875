//! Disputes in the books: money withdrawn, answered for, reinstated or not.

use super::Books;
use crate::stripe::disputes::{Claim, Dispute, DisputeStatus, Disputed, FEE, Movement};
use crate::stripe::form::Params;
use crate::stripe::pages::{Page, Window};
use crate::stripe::refusal::Refusal;
use crate::stripe::{wire, wishes};

impl Books {
    /// A cardholder disputes an amount (all that was taken and not given back, if none is said); at once the money is
    /// withdrawn, with a fee, unless it is an inquiry.
    pub fn dispute(&mut self, id: &str, claim: Claim) -> Result<&Dispute, Refusal> {
        let intent =
            self.intents.get_mut(id).ok_or_else(|| Refusal::no_such("payment_intent", id, "payment_intent"))?;
        let currency = intent.wish.currency.code;
        let Some(charge) = intent.charges.last_mut().filter(|charge| charge.captured > 0) else {
            return Err(Refusal::invalid("payment_intent", format!("Nothing of {id} was captured.")));
        };
        let amount = claim.amount.unwrap_or(charge.captured - charge.refunded - charge.disputed);
        if amount < 1 || amount > charge.captured - charge.disputed {
            return Err(Refusal::invalid("amount", format!("{amount} of {id} cannot be disputed.")));
        }
        charge.was_disputed = true;
        let new = self.ids.mint("dp");
        let (payment_intent, charge, brand) = (id.to_owned(), charge.id.clone(), charge.card.brand);
        let of = Disputed { payment_intent, charge, brand, amount, currency };
        self.disputes.insert(new.clone(), Dispute::open(new.clone(), self.now, of, &claim));
        if !claim.inquiry {
            self.move_disputed(&new, -amount, FEE);
        }
        self.tell(&new, "charge.dispute.created");
        if !claim.inquiry {
            self.tell(&new, "charge.dispute.funds_withdrawn");
        }
        self.dispute_of(&new)
    }

    /// Disputes what was just taken, if the card's holder always does.
    pub(super) fn dispute_by_card(&mut self, id: &str) {
        let taken = self.intents.get(id).and_then(super::Intent::charge).filter(|charge| charge.captured > 0);
        if let Some(reason) = taken.filter(|charge| !charge.was_disputed).and_then(|charge| charge.card.disputes) {
            // Something was taken and none of it is disputed yet.
            let _disputed = self.dispute(id, Claim { amount: None, reason, inquiry: false });
        }
    }

    /// The merchant's answer: kept, and sent to the issuer if it says so.
    pub fn answer(&mut self, id: &str, evidence: wishes::Evidence) -> Result<&Dispute, Refusal> {
        let dispute = self.open_dispute(id)?;
        dispute.evidence.extend(evidence.fields);
        evidence.metadata.apply_to(&mut dispute.metadata);
        if evidence.submit {
            dispute.submissions += 1;
            dispute.status =
                if dispute.inquiry { DisputeStatus::WarningUnderReview } else { DisputeStatus::UnderReview };
        }
        self.tell(id, "charge.dispute.updated");
        self.dispute_of(id)
    }

    /// The issuer decides. A merchant who has won gets the amount back, not the fee.
    pub fn close_dispute(&mut self, id: &str, won: bool) -> Result<&Dispute, Refusal> {
        let dispute = self.open_dispute(id)?;
        let (amount, inquiry) = (dispute.of.amount, dispute.inquiry);
        dispute.status = match (inquiry, won) {
            (true, _) => DisputeStatus::WarningClosed,
            (false, true) => DisputeStatus::Won,
            (false, false) => DisputeStatus::Lost,
        };
        if won && !inquiry {
            self.move_disputed(id, amount, 0);
            self.tell(id, "charge.dispute.funds_reinstated");
        }
        self.tell(id, "charge.dispute.closed");
        self.dispute_of(id)
    }

    fn open_dispute(&mut self, id: &str) -> Result<&mut Dispute, Refusal> {
        let dispute = self.disputes.get_mut(id).ok_or_else(|| Refusal::no_such("dispute", id, "dispute"))?;
        if dispute.status.is_closed() {
            return Err(Refusal::invalid("dispute", format!("This dispute is already closed: {id}")));
        }
        Ok(dispute)
    }

    fn move_disputed(&mut self, id: &str, amount: i64, fee: i64) {
        let Some(dispute) = self.disputes.get_mut(id) else { return };
        dispute.movements.push(Movement { id: self.ids.mint("txn"), created: self.now, amount, fee });
        let charges =
            self.intents.get_mut(&dispute.of.payment_intent).into_iter().flat_map(|intent| &mut intent.charges);
        for charge in charges.filter(|charge| charge.id == dispute.of.charge) {
            charge.disputed -= amount;
        }
    }

    fn tell(&mut self, id: &str, kind: &'static str) {
        if let Some(dispute) = self.disputes.get(id) {
            self.log.add(&mut self.ids, kind, self.now, wire::dispute(dispute, self.now));
        }
    }

    /// What time it is.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// The dispute of this id.
    pub fn dispute_of(&self, id: &str) -> Result<&Dispute, Refusal> {
        self.disputes.get(id).ok_or_else(|| Refusal::no_such("dispute", id, "dispute"))
    }

    /// Every dispute, oldest first.
    pub fn disputes(&self) -> impl Iterator<Item = &Dispute> {
        self.disputes.values()
    }

    /// The list, as `payment_intent`, `charge`, `created`…, `starting_after` and `limit` narrow it.
    pub fn list_disputes(&self, mut params: Params) -> Result<Page<'_, Dispute>, Refusal> {
        let window = Window::read(&mut params)?;
        let (intent, charge) = (params.text("payment_intent")?, params.text("charge")?);
        params.finish()?;
        window.page(&self.disputes, |dispute| {
            intent.as_ref().is_none_or(|id| *id == dispute.of.payment_intent)
                && charge.as_ref().is_none_or(|id| *id == dispute.of.charge)
        })
    }
}
