//! Partners over HTTP: who holds and takes money, and who sells labels.

use super::{Page, PartnerError};
use crate::address::Address;
use crate::id::{OrderId, TenantId};
use crate::money::Money;
use crate::order::{Label, Packing};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::future::Future;

/// Money to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold<'a> {
    /// For which order of which tenant.
    pub tenant: &'a TenantId,
    /// For which order.
    pub order: &'a OrderId,
    /// For which of its tenders.
    pub tender: u16,
    /// The processor's id of the payment method.
    pub method: &'a str,
    /// The processor's id of the customer the method is saved for, if it is.
    pub customer: Option<&'a str>,
    /// How much.
    pub amount: Money,
    /// Where the shopper comes back to after 3-D Secure; `None`: the shopper is not there and cannot be asked.
    pub return_url: Option<&'a str>,
    /// The same on every repetition of this call.
    pub key: &'a str,
}

/// A hold as the processor has it in its books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The processor's id of it.
    pub reference: String,
    /// How much was held at first.
    pub amount: Money,
    /// What may still be taken.
    pub capturable: Money,
    /// Taken of it so far.
    pub captured: Money,
    /// Given back of what was taken.
    pub refunded: Money,
    /// Let go, by us, by somebody else or by lapse, with nothing more to take?
    pub voided: bool,
    /// The processor thinks a person should look.
    pub elevated_risk: bool,
    /// When it lapses, UTC, if the processor says.
    pub expires_at: Option<Timestamp>,
    /// What each of our captures took, by its effect (`capture-1`), as noted at the processor with the capture itself.
    pub captures: BTreeMap<String, Money>,
    /// Whose it is, if it was made by us.
    pub owner: Option<Owner>,
}

/// Whose a hold is, as noted at the processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The tenant.
    pub tenant: TenantId,
    /// The order.
    pub order: OrderId,
    /// The tender of the order.
    pub tender: u16,
}

/// What became of asking for money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorized {
    /// It is held, or was.
    Held(Held),
    /// It is not.
    Declined {
        /// The processor's code.
        code: String,
    },
    /// The shopper must act first (3-D Secure).
    ActionRequired {
        /// The processor's id of the payment.
        reference: String,
        /// Where the shopper acts.
        url: Option<String>,
    },
}

/// Money to give back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Return<'a> {
    /// Of which hold.
    pub reference: &'a str,
    /// How much.
    pub amount: Money,
    /// Which effect of the order it is (`refund-1-2`: refund 1 on tender 2): noted at the processor with the refund.
    pub effect: &'a str,
    /// The same on every repetition of this call.
    pub key: &'a str,
}

/// Where a refund stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReturnStatus {
    /// On its way; it may still fail.
    Pending,
    /// The customer has it.
    Succeeded,
    /// It failed: the money is back with the merchant.
    Failed {
        /// The processor's code.
        code: String,
    },
}

/// A refund as the processor has it in its books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// The processor's id of it.
    pub reference: String,
    /// The hold it gives back of.
    pub payment: String,
    /// How much.
    pub amount: Money,
    /// Which effect of ours it is; `None`: somebody else's.
    pub effect: Option<String>,
    /// Where it stands.
    pub status: ReturnStatus,
}

/// Where a dispute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStatus {
    /// The money is withdrawn, the bank decides.
    Open,
    /// The money is back.
    Won,
    /// The money is gone.
    Lost,
}

/// A dispute (chargeback) as the processor has it in its books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disputed {
    /// The processor's id of it.
    pub reference: String,
    /// The payment disputed.
    pub payment: String,
    /// How much.
    pub amount: Money,
    /// What the processor charges for it; zero where it does not say, or in another currency.
    pub fee: Money,
    /// The bank's reason.
    pub reason: String,
    /// Where it stands.
    pub status: DisputeStatus,
    /// Until when evidence is taken, UTC, if the processor says.
    pub evidence_due: Option<Timestamp>,
}

