//! Having money held, tender by tender, and letting it go.

use crate::Desk;
use crate::once::KEYS;
use jiff::{SignedDuration, Timestamp};
use waybill_domain::order::{Account, MAX_TENDERS, NewHold, Order, Tender, Unneeded, Wanted};
use waybill_domain::ports::{Authorized, Held, Hold, Orders, PartnerError, PaymentProcessor};
use waybill_lambda::{Advanced, Fault, Halt};

/// How long the processor's search may lag behind its books (Stripe documents up to a minute).
const SEARCH_LAG: SignedDuration = SignedDuration::from_secs(90);

impl<O: Orders, P: PaymentProcessor> Desk<'_, O, P> {
    /// Has every tender held that needs it. Declines, and what the shopper must do, are recorded: see
    /// [`Payment::is_pending`](waybill_domain::order::Payment::is_pending).
    ///
    /// # Errors
    /// The processor or the store did not do what was asked.
    pub async fn authorize(&self, order: Order) -> Result<Order, Halt> {
        self.authorize_until(order, self.now).await
    }

    /// As [`Desk::authorize`], also for holds that lapse within `margin`.
    ///
    /// # Errors
    /// As [`Desk::authorize`].
    pub async fn renew(&self, order: Order, margin: SignedDuration) -> Result<Order, Halt> {
        self.authorize_until(order, self.now.checked_add(margin).unwrap_or(self.now)).await
    }

    async fn authorize_until(&self, mut order: Order, lasting: Timestamp) -> Result<Order, Halt> {
        for _ in 0..MAX_TENDERS {
            if order.is_cancelled() {
                break;
            }
            let Some(wanted) = order.to_authorize(lasting)? else { break };
            let tender = wanted.tender;
            order = self.authorize_one(order, wanted).await?;
            // Declined for good after a part has left: staff decide, nothing is tried again here.
            if order.payment.tender(tender).is_some_and(|state| state.declined.is_some() && state.pending.is_none()) {
                break;
            }
        }
        self.let_go(order).await
    }

    async fn authorize_one(&self, order: Order, wanted: Wanted) -> Result<Order, Halt> {
        let free = |reference: &str| NewHold {
            amount: wanted.amount,
            reference: reference.to_owned(),
            elevated_risk: false,
            expires_at: None,
        };
        match &wanted.with {
            Tender::Card { .. } if wanted.amount.is_zero() => {
                self.record(order, |order| order.decide_authorized(wanted.tender, free("free"))).await
            }
            Tender::Card { .. } => {
                let asked = self.ask(&order, &wanted).await;
                self.answer(order, &wanted, asked).await
            }
            Tender::Confirmed { reference } if order.payment.tender_of(reference.as_str()).is_some() => {
                self.cannot_be_renewed(order, &wanted).await
            }
            Tender::Confirmed { reference } => {
                let seen = self.processor.look_up(reference.as_str()).await;
                let seen = seen.map(|seen| fits(seen, &wanted, &order));
                self.answer(order, &wanted, seen).await
            }
            Tender::Channel { reference, collected } => {
                let (reference, collected) = (reference.as_str(), *collected);
                let order = self.record(order, |order| order.decide_authorized(wanted.tender, free(reference))).await?;
                if !collected || wanted.amount.is_zero() {
                    return Ok(order);
                }
                let (tender, amount) = (wanted.tender, wanted.amount);
                self.record(order, |order| order.decide_captured(tender, None, amount, reference, true)).await
            }
            Tender::Account(account) => self.draw(order, &wanted, account, free).await,
        }
    }

    /// What a storefront confirmed only the shopper can confirm anew: asked for once it has lapsed.
    async fn cannot_be_renewed(&self, order: Order, wanted: &Wanted) -> Result<Order, Halt> {
        let hold = order.payment.tender(wanted.tender).and_then(|state| state.hold());
        if hold.is_some_and(|hold| hold.expires_at.is_none_or(|at| at > self.now)) {
            return Ok(order);
        }
        self.declined(order, wanted, "authorization_expired").await
    }

    async fn draw(
        &self,
        order: Order,
        wanted: &Wanted,
        account: &Account,
        hold: impl Fn(&str) -> NewHold,
    ) -> Result<Order, Halt> {
        let reference = format!("{}-{}", account.account.name(), account.id);
        match self.try_record(order, |order| order.decide_authorized(wanted.tender, hold(&reference))).await? {
            Advanced::Order(order) => Ok(order),
            Advanced::Overdrawn(order) | Advanced::Taken(order) | Advanced::Short(order, _) => {
                self.declined(order, wanted, "insufficient_balance").await
            }
        }
    }

    /// Claim, then call; the call bears the same key when it has to be repeated, so that the processor holds the money
    /// once.
    async fn ask(&self, order: &Order, wanted: &Wanted) -> Result<Authorized, PartnerError> {
        let Tender::Card { method, customer, return_url } = &wanted.with else {
            return Err(PartnerError::Broken("only a card is asked".into()));
        };
        let truth = async || Ok(self.unknown_hold(order, wanted.tender).await?.map(Authorized::Held));
        let call = async |key: &str| {
            let hold = Hold {
                tenant: &order.tenant,
                order: &order.id,
                tender: wanted.tender,
                method: method.as_str(),
                customer: customer.as_ref().map(waybill_domain::text::Text::as_str),
                amount: wanted.amount,
                return_url: return_url.as_ref().filter(|_| wanted.on_session).map(waybill_domain::text::Text::as_str),
                key,
            };
            self.processor.authorize(&hold).await
        };
        self.once(order, &wanted.effect, truth, call).await
    }

    /// A hold the processor has for the tender and we know nothing of.
    async fn unknown_hold(&self, order: &Order, tender: u16) -> Result<Option<Held>, PartnerError> {
        let held = self.processor.find(&order.tenant, &order.id, tender).await?;
        Ok(held.filter(|held| !held.voided && order.payment.tender_of(&held.reference).is_none()))
    }

    async fn answer(
        &self,
        order: Order,
        wanted: &Wanted,
        answer: Result<Authorized, PartnerError>,
    ) -> Result<Order, Halt> {
        match answer {
            Ok(Authorized::Held(held)) => {
                match self.try_record(order, |order| order.decide_authorized(wanted.tender, new_hold(&held))).await? {
                    Advanced::Order(order) => self.hear_captures(order, &held).await,
                    Advanced::Taken(order) | Advanced::Overdrawn(order) | Advanced::Short(order, _) => {
                        self.declined(order, wanted, "payment_in_use").await
                    }
                }
            }
            Ok(Authorized::Declined { code }) => self.declined(order, wanted, &code).await,
            Ok(Authorized::ActionRequired { reference, url }) => {
                let (tender, effect) = (wanted.tender, &wanted.effect);
                let decide = |order: &Order| {
                    order.decide_action_required(tender, effect, reference.clone(), url.clone(), self.now)
                };
                self.record(order, decide).await
            }
            Err(PartnerError::Refused { code, message }) => {
                let order = self.refused(order, &wanted.effect, &code, &message).await?;
                self.declined(order, wanted, &code).await
            }
            Err(error @ (PartnerError::Unavailable(_) | PartnerError::Spent(_) | PartnerError::Broken(_))) => {
                Err(error.into())
            }
        }
    }

    async fn declined(&self, order: Order, wanted: &Wanted, code: &str) -> Result<Order, Halt> {
        let (tender, effect) = (wanted.tender, &wanted.effect);
        self.record(order, |order| order.decide_declined(tender, effect, code.to_owned(), self.now)).await
    }

    /// Lets go of every hold that will not be taken, at the processor first.
    ///
    /// # Errors
    /// `Defect` when the processor refuses (it is on the timeline).
    pub async fn let_go(&self, mut order: Order) -> Result<Order, Halt> {
        for Unneeded { reference, processed, .. } in order.unneeded_holds()? {
            if processed {
                let voided = self.void(&order, &reference).await;
                if let Err(PartnerError::Refused { code, message }) = voided {
                    order = self.gone(order, &reference, &code, &message).await?;
                    continue;
                }
                voided?;
            }
            order = self.record(order, |order| order.decide_voided(&reference)).await?;
        }
        Ok(order)
    }

    /// Letting go is the same however often it is done, so it needs no claim; but a key whose first answer was a failure
    /// is of no more use.
    async fn void(&self, order: &Order, reference: &str) -> Result<(), PartnerError> {
        for spent in 0..KEYS {
            let key = if spent == 0 { String::new() } else { format!(".{spent}") };
            let voided = self.processor.void(reference, &format!("{}-void-{reference}{key}", order.id)).await;
            let Err(PartnerError::Spent(_)) = voided else { return voided };
            if self.is_gone(reference).await? {
                return Ok(());
            }
        }
        Err(PartnerError::Unavailable("every key of the effect was answered with a failure".into()))
    }

    async fn is_gone(&self, reference: &str) -> Result<bool, PartnerError> {
        Ok(match self.processor.look_up(reference).await? {
            Authorized::Held(held) => held.voided && held.capturable.is_zero(),
            Authorized::Declined { .. } => true,
            Authorized::ActionRequired { .. } => false,
        })
    }

    /// A hold that cannot be let go: it is gone already, or staff must look.
    async fn gone(&self, order: Order, reference: &str, code: &str, message: &str) -> Result<Order, Halt> {
        let order = self.hear_payment(order, reference).await?;
        if !order.unneeded_holds()?.iter().any(|unneeded| unneeded.reference == reference) {
            return Ok(order);
        }
        self.refused(order, "void", code, message).await?;
        Err(Fault::defect(format!("the processor refused to void: {code}")).into())
    }

    /// Money that was claimed and perhaps held for an order that is cancelled by now, while the answer was lost: recorded,
    /// so that it can be let go.
    ///
    /// # Errors
    /// `Transient` while the processor's search may not know yet.
    pub async fn recover(&self, mut order: Order) -> Result<Order, Halt> {
        let unknown = |state: &&waybill_domain::order::TenderState| {
            matches!(state.tender, Tender::Card { .. }) && !state.amount.is_zero() && !state.is_authorized()
        };
        let tenders: Vec<_> = order.payment.tenders.iter().filter(unknown).cloned().collect();
        for state in tenders {
            let claimed = self.orders.claimed(&order.tenant, &order.id, &state.authorize_effect()).await?;
            let Some(at) = claimed else { continue };
            match self.unknown_hold(&order, state.number).await? {
                Some(held) => {
                    order = self.record(order, |order| order.decide_authorized(state.number, new_hold(&held))).await?;
                }
                None if self.now.duration_since(at) < SEARCH_LAG => {
                    return Err(Fault::Transient("the processor may not know yet".into()).into());
                }
                None => {}
            }
        }
        self.give_up_actions(order).await
    }

    /// A payment the shopper was sent to 3-D Secure for, and that nobody waits for any more.
    async fn give_up_actions(&self, order: Order) -> Result<Order, Halt> {
        use waybill_domain::order::Pending;
        let references: Vec<String> = order
            .payment
            .tenders
            .iter()
            .filter_map(|state| match &state.pending {
                Some(Pending::Action { reference, .. }) => Some(reference.clone()),
                Some(Pending::Retry { .. } | Pending::Method { .. }) | None => None,
            })
            .collect();
        let mut order = order;
        for reference in references {
            match self.void(&order, &reference).await {
                // The shopper was faster: it is held, and recorded, so that it can be let go.
                Err(PartnerError::Refused { .. }) => order = self.hear_payment(order, &reference).await?,
                voided => voided?,
            }
        }
        Ok(order)
    }
}

/// The hold of `held`, to be recorded.
pub(crate) fn new_hold(held: &Held) -> NewHold {
    NewHold {
        amount: held.amount,
        reference: held.reference.clone(),
        elevated_risk: held.elevated_risk,
        expires_at: held.expires_at,
    }
}

/// A payment the storefront confirmed must be for this order's amount and nobody else's, and still held.
fn fits(seen: Authorized, wanted: &Wanted, order: &Order) -> Authorized {
    let declined = |code: &str| Authorized::Declined { code: code.to_owned() };
    match seen {
        Authorized::Held(held) if held.voided => declined("canceled"),
        Authorized::Held(held) if held.owner.as_ref().is_some_and(|owner| owner.order != order.id) => {
            declined("payment_in_use")
        }
        Authorized::Held(held) if held.amount != wanted.amount => declined("amount_mismatch"),
        seen @ (Authorized::Held(_) | Authorized::Declined { .. } | Authorized::ActionRequired { .. }) => seen,
    }
}
