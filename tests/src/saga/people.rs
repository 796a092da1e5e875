//! Shoppers, staff, stations and the carrier, who act through the functions they have and repeat what was not answered.

use super::disturbance::Disturbance;
use super::execution::Surroundings as _;
use super::run::{Ground, TRIES};
use super::scenario::{CancelAt, Picks, Script};
use super::shuffled::News;
use super::{shopper, supply};
use serde_json::Value;
use waybill_domain::catalog::{Client, Role};
use waybill_domain::id::OrderId;
use waybill_domain::order::{
    CancelReason, CaseAction, Decided, Fulfillment, FulfillmentStatus, Order, Packing, PartStatus, PickedLine,
    ShipmentStatus,
};
use waybill_gateways::webhook::CarrierNews;
use waybill_lambda::http::{Caller, Problem};
use waybill_testkit::{World, at, block_on, id, tenant};

/// What people have done.
#[derive(Clone, Debug, Default)]
pub(super) struct Diary {
    /// Was the order called off, or tried to be: the HTTP status.
    pub called_off: Option<u16>,
    /// News the carrier sent: tracking code and status.
    news: Vec<(String, ShipmentStatus)>,
    /// Did the warehouse rest already?
    rested: bool,
    /// What the shopper has done about payments.
    pub shopper: shopper::Diary,
    /// What has happened to the stock besides.
    pub supply: supply::Diary,
    keys: usize,
    /// Commands that were refused and should not have been.
    pub turned_away: Vec<String>,
}

pub(super) fn caller(role: Role) -> Option<Caller> {
    let name = format!("{role:?}").to_lowercase();
    let store = (role == Role::Store).then(|| id("demo"));
    let client = Client { id: name.clone().try_into().ok()?, tenant: tenant(), store, role };
    Some(Caller { client, actor: format!("client:{name}") })
}

/// Worth another try?
pub(super) fn is_passing(problem: &Problem) -> bool {
    problem.status >= 500 || problem.detail.as_deref().is_some_and(|detail| detail.contains("repeat the call"))
}

/// Calls until it is answered.
fn answered<T>(call: impl Fn() -> Result<T, Problem>) -> Result<T, Problem> {
    let mut answer = call();
    for _ in 1..TRIES {
        match &answer {
            Err(problem) if is_passing(problem) => answer = call(),
            Ok(_) | Err(_) => break,
        }
    }
    answer
}

/// The store places the order.
pub(super) fn place(ground: &Ground, body: &Value) -> Result<OrderId, String> {
    let World { orders, stock, catalog, .. } = &ground.world;
    let store = caller(Role::Store).ok_or("no such client")?;
    let body = body.to_string();
    let call =
        || block_on(place_order::handle(orders, stock, catalog, &store, "K-1", body.as_bytes(), at(ground.clock)));
    let placed = answered(call).map_err(|problem| format!("{problem:?}"))?;
    if ground.disturbance != Disturbance::AllTwice {
        return Ok(placed.order);
    }
    // A client that repeats what it had an answer to gets the same bytes.
    match answered(call) {
        Ok(again) if again == placed => Ok(placed.order),
        other => Err(format!("placed again: {other:?}")),
    }
}

/// The channel's message is taken.
pub(super) fn import(ground: &Ground, body: &Value) -> Result<OrderId, String> {
    let World { orders, catalog, .. } = &ground.world;
    let body = body.to_string();
    let mut answer = Err(String::new());
    for _ in 0..TRIES {
        match block_on(channel_order::handle(orders, catalog, &body, at(ground.clock))) {
            Ok(order) => return Ok(order),
            Err(refusal) => answer = Err(format!("{refusal:?}")),
        }
    }
    answer
}

/// A command on the order, by somebody of that role.
pub(super) fn command(
    ground: &Ground,
    role: Role,
    key: &str,
    decide: impl Fn(&Order) -> Decided,
) -> Result<(), Problem> {
    let caller = caller(role).ok_or_else(Problem::unauthorized)?;
    let order = ground.order.clone().ok_or_else(Problem::unauthorized)?;
    let call = command_orders::Call { caller: &caller, order: &order, route: key, key, body: b"{}" };
    let command = command_orders::Command { decide, answer: command_orders::Changed::answer };
    let ask = || block_on(command_orders::handle(&ground.world.orders, &call, at(ground.clock), &command));
    answered(ask).map(|_| ())
}

/// The shopper calls the order off, whether that is still possible or not.
pub(super) fn call_off(ground: &mut Ground) {
    let asked = |order: &Order| order.decide_cancelled(CancelReason::Customer, "changed my mind".to_owned());
    // Too late is an answer, too.
    let _answer = command(ground, Role::Store, "cancel", asked);
}

/// Staff retry every exception that can be, and every refund that failed.
pub(super) fn retry_exceptions(ground: &mut Ground, diary: &mut Diary) {
    let Some(order) = ground.stored() else { return };
    let open = order.cases.iter().filter(|case| !case.resolved && case.case.actions.contains(&CaseAction::Retry));
    for number in open.map(|case| case.case.number) {
        diary.tell(ground, Role::Support, |order| order.decide_redriven(number));
    }
    for refund in &order.payment.refunds {
        if refund.parts.iter().any(|(_, status)| *status == PartStatus::Failed) {
            diary.tell(ground, Role::Support, |order| order.decide_refund_retried(refund.refund.number));
        }
    }
}

