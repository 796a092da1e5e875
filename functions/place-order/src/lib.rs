#![doc = include_str!("../README.md")]

mod backorder;
mod confirmation;
mod route;
mod schema;

pub use confirmation::Confirmation;
pub use route::{Api, App, router};

use jiff::Timestamp;
use std::collections::BTreeSet;
use waybill_domain::catalog::Store;
use waybill_domain::id::{ChannelId, OrderId, Sku, StoreId, TenantId, digest_of};
use waybill_domain::order::{Actor, Cart, CartError, Event, Order, Placed, Recorded, RequestRecord};
use waybill_domain::ports::{Catalog, Commit, Committed, Orders, Stock};
use waybill_lambda::backorders::ATTEMPTS;
use waybill_lambda::http::{Caller, Problem, parse};
use waybill_lambda::{Fault, Terms};

/// The route keys are scoped to.
pub const ROUTE: &str = "POST /orders";

/// An answer: the order it is about and the bytes to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The order.
    pub order: OrderId,
    /// HTTP status.
    pub status: u16,
    /// JSON.
    pub body: String,
}

/// Places an order for `caller`, once per `key`. One request where everything is here; what is not is promised out of what is
/// expected, as far as the order and its items allow.
///
/// # Errors
/// A problem that names the field and the rule; nothing is stored then.
pub async fn handle(
    orders: &impl Orders,
    stock: &impl Stock,
    catalog: &impl Catalog,
    caller: &Caller,
    key: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<Answer, Problem> {
    let tenant = caller.tenant();
    let store = caller.client.store.clone().ok_or_else(|| Problem::forbidden("the client belongs to no store"))?;
    let id = OrderId::derive(tenant, ROUTE, key);
    let digest = digest_of(&[&String::from_utf8_lossy(body)]);
    let (mut placed, terms) = match price(catalog, caller, &store, body, now).await {
        Ok(priced) => priced,
        // What was placed under this key stays placed, whatever the catalog says by now.
        Err(problem) => return replay(orders, tenant, &id, &digest).await?.map_or(Err(problem), |known| known),
    };
    let mut short: BTreeSet<Sku> = BTreeSet::new();
    for _ in 0..ATTEMPTS {
        let (order, first, request) = first(tenant, &id, &placed, (caller, key, &digest), now)?;
        match orders.commit(Commit { before: None, after: &order, recorded: &first }).await? {
            Committed::Stored => return Ok(Answer { order: id, status: request.status, body: request.answer }),
            Committed::Exists(known) => return same_answer(&id, &known, &request.body),
            Committed::Short(skus) => short.extend(skus),
            // Money is asked for by the workflow, once the stock is held.
            Committed::Overdrawn(_) | Committed::Taken => {
                return Err(Fault::defect("a first event that moves money").into());
            }
        }
        backorder::promise_later(stock, &terms, tenant, &mut placed, &short, now).await?;
    }
    Err(out_of_stock(&short))
}

pub(crate) fn out_of_stock<'a>(skus: impl IntoIterator<Item = &'a Sku>) -> Problem {
    Problem::out_of_stock(&skus.into_iter().map(ToString::to_string).collect::<Vec<_>>())
}

/// The order, its first event, and the answer that every repetition of the call gets.
fn first(
    tenant: &TenantId,
    id: &OrderId,
    placed: &Placed,
    (caller, key, digest): (&Caller, &str, &str),
    now: Timestamp,
) -> Result<(Order, Recorded, RequestRecord), Problem> {
    let answer = Confirmation::new(id, placed, now).to_json();
    let request = RequestRecord { key: digest_of(&[ROUTE, key]), body: digest.to_owned(), status: 201, answer };
    let first = placed.clone().record(now, Actor(caller.actor.clone()), Some(request.clone()));
    let first = first.map_err(|error| Problem::invalid("", error.to_string()))?;
    let order = Order::begin(tenant.clone(), id.clone(), first.clone()).map_err(|e| Fault::Defect(e.into()))?;
    Ok((order, first, request))
}

async fn price(
    catalog: &impl Catalog,
    caller: &Caller,
    store: &StoreId,
    body: &[u8],
    now: Timestamp,
) -> Result<(Placed, Terms), Problem> {
    let cart: Cart = parse(body)?;
    // Which client acts for which store is the operator's doing: a store that is not there is nothing the caller can mend,
    // and no mistake of ours.
    let known = catalog.find::<Store>(caller.tenant(), store.as_str()).await?;
    if known.is_none() {
        return Err(Problem::forbidden("the client's store is not in the catalog"));
    }
    let terms = Terms::of(catalog, caller.tenant(), store, &cart.skus()).await?;
    let channel: ChannelId = "api".parse().map_err(|_| Fault::defect("the channel's name is illegal"))?;
    let (service, country) = (cart.shipping.service.clone(), cart.ship_to.country.clone());
    let priced = cart.price(&terms.seller(channel, service.as_str(), &country), now);
    let placed = priced.map_err(|error| match error {
        CartError::Field { pointer, rule } => Problem::invalid(pointer, rule),
        CartError::Money(error) => Problem::invalid("/lines", error.to_string()),
        CartError::NeverShips(error) => Fault::Defect(error.into()).into(),
    })?;
    Ok((placed, terms))
}

/// The answer given before under this key, if any.
async fn replay(
    orders: &impl Orders,
    tenant: &TenantId,
    id: &OrderId,
    digest: &str,
) -> Result<Option<Result<Answer, Problem>>, Problem> {
    let known = orders.load(tenant, id).await?;
    Ok(known.and_then(|order| order.history().first().map(|first| same_answer(id, first, digest))))
}

/// Same body: the same answer, byte for byte. Another: the key is taken.
fn same_answer(id: &OrderId, first: &Recorded, digest: &str) -> Result<Answer, Problem> {
    match (&first.event, &first.request) {
        (Event::Placed(_), Some(request)) if request.body == digest => {
            Ok(Answer { order: id.clone(), status: request.status, body: request.answer.clone() })
        }
        _ => Err(Problem::key_reused()),
    }
}
