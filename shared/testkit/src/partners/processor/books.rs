//! The processor's books: what is held, taken, given back and disputed.

use super::idempotency::Kept;
use super::table::{Verdict, takes_several, verdict};
use crate::at;
use crate::partners::refused;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::money::Money;
use waybill_domain::ports::{Authorized, Disputed, Held, Hold, Owner, Page, PartnerError, ReturnStatus, Returned};

/// How long money is held.
const LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Payments on a page of the list.
const PAGE: usize = 10;

const UNEXPECTED_STATE: &str = "payment_intent_unexpected_state";

/// A hold in the processor's books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedHold {
    /// As the processor shows it.
    pub held: Held,
    /// Nothing is held any more: all taken, or the rest let go with the last capture.
    pub settled: bool,
    /// When it was made.
    pub created: Timestamp,
}

impl BookedHold {
    /// What is still held, in minor units.
    #[must_use]
    pub fn open(&self) -> i64 {
        if self.settled || self.held.voided { 0 } else { self.held.amount.minor() - self.held.captured.minor() }
    }
}

/// Where a payment stands.
#[derive(Clone, Debug)]
pub(super) enum Standing {
    /// Money is held, or was.
    Held,
    /// The shopper is to act.
    Acting,
    /// It came to nothing.
    Declined(String),
}