/// Somebody does the next thing there is to do. `false`: there is nothing.
pub(super) fn act(ground: &mut Ground, diary: &mut Diary, script: Script) -> bool {
    let Some(order) = ground.stored() else { return false };
    if diary.called_off.is_none() && is_time(script.cancel, &order) {
        let asked = |order: &Order| order.decide_cancelled(CancelReason::Customer, "changed my mind".to_owned());
        let answer = command(ground, Role::Store, "cancel", asked);
        diary.called_off = Some(answer.map_or_else(|problem| problem.status, |()| 200));
        return true;
    }
    if order.needs_review() && !order.is_cancelled() {
        diary.tell(ground, Role::Support, |order| order.decide_reviewed(script.approves, "looked at".to_owned()));
        return true;
    }
    let is_sold_out = script.supply == supply::Supply::SoldOut && supply::act(ground, diary, script, &order);
    if is_sold_out || shopper::act(ground, diary, script, &order) {
        return true;
    }
    if script.rest > 0 && !diary.rested && order.fulfillments.iter().any(|part| part.queue() == Some("pick")) {
        diary.rested = true;
        ground.pass(script.rest);
        return true;
    }
    for part in &order.fulfillments {
        let number = part.number;
        match part.queue() {
            Some("pick") => diary.tell(ground, Role::Warehouse, |o| o.decide_picked(number, found(part, script.picks))),
            Some("pack") => diary.tell(ground, Role::Warehouse, |o| o.decide_packed(number, packing())),
            Some("hand_over") => {
                if let Some(shipment) = &part.shipment {
                    ground.world.labels.scan(&shipment.label.tracking_code);
                }
                diary.tell(ground, Role::Warehouse, |o| o.decide_handed_over(number, "M-1".to_owned()));
            }
            Some(_) | None => continue,
        }
        return true;
    }
    order.fulfillments.iter().any(|part| diary.carry(ground, part)) || supply::act(ground, diary, script, &order)
}

fn is_time(cancel: Option<CancelAt>, order: &Order) -> bool {
    match cancel {
        None => false,
        Some(CancelAt::Once) => true,
        Some(CancelAt::Review) => order.needs_review(),
        Some(CancelAt::Stock) => order.waits_for_stock(),
        Some(CancelAt::Payment) => order.payment.is_pending(),
        Some(CancelAt::Part(status)) => order.fulfillments.iter().any(|part| part.status == status),
    }
}

fn found(part: &Fulfillment, picks: Picks) -> Vec<PickedLine> {
    let lines = part.lines.iter().enumerate();
    let found = lines.map(|(index, line)| {
        let picked = match picks {
            Picks::All => line.quantity,
            Picks::OneShort => line.quantity - u32::from(index == 0),
            Picks::NothingFirst if part.number > 1 => line.quantity,
            Picks::NothingFirst | Picks::Nothing => 0,
        };
        PickedLine { line: line.line, picked }
    });
    found.collect()
}

fn packing() -> Packing {
    Packing { carton: id("BOX-M"), weight_grams: 1_400, length_mm: 310, width_mm: 230, height_mm: 150 }
}

impl Diary {
    /// A command that is in order, under a key of its own.
    pub(super) fn tell(&mut self, ground: &Ground, role: Role, decide: impl Fn(&Order) -> Decided) {
        self.keys += 1;
        if let Err(problem) = command(ground, role, &format!("key-{}", self.keys), decide) {
            self.turned_away.push(format!("{problem:?}"));
        }
    }

    /// The carrier moves a parcel on and says so. News of one that is delivered or does not move are none.
    fn carry(&mut self, ground: &mut Ground, part: &Fulfillment) -> bool {
        let Some(shipment) = part.shipment.as_ref().filter(|_| part.status == FulfillmentStatus::HandedOver) else {
            return false;
        };
        let code = shipment.label.tracking_code.clone();
        let next = [ShipmentStatus::InTransit, ShipmentStatus::Delivered];
        let next = next.into_iter().find(|status| !self.news.contains(&(code.clone(), *status)));
        let Some(status) = next else { return false };
        self.news.push((code.clone(), status));
        let seen_at = at(ground.clock);
        let news = CarrierNews { tracking_code: code, status, seen_at, event_id: format!("evt-{}", self.news.len()) };
        if ground.is_shuffled() {
            ground.news.push(News::Carrier(news));
        } else {
            self.hear(ground, &news);
        }
        true
    }

    /// The carrier's news are taken.
    pub(super) fn hear(&mut self, ground: &Ground, news: &CarrierNews) {
        let hear = || block_on(carrier_webhook::handle(&ground.world.orders, &tenant(), news, at(ground.clock)));
        if let Err(problem) = answered(hear) {
            self.turned_away.push(format!("{problem:?}"));
        }
    }
}
