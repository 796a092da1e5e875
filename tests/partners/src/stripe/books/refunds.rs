//! Refunds in the books: made, settled by and by, and sometimes sent back.

use super::Books;
use crate::stripe::form::Params;
use crate::stripe::intents::Intent;
use crate::stripe::pages::{Page, Window};
use crate::stripe::refunds::{Refund, RefundStatus};
use crate::stripe::refusal::Refusal;
use crate::stripe::{wire, wishes};
use serde_json::json;

/// Why a refund fails, where nobody says otherwise.
const CARD_GONE: &str = "expired_or_canceled_card";

impl Books {
    /// Gives money back.
    pub fn refund(&mut self, wish: wishes::Refund) -> Result<&Refund, Refusal> {
        let now = self.now;
        let intent = self.refunded_intent(&wish)?;
        let before = json!({"amount_refunded": intent.refunded(), "refunded": intent.fully_refunded()});
        let amount = match intent.refund(wish.amount) {
            Ok(amount) => amount,
            Err(illegal) => return Err(Refusal::illegal(&illegal, wire::intent(intent, false))),
        };
        let Some(charge) = intent.charge() else { return Err(Refusal::no_such("charge", &intent.id, "charge")) };
        let (status, settles) = Refund::prospects(charge.card.refunds, now);
        let told = wire::charge(intent, charge);
        let (payment_intent, charge, currency) = (intent.id.clone(), charge.id.clone(), intent.wish.currency.code);
        let wishes::Refund { reason, metadata, .. } = wish;
        let (id, transaction) = (self.ids.mint("re"), self.ids.mint("txn"));
        #[rustfmt::skip]
        let refund = Refund {
            id, created: now, payment_intent, charge, amount, currency, reason, metadata, status, failure: None,
            transaction, settles,
        };
        self.log.add(&mut self.ids, "refund.created", now, wire::refund(&refund));
        self.log.note(&mut self.ids, "charge.refunded", now, told, Some(before));
        Ok(self.refunds.entry(refund.id.clone()).or_insert(refund))
    }

    fn refunded_intent(&mut self, wish: &wishes::Refund) -> Result<&mut Intent, Refusal> {
        if let Some(id) = &wish.payment_intent {
            let missing = || Refusal::no_such_param("payment_intent", id, "payment_intent");
            return self.intents.get_mut(id).ok_or_else(missing);
        }
        let id = wish.charge.as_deref().unwrap_or_default();
        let missing = || Refusal::no_such_param("charge", id, "charge");
        let of_charge = |intent: &&mut Intent| intent.charge().is_some_and(|charge| charge.id == id);
        self.intents.values_mut().find(of_charge).ok_or_else(missing)
    }

    /// The refund ends as `status`. What was given back by one that fails may be given back again. Nothing happens to a
    /// refund that stands there already; one that failed stays so.
    pub fn settle(&mut self, id: &str, status: RefundStatus, reason: Option<String>) -> Result<&Refund, Refusal> {
        let refund = self.refunds.get_mut(id).ok_or_else(|| Refusal::no_such("refund", id, "refund"))?;
        refund.settles = None;
        if refund.status == status {
            return self.refund_of(id);
        }
        if refund.status == RefundStatus::Failed {
            return Err(Refusal::invalid("refund", format!("Refund {id} has failed, which is final.")));
        }
        let before = json!({"status": refund.status.as_str()});
        refund.status = status;
        let failed = status == RefundStatus::Failed;
        if failed {
            refund.failure = Some((reason.unwrap_or_else(|| CARD_GONE.to_owned()), self.ids.mint("txn")));
            let (amount, charge) = (refund.amount, refund.charge.clone());
            let charges =
                self.intents.get_mut(&refund.payment_intent).into_iter().flat_map(|intent| &mut intent.charges);
            for charge in charges.filter(|made| made.id == charge) {
                charge.refunded -= amount;
            }
        }
        let (now, told) = (self.now, wire::refund(refund));
        self.log.note(&mut self.ids, "refund.updated", now, told.clone(), Some(before));
        if failed {
            self.log.add(&mut self.ids, "refund.failed", now, told);
        }
        self.refund_of(id)
    }

    /// Settles every refund whose time has come.
    pub(super) fn settle_due(&mut self) {
        let due = |refund: &Refund| {
            let (_, status) = refund.settles.filter(|(at, _)| *at <= self.now)?;
            Some((refund.id.clone(), status))
        };
        let due: Vec<_> = self.refunds.values().filter_map(due).collect();
        for (id, status) in due {
            // It is there, and has not failed: it was waiting.
            let _settled = self.settle(&id, status, None);
        }
    }

    /// The refund of this id.
    pub fn refund_of(&self, id: &str) -> Result<&Refund, Refusal> {
        self.refunds.get(id).ok_or_else(|| Refusal::no_such("refund", id, "refund"))
    }

    /// Every refund, oldest first.
    pub fn refunds(&self) -> impl Iterator<Item = &Refund> {
        self.refunds.values()
    }

    /// The list, as `payment_intent`, `charge`, `created`…, `starting_after` and `limit` narrow it.
    pub fn list_refunds(&self, mut params: Params) -> Result<Page<'_, Refund>, Refusal> {
        let window = Window::read(&mut params)?;
        let (intent, charge) = (params.text("payment_intent")?, params.text("charge")?);
        params.finish()?;
        window.page(&self.refunds, |refund| {
            intent.as_ref().is_none_or(|id| *id == refund.payment_intent)
                && charge.as_ref().is_none_or(|id| *id == refund.charge)
        })
    }
}
