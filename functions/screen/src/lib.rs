#![doc = include_str!("../README.md")]

use jiff::Timestamp;
use waybill_domain::catalog::Policy;
use waybill_domain::ports::{Catalog, Orders};
use waybill_domain::screening::screen;
use waybill_lambda::input::{Done, OrderInput};
use waybill_lambda::{Fault, Halt, Stage, advance, load};

/// Applies the merchant's policy to the order.
///
/// # Errors
/// `Refused` when the policy rejects it, or it was cancelled unrouted; `Defect` when the tenant has no policy.
pub async fn handle(
    orders: &impl Orders,
    catalog: &impl Catalog,
    input: OrderInput,
    now: Timestamp,
) -> Result<Done, Halt> {
    let order = load(orders, &input.tenant, &input.order_id).await?;
    if order.screening.is_none() {
        let policy = catalog.find::<Policy>(&input.tenant, "default").await?;
        let policy = policy.ok_or_else(|| Fault::defect("the tenant has no policy `default`"))?;
        let (verdict, reasons) = screen(&order.placed, &policy);
        let actor = Stage::Screen.actor();
        let screened = |order: &waybill_domain::order::Order| order.decide_screened(verdict.clone(), reasons.clone());
        let order = advance(orders, order, &actor, now, screened).await?;
        return refuse_if_over(&order);
    }
    refuse_if_over(&order)
}

fn refuse_if_over(order: &waybill_domain::order::Order) -> Result<Done, Halt> {
    if order.ended_unrouted() { Err(Halt::Refused("the order is cancelled".to_owned())) } else { Ok(Done {}) }
}