/// A payment: a hold, or what was to become one.
#[derive(Clone, Debug)]
pub(super) struct Payment {
    pub hold: BookedHold,
    pub standing: Standing,
    /// May a capture leave a rest to be taken?
    pub several: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Books {
    /// The tests' epoch, unless they move it.
    pub clock: Option<Timestamp>,
    pub payments: Vec<Payment>,
    pub refunds: Vec<Returned>,
    pub disputes: Vec<Disputed>,
    /// What becomes of the refunds to come, first to last; then they succeed.
    pub next_refunds: Vec<ReturnStatus>,
    pub keys: BTreeMap<String, Kept>,
    /// Calls the processor will fail itself, for good: done or not.
    pub spoiled: Vec<(&'static str, bool)>,
    declines: BTreeMap<(OrderId, u16, String), u32>,
}

pub(super) fn zero(like: Money) -> Money {
    Money::zero(like.currency())
}

pub(super) fn sum(one: Money, minor: i64) -> Money {
    Money::new(one.minor() + minor, one.currency())
}

impl Books {
    pub fn now(&self) -> Timestamp {
        self.clock.unwrap_or_else(|| at(0))
    }

    pub fn holds(&self) -> impl Iterator<Item = BookedHold> {
        let held = self.payments.iter().filter(|payment| matches!(payment.standing, Standing::Held));
        held.map(|payment| payment.hold.clone())
    }

    pub fn payment(&mut self, reference: &str) -> Result<&mut Payment, PartnerError> {
        let found = self.payments.iter_mut().find(|payment| payment.hold.held.reference == reference);
        found.ok_or_else(|| refused("resource_missing", "no such payment"))
    }

    /// A payment of that reference, with nothing held of it yet.
    pub fn begin(&mut self, reference: String, amount: Money, owner: Option<Owner>) -> &mut Payment {
        let held = Held {
            reference,
            amount,
            capturable: zero(amount),
            captured: zero(amount),
            refunded: zero(amount),
            voided: false,
            elevated_risk: false,
            expires_at: None,
            captures: BTreeMap::new(),
            owner,
        };
        let created = self.now();
        let booked = BookedHold { held, settled: false, created };
        self.payments.push(Payment { hold: booked, standing: Standing::Acting, several: true });
        let at = self.payments.len() - 1;
        &mut self.payments[at]
    }

    pub fn authorize(&mut self, asked: &Hold<'_>) -> Authorized {
        let now = self.now();
        let (risky, acts) = match verdict(asked.method) {
            Verdict::Approved => (false, false),
            Verdict::Elevated => (true, false),
            Verdict::Authenticate if asked.return_url.is_some() => (false, true),
            Verdict::Authenticate => return Authorized::Declined { code: "authentication_required".to_owned() },
            Verdict::Declined(code) => return Authorized::Declined { code },
            Verdict::DeclinedFirst(times, code) => {
                let place = (asked.order.clone(), asked.tender, asked.method.to_owned());
                let before = self.declines.entry(place).or_default();
                if *before < times {
                    *before += 1;
                    return Authorized::Declined { code };
                }
                (false, false)
            }
        };
        let reference = format!("pi_{:04}", self.payments.len() + 1);
        let owner = Owner { tenant: asked.tenant.clone(), order: asked.order.clone(), tender: asked.tender };
        let payment = self.begin(reference, asked.amount, Some(owner));
        payment.hold.held.elevated_risk = risky;
        payment.several = takes_several(asked.method);
        if !acts {
            payment.approve(now);
        }
        payment.shown()
    }

    pub fn find(&self, tenant: &TenantId, order: &OrderId, tender: u16) -> Option<Held> {
        let is_its = |owner: &Owner| (&owner.tenant, &owner.order, owner.tender) == (tenant, order, tender);
        let ours: Vec<BookedHold> = self.holds().filter(|hold| hold.held.owner.as_ref().is_some_and(is_its)).collect();
        // A live hold tells the truth before one that was taken, and that before one that was let go.
        let rank = |hold: &BookedHold| match (hold.held.voided, hold.settled) {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => 2,
        };
        ours.into_iter().max_by_key(rank).map(|hold| hold.held)
    }

    pub fn look_up(&mut self, reference: &str) -> Result<Authorized, PartnerError> {
        self.payment(reference).map(|payment| payment.shown())
    }

    pub fn capture(
        &mut self,
        reference: &str,
        amount: Money,
        last: bool,
        effect: Option<&str>,
    ) -> Result<Held, PartnerError> {
        let Payment { hold, standing, several } = self.payment(reference)?;
        if hold.settled || hold.held.voided || !matches!(standing, Standing::Held) {
            return Err(refused(UNEXPECTED_STATE, "nothing is held any more"));
        }
        if amount.currency() != hold.held.amount.currency() || amount.minor() <= 0 {
            return Err(refused("parameter_invalid_integer", "no such amount"));
        }
        if amount.minor() > hold.open() {
            return Err(refused("amount_too_large", "more than is held"));
        }
        if !last && !*several {
            return Err(refused("parameter_invalid", "final_capture can only be false when multicapture is available"));
        }
        hold.held.captured = sum(hold.held.captured, amount.minor());
        if let Some(effect) = effect {
            hold.held.captures.insert(effect.to_owned(), amount);
        }
        hold.settled = last || hold.open() == 0;
        hold.tally();
        Ok(hold.held.clone())
    }

    pub fn void(&mut self, reference: &str) -> Result<(), PartnerError> {
        let Payment { hold, standing, .. } = self.payment(reference)?;
        match standing {
            Standing::Held if hold.settled => return Err(refused(UNEXPECTED_STATE, "the money was taken")),
            Standing::Held => hold.held.voided = true,
            Standing::Acting => *standing = Standing::Declined("canceled".to_owned()),
            Standing::Declined(_) => {}
        }
        hold.tally();
        Ok(())
    }

    pub fn booked(&self, from: Timestamp, to: Timestamp, after: Option<&str>) -> Page<Held> {
        let skip = after.and_then(|after| after.parse().ok()).unwrap_or(0);
        let within: Vec<Held> =
            self.holds().filter(|hold| from <= hold.created && hold.created < to).map(|hold| hold.held).collect();
        let next = (skip + PAGE < within.len()).then(|| (skip + PAGE).to_string());
        Page { rows: within.into_iter().skip(skip).take(PAGE).collect(), next }
    }

    /// The clock stands at `now`: what has lapsed by then is let go.
    pub fn set_clock(&mut self, now: Timestamp) {
        self.clock = Some(now);
        for payment in &mut self.payments {
            if payment.hold.held.expires_at.is_some_and(|until| until <= now) {
                payment.lapse();
            }
        }
    }
}

impl BookedHold {
    /// What may still be taken, as the processor shows it.
    pub(super) fn tally(&mut self) {
        self.held.capturable = Money::new(self.open(), self.held.amount.currency());
    }
}

impl Payment {
    pub fn approve(&mut self, now: Timestamp) {
        self.standing = Standing::Held;
        self.hold.held.expires_at = now.checked_add(LASTS).ok();
        self.hold.tally();
    }

    pub fn lapse(&mut self) {
        if matches!(self.standing, Standing::Held) && !self.hold.settled {
            self.hold.held.voided = true;
            self.hold.tally();
        }
    }

    /// As the processor shows it.
    pub fn shown(&self) -> Authorized {
        let held = &self.hold.held;
        match &self.standing {
            Standing::Held => Authorized::Held(held.clone()),
            Standing::Declined(code) => Authorized::Declined { code: code.clone() },
            Standing::Acting => Authorized::ActionRequired {
                reference: held.reference.clone(),
                url: Some(format!("https://processor.invalid/authenticate/{}", held.reference)),
            },
        }
    }
}
