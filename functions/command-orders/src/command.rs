//! One command on one order, once per key.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use waybill_domain::id::{OrderId, digest_of};
use waybill_domain::order::{Actor, Decided, Order, RequestRecord};
use waybill_domain::ports::{Commit, Committed, Orders, StoreError};
use waybill_lambda::Fault;
use waybill_lambda::http::{Caller, Problem};

/// How often a command is decided anew when somebody else was first.
const ATTEMPTS: u32 = 5;

/// A call: who, on which order, under which key, with which body.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// Who.
    pub caller: &'a Caller,
    /// Which order.
    pub order: &'a OrderId,
    /// The route with its parameters: keys are scoped to it.
    pub route: &'a str,
    /// Idempotency-Key.
    pub key: &'a str,
    /// The bytes sent.
    pub body: &'a [u8],
}

/// The order after a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Changed {
    /// The order.
    id: String,
    /// The number of its last event.
    version: u32,
    /// Order axis.
    status: &'static str,
    /// Payment axis.
    payment_status: &'static str,
    /// Fulfillment axis.
    fulfillment_status: &'static str,
}

impl From<&Order> for Changed {
    fn from(order: &Order) -> Self {
        let axes = order.axes();
        Self {
            id: order.id.to_string(),
            version: order.version,
            status: axes.order.name(),
            payment_status: axes.payment.name(),
            fulfillment_status: axes.fulfillment.name(),
        }
    }
}

/// HTTP status and body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON.
    pub body: String,
}

impl Answer {
    /// This status, and `body` as JSON.
    pub fn of(status: u16, body: &impl Serialize) -> Self {
        Self { status, body: serde_json::to_string(body).unwrap_or_default() }
    }
}

impl Changed {
    /// 200, and where the order stands.
    #[must_use]
    pub fn answer(order: &Order) -> Answer {
        Answer::of(200, &Self::from(order))
    }
}

/// What a call does to an order, and what it answers of the order after it.
#[derive(Clone, Copy, Debug)]
pub struct Command<D, A> {
    /// The next event.
    pub decide: D,
    /// The answer.
    pub answer: A,
}

/// Brings the order on by the event the command leads to. The answer is kept in the event, so that the same call again
/// gets it byte for byte; a command that was already carried out under another key answers the order as it stands.
///
/// # Errors
/// 404 for an unknown order or part; 409 when not allowed now, beyond what an account has available, or for a payment of
/// another order; 422 when the key was used with another body.
pub async fn handle(
    orders: &impl Orders,
    call: &Call<'_>,
    now: Timestamp,
    command: &Command<impl Fn(&Order) -> Decided, impl Fn(&Order) -> Answer>,
) -> Result<Answer, Problem> {
    let key = digest_of(&[call.route, call.key]);
    let body = digest_of(&[&String::from_utf8_lossy(call.body)]);
    for _ in 0..ATTEMPTS {
        let order = orders.load(call.caller.tenant(), call.order).await?;
        let order = order.ok_or_else(|| Problem::not_found("order"))?;
        if let Some(known) = order.request(&key) {
            let same = known.body == body;
            let answer = Answer { status: known.status, body: known.answer.clone() };
            return if same { Ok(answer) } else { Err(Problem::key_reused()) };
        }
        let Some(draft) = (command.decide)(&order)? else { return Ok((command.answer)(&order)) };
        let actor = Actor(call.caller.actor.clone());
        // What the order will be is what is answered: recorded once to know it, then for good.
        let (preview, _) = order.record(draft.clone(), now, actor.clone(), None);
        let Answer { status, body: said } = (command.answer)(&preview);
        let request = RequestRecord { key: key.clone(), body: body.clone(), status, answer: said.clone() };
        let (after, recorded) = order.record(draft, now, actor, Some(request));
        match orders.commit(Commit { before: Some(&order), after: &after, recorded: &recorded }).await {
            Ok(Committed::Stored) => return Ok(Answer { status, body: said }),
            Ok(Committed::Overdrawn(account)) => return Err(Problem::overdrawn(account.account)),
            Ok(Committed::Taken) => return Err(Problem::payment_taken()),
            Ok(Committed::Exists(_) | Committed::Short(_)) | Err(StoreError::Conflict) => {}
            Err(error @ (StoreError::Unavailable(_) | StoreError::Broken(_))) => return Err(error.into()),
        }
    }
    Err(Fault::from(StoreError::Conflict).into())
}