/// A payment processor with manual capture.
pub trait PaymentProcessor: Sync {
    /// Holds money.
    fn authorize(&self, hold: &Hold<'_>) -> impl Future<Output = Result<Authorized, PartnerError>> + Send;

    /// The truth about a tender's hold when an answer was lost; `None` when the processor knows of none.
    fn find(
        &self,
        tenant: &TenantId,
        order: &OrderId,
        tender: u16,
    ) -> impl Future<Output = Result<Option<Held>, PartnerError>> + Send;

    /// The truth about a payment, made by us or by a storefront. Unknown: `Refused` with `resource_missing`.
    fn look_up(&self, reference: &str) -> impl Future<Output = Result<Authorized, PartnerError>> + Send;

    /// Takes `amount` of a hold as our `effect`, which is noted with it; with `last`, lets go of the rest.
    fn capture(
        &self,
        reference: &str,
        amount: Money,
        last: bool,
        effect: &str,
        key: &str,
    ) -> impl Future<Output = Result<Held, PartnerError>> + Send;

    /// Lets go of a hold, or of what is left of it. Let go before: done.
    fn void(&self, reference: &str, key: &str) -> impl Future<Output = Result<(), PartnerError>> + Send;

    /// Gives money back.
    fn refund(&self, wish: &Return<'_>) -> impl Future<Output = Result<Returned, PartnerError>> + Send;

    /// The truth about a payment's refunds, oldest first.
    fn refunds(&self, payment: &str) -> impl Future<Output = Result<Vec<Returned>, PartnerError>> + Send;

    /// The truth about a dispute.
    fn dispute(&self, reference: &str) -> impl Future<Output = Result<Disputed, PartnerError>> + Send;

    /// The processor's own list of what was held since `from` (inclusive) and before `to`, a page at a time: `after` is
    /// the `next` of the page before. Payments that never held money are left out.
    fn booked(
        &self,
        from: Timestamp,
        to: Timestamp,
        after: Option<&str>,
    ) -> impl Future<Output = Result<Page<Held>, PartnerError>> + Send;
}

/// A parcel to send.
#[derive(Clone, Debug)]
pub struct Parcel<'a> {
    /// Our id of it, unique: `{order id}-{fulfillment order}`.
    pub reference: &'a str,
    /// From where.
    pub from: &'a Address,
    /// The sender's phone.
    pub from_phone: Option<&'a str>,
    /// To whom.
    pub to: &'a Address,
    /// The recipient's phone.
    pub to_phone: Option<&'a str>,
    /// Size and weight.
    pub packing: &'a Packing,
}

/// What a carrier asks for a parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The partner's id of the rate.
    pub id: String,
    /// The carrier.
    pub carrier: String,
    /// The carrier's service.
    pub service: String,
    /// For how much.
    pub price: Money,
    /// How many days it takes, if the carrier says.
    pub days: Option<u32>,
}

/// A shipment as the partner has it in its books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// The partner's id of it.
    pub shipment: String,
    /// What may be bought.
    pub offers: Vec<Offer>,
    /// What was bought.
    pub label: Option<Label>,
}

/// A partner that sells labels of carriers.
pub trait Labels: Sync {
    /// Announces a parcel and asks for offers.
    fn quote(&self, parcel: &Parcel<'_>) -> impl Future<Output = Result<Quoted, PartnerError>> + Send;

    /// The truth about a parcel, by the partner's id or our reference; `None` when the partner knows of none.
    fn find(&self, shipment_or_reference: &str) -> impl Future<Output = Result<Option<Quoted>, PartnerError>> + Send;

    /// Buys an offer.
    fn buy(&self, shipment: &str, offer: &str) -> impl Future<Output = Result<Label, PartnerError>> + Send;

    /// Gives a label back. Given back before: done.
    fn refund(&self, shipment: &str) -> impl Future<Output = Result<(), PartnerError>> + Send;
}
