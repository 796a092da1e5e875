//! The shopper is back from 3-D Secure, or somebody wants to know: the processor is asked how a tender stands.

use crate::lease::{Key, Leased, once};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use waybill_domain::id::{OrderId, digest_of};
use waybill_domain::order::{Order, Pending, TenderState};
use waybill_domain::ports::{Orders, PaymentProcessor, Requests};
use waybill_lambda::http::{Caller, Problem};
use waybill_payments::Desk;

/// A call: who, about which tender of which order, under which key, with which body.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// Who.
    pub caller: &'a Caller,
    /// Which order.
    pub order: &'a OrderId,
    /// Which of its tenders.
    pub tender: u16,
    /// The route with its parameters: keys are scoped to it.
    pub route: &'a str,
    /// Idempotency-Key.
    pub key: &'a str,
    /// The bytes sent.
    pub body: &'a [u8],
}

/// How an order's payment stands, by what the processor said just now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Refreshed {
    /// The order.
    id: String,
    /// The number of its last event.
    version: u32,
    /// Payment axis.
    payment_status: &'static str,
    /// The tender asked about.
    tender: RefreshedTender,
}

/// How a tender stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RefreshedTender {
    /// Its number.
    number: u16,
    /// `action_required`, `retry_scheduled`, `method_required`, `authorized`, `captured`, `declined` or `voided`.
    status: &'static str,
    /// Why it was declined last.
    #[serde(skip_serializing_if = "Option::is_none")]
    declined: Option<String>,
    /// Where the shopper acts.
    #[serde(skip_serializing_if = "Option::is_none")]
    action_url: Option<String>,
    /// When it is tried again, or the order ends otherwise, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

impl From<&TenderState> for RefreshedTender {
    fn from(tender: &TenderState) -> Self {
        let (status, action_url, until) = match &tender.pending {
            Some(Pending::Action { url, until, .. }) => ("action_required", url.clone(), Some(until)),
            Some(Pending::Retry { at }) => ("retry_scheduled", None, Some(at)),
            Some(Pending::Method { until }) => ("method_required", None, Some(until)),
            None if tender.hold().is_some() => ("authorized", None, None),
            None if tender.captured.minor() > 0 => ("captured", None, None),
            None if tender.declined.is_some() => ("declined", None, None),
            None => ("voided", None, None),
        };
        let (number, declined, until) = (tender.number, tender.declined.clone(), until.map(ToString::to_string));
        Self { number, status, declined, action_url, until }
    }
}

/// Asks the processor how a tender stands, and records it; once per key. Answers the JSON of [`Refreshed`].
///
/// # Errors
/// 404 for an unknown order or tender; 409 where nothing of the tender is at the processor.
pub async fn refresh(
    orders: &(impl Orders + Requests),
    processor: &impl PaymentProcessor,
    asked: &Asked<'_>,
    now: Timestamp,
) -> Result<Leased<String>, Problem> {
    let key = digest_of(&[asked.route, asked.key]);
    let body = digest_of(&[&String::from_utf8_lossy(asked.body)]);
    let call = Key { tenant: asked.caller.tenant(), digest: &key, body: &body };
    once(orders, call, now, ask(orders, processor, asked, now), Clone::clone).await
}

async fn ask(
    orders: &impl Orders,
    processor: &impl PaymentProcessor,
    asked: &Asked<'_>,
    now: Timestamp,
) -> Result<String, Problem> {
    let order = orders.load(asked.caller.tenant(), asked.order).await?;
    let order = order.ok_or_else(|| Problem::not_found("order"))?;
    let payment = at_the_processor(tender(&order, asked.tender)?)?;
    let desk = Desk { orders, processor, actor: asked.caller.actor.clone(), now };
    let order = desk.hear_payment(order, &payment).await?;
    let answer = Refreshed {
        id: order.id.to_string(),
        version: order.version,
        payment_status: order.axes().payment.name(),
        tender: tender(&order, asked.tender)?.into(),
    };
    serde_json::to_string(&answer).map_err(|error| waybill_lambda::Fault::Defect(error.into()).into())
}

fn tender(order: &Order, number: u16) -> Result<&TenderState, Problem> {
    order.payment.tender(number).ok_or_else(|| Problem::not_found("payment"))
}

/// The processor's id of what the tender waits for, or of its current hold.
fn at_the_processor(tender: &TenderState) -> Result<String, Problem> {
    let waits_for = match &tender.pending {
        Some(Pending::Action { reference, .. }) => Some(reference.clone()),
        Some(Pending::Retry { .. } | Pending::Method { .. }) | None => None,
    };
    let held = tender.hold().filter(|hold| tender.tender.is_processed() && !hold.amount.is_zero());
    let payment = waits_for.or_else(|| held.map(|hold| hold.reference.clone()));
    payment.ok_or_else(|| Problem::conflict("the payment waits for nothing at the processor"))
}
