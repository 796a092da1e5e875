//! Partners over HTTP: who holds and takes money, and who sells labels.

use super::PartnerError;
use crate::address::Address;
use crate::id::{OrderId, TenantId};
use crate::money::Money;
use crate::order::{Label, Packing};
use std::future::Future;

/// Money to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold<'a> {
    /// For which order of which tenant.
    pub tenant: &'a TenantId,
    /// For which order.
    pub order: &'a OrderId,
    /// The processor's id of the payment method.
    pub method: &'a str,
    /// How much.
    pub amount: Money,
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
    /// Taken of it so far.
    pub captured: Money,
    /// Let go?
    pub voided: bool,
    /// The processor thinks a person should look.
    pub elevated_risk: bool,
}

/// What became of asking for money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorized {
    /// It is held.
    Held(Held),
    /// It is not.
    Declined {
        /// The processor's code.
        code: String,
    },
}

/// A payment processor with manual capture.
pub trait PaymentProcessor: Sync {
    /// Holds money.
    fn authorize(&self, hold: &Hold<'_>) -> impl Future<Output = Result<Authorized, PartnerError>> + Send;

    /// The truth about an order's hold when an answer was lost; `None` when the processor knows of none.
    fn find(
        &self,
        tenant: &TenantId,
        order: &OrderId,
    ) -> impl Future<Output = Result<Option<Held>, PartnerError>> + Send;

    /// The truth about a hold.
    fn look_up(&self, reference: &str) -> impl Future<Output = Result<Held, PartnerError>> + Send;

    /// Takes `amount` of a hold; with `last`, lets go of the rest.
    fn capture(
        &self,
        reference: &str,
        amount: Money,
        last: bool,
        key: &str,
    ) -> impl Future<Output = Result<Held, PartnerError>> + Send;

    /// Lets go of a hold. Let go before: done.
    fn void(&self, reference: &str, key: &str) -> impl Future<Output = Result<(), PartnerError>> + Send;
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
