//! The calls there are: of stores, staff, stations, partners and the workflow, each by the function's own `handle`.

use crate::ground::{Ground, order_of};
use crate::schedule::{Call, Said};
use command_orders::{Changed, Command};
use relay::{Change, Pace, Record, Relay, StreamEvent};
use serde_json::{Value, json};
use waybill_domain::catalog::{Client, Role};
use waybill_domain::id::{DocumentId, OrderId};
use waybill_domain::order::{
    Actor, CancelReason, Decided, Fulfillment, Order, Packing, PickedLine, RefundLine, RefundWish, ShipmentStatus, Wait,
};
use waybill_domain::ports::{Lists as _, Queue};
use waybill_domain::relay::{NoticeMessage, RefundMessage};
use waybill_domain::stock::filing::{Action, Ask, Line, Origin};
use waybill_domain::stock::{Counter, Reason, Shelf};
use waybill_gateways::payment_webhook::{About, PaymentNews};
use waybill_gateways::webhook::CarrierNews;
use waybill_lambda::Stage;
use waybill_lambda::filing::{Desk, Outcome};
use waybill_lambda::http::Caller;
use waybill_lambda::input::{OrderInput, OrderWait, PartInput, PartWait};
use waybill_testkit::{MemoryOrders, MemoryQueues, MemoryWorkflows, World, id, tenant};

fn caller(role: Role) -> Caller {
    let name = format!("{role:?}").to_lowercase();
    let store = (role == Role::Store).then(|| id("demo"));
    let client = Client { id: name.clone().try_into().unwrap(), tenant: tenant(), store, role };
    Caller { client, actor: format!("client:{name}") }
}

/// A store places an order.
pub fn place<'w>(ground: &'w Ground, key: &'static str, body: Value) -> Call<'w> {
    Box::pin(async move {
        let World { orders, stock, catalog, .. } = &ground.world;
        let (caller, body) = (caller(Role::Store), body.to_string());
        let placed = place_order::handle(orders, stock, catalog, &caller, key, body.as_bytes(), ground.now).await;
        Said::of_api(placed.map(|answer| answer.body))
    })
}

/// A command on an order.
fn command_on<'w>(
    ground: &'w Ground,
    order: OrderId,
    (role, route, key): (Role, String, &'static str),
    decide: impl Fn(&Order) -> Decided + 'w,
) -> Call<'w> {
    Box::pin(async move {
        let caller = caller(role);
        let call = command_orders::Call { caller: &caller, order: &order, route: &route, key, body: key.as_bytes() };
        let command = Command { decide, answer: Changed::answer };
        let answer = command_orders::handle(&ground.world.orders, &call, ground.now, &command).await;
        Said::of_api(answer.map(|answer| answer.body))
    })
}

/// A command on the order that matters, or on one of its parts.
pub fn command<'w>(
    ground: &'w Ground,
    role: Role,
    (route, key): (&str, &'static str),
    decide: impl Fn(&Order) -> Decided + 'w,
) -> Call<'w> {
    command_on(ground, ground.order.clone(), (role, route.to_owned(), key), decide)
}

/// The shopper calls the order off.
pub fn cancel(ground: &Ground) -> Call<'_> {
    command(ground, Role::Store, ("cancel", "c"), |order| {
        order.decide_cancelled(CancelReason::Customer, "changed my mind".to_owned())
    })
}

/// A pick in which so many units of the first line are not found.
pub fn pick<'w>(ground: &'w Ground, key: &'static str, part: u16, missing: u32) -> Call<'w> {
    let found = move |part: &Fulfillment| -> Vec<PickedLine> {
        let lines = part.lines.iter().enumerate();
        let missing = |index| if index == 0 { missing } else { 0 };
        lines.map(|(index, line)| PickedLine { line: line.line, picked: line.quantity - missing(index) }).collect()
    };
    command(ground, Role::Warehouse, (&format!("{part}/pick"), key), move |order| {
        let lines = order.fulfillment(part).map(found).unwrap_or_default();
        order.decide_picked(part, lines)
    })
}

/// A parcel is packed.
pub fn pack<'w>(ground: &'w Ground, key: &'static str, part: u16) -> Call<'w> {
    command(ground, Role::Warehouse, (&format!("{part}/pack"), key), move |order| {
        let packing =
            Packing { carton: id("BOX-M"), weight_grams: 1_400, length_mm: 310, width_mm: 230, height_mm: 150 };
        order.decide_packed(part, packing)
    })
}

/// A parcel goes to the carrier.
pub fn hand_over<'w>(ground: &'w Ground, key: &'static str, part: u16) -> Call<'w> {
    command(ground, Role::Warehouse, (&format!("{part}/hand-over"), key), move |order| {
        order.decide_handed_over(part, "M-1".to_owned())
    })
}

/// Staff refund so many units of the first line.
pub fn refund<'w>(ground: &'w Ground, key: &'static str, units: u32) -> Call<'w> {
    let lines = vec![RefundLine { line: 1, quantity: units }];
    let reason = "sent back".to_owned().try_into().unwrap();
    let wish = RefundWish { lines, shipping: None, goodwill: None, overcharge: false, reason };
    command(ground, Role::Support, ("refunds", key), move |order| order.decide_refund(&wish, None))
}

/// A stage of the workflow, as it is invoked for the order or for one of its parts.
pub fn stage(ground: &Ground, stage: Stage, part: u16) -> Call<'_> {
    Box::pin(async move {
        let World { orders, stock, catalog, processor, labels, .. } = &ground.world;
        let (now, order) = (ground.now, ground.order.clone());
        let whole = OrderInput { tenant: tenant(), order_id: order.clone() };
        let of_part = PartInput { tenant: tenant(), order_id: order.clone(), fulfillment: part };
        let task_token = format!("{}-token", stage.name());
        match stage {
            Stage::Screen => Said::of_stage(screen::handle(orders, catalog, whole, now).await),
            Stage::Authorize => Said::of_stage(Box::pin(authorize::handle(orders, processor, whole, now)).await),
            Stage::Route => Said::of_stage(route::handle(orders, stock, catalog, whole, now).await),
            Stage::Ship => {
                Said::of_stage(Box::pin(ship::handle(orders, processor, catalog, labels, of_part, now)).await)
            }
            Stage::Dispatch => Said::of_stage(Box::pin(dispatch::handle(orders, processor, of_part, now)).await),
            Stage::VoidLabel => Said::of_stage(void_label::handle(orders, labels, of_part, now).await),
            Stage::VoidPayment => Said::of_stage(Box::pin(void_payment::handle(orders, processor, whole, now)).await),
            Stage::ReleaseStock => Said::of_stage(release_stock::handle(orders, whole, now).await),
            Stage::Complete => {
                let input = OrderWait { tenant: tenant(), order_id: order, task_token };
                Said::of_stage(Box::pin(complete::handle(orders, processor, input, now)).await)
            }
            Stage::Pick => {
                let input = PartWait { tenant: tenant(), order_id: order, fulfillment: part, task_token };
                Said::of_stage(pick::handle(orders, input, now).await)
            }
            Stage::AwaitPayment
            | Stage::Review
            | Stage::AwaitStock
            | Stage::Pack
            | Stage::HandOver
            | Stage::OpenException
            | Stage::Abandon => Said::no("no pair invokes it"),
        }
    })
}

/// The carrier says how a parcel stands.
pub fn carrier(ground: &Ground, part: u16, status: ShipmentStatus) -> Call<'_> {
    Box::pin(async move {
        let order = ground.stored();
        let shipment = order.fulfillment(part).and_then(|part| part.shipment.as_ref());
        let tracking_code = shipment.map(|shipment| shipment.label.tracking_code.clone()).unwrap_or_default();
        let news = CarrierNews { tracking_code, status, seen_at: ground.now, event_id: format!("evt-{part}") };
        let heard = carrier_webhook::handle(&ground.world.orders, &tenant(), &news, ground.now).await;
        Said::of_api(heard.map(|id| id.to_string()))
    })
}

/// The processor says that something is new.
pub fn processor<'w>(ground: &'w Ground, event: &'static str, about: About) -> Call<'w> {
    Box::pin(async move {
        let World { orders, processor, .. } = &ground.world;
        let news = PaymentNews { event: event.to_owned(), about };
        let heard = Box::pin(payments::hear(orders, processor, &tenant(), &news, ground.now)).await;
        match heard {
            Ok(payments::Leased::Running) => Said { again: true, ..Said::no("running") },
            Ok(payments::Leased::Reused) => Said::no("reused"),
            Ok(payments::Leased::Now(_) | payments::Leased::Before { .. }) => Said::ok(""),
            Err(problem) => Said::of_api(Err(problem)),
        }
    })
}

/// The worker of refunds takes a message.
pub fn give_back(ground: &Ground, number: u16) -> Call<'_> {
    Box::pin(async move {
        let message = RefundMessage { tenant: tenant(), order_id: ground.order.clone(), refund: number, attempt: 0 };
        let body = serde_json::to_string(&message).unwrap();
        let World { orders, processor, .. } = &ground.world;
        Said::of_worker(refund::handle(orders, processor, &body, ground.now).await)
    })
}

/// The notifier takes a message.
pub fn tell(ground: &Ground, notice: waybill_domain::relay::Notice) -> Call<'_> {
    Box::pin(async move {
        let message = NoticeMessage { tenant: tenant(), order_id: ground.order.clone(), notice };
        let body = serde_json::to_string(&message).unwrap();
        let World { orders, catalog, mailer, .. } = &ground.world;
        Said::of_worker(notify::handle(orders, catalog, mailer, &body, ground.now).await)
    })
}

fn relay_of(world: &World) -> Relay<MemoryOrders, MemoryWorkflows, MemoryQueues> {
    let (orders, workflows, queues) = (world.orders.clone(), world.workflows.clone(), world.queues.clone());
    Relay { orders, workflows, queues, pace: Pace::new(u32::MAX, 1) }
}

/// The relay takes the record of the order's last event, or of a token kept for a wait.
pub fn relayed(ground: &Ground, token: Option<Wait>) -> Call<'_> {
    Box::pin(async move {
        let order = ground.stored();
        let pk = format!("T#{}#ORDER#{}", order.tenant, order.id);
        let (sk, image) = if let Some(wait) = token {
            (format!("TOKEN#{}#0", wait.key()), json!({}))
        } else {
            let last = order.history().last().unwrap();
            let body = serde_json::to_string(last).unwrap();
            (format!("EVENT#{:06}", last.version), json!({"body": {"S": body}}))
        };
        let keys = json!({"pk": {"S": pk}, "sk": {"S": sk}});
        let batch = StreamEvent { records: vec![Record { dynamodb: Change { keys, new_image: image } }] };
        Said::of_worker(relay::handle(&relay_of(&ground.world), batch).await)
    })
}

/// The sweeper comes.
pub fn sweep(ground: &Ground) -> Call<'_> {
    Box::pin(async move {
        let swept = sweep::handle(&relay_of(&ground.world), &ground.world.stock, ground.now).await;
        match swept {
            Ok(swept) if swept.failed > 0 => Said { again: true, ..Said::no("failed") },
            swept => Said::of_stage(swept),
        }
    })
}

/// The stock table's stream shows the item's counters as they are now.
pub fn fill<'w>(ground: &'w Ground, sku: &'static str) -> Call<'w> {
    Box::pin(async move {
        let counters = ground.world.memory.counters();
        let units = |counter| {
            let units = counters.get(&(tenant(), Shelf::network(id(sku)), counter)).copied().unwrap_or(0);
            json!({"N": units.to_string()})
        };
        let keys = json!({"pk": {"S": format!("T#{}#SKU#{sku}", tenant())}, "sk": {"S": "ATP"}});
        let new_image = json!({"available": units(Counter::Available), "fillable": units(Counter::Fillable)});
        let records = vec![fill_backorders::Record { dynamodb: fill_backorders::Change { keys, new_image } }];
        let World { orders, stock, .. } = &ground.world;
        let batch = fill_backorders::StreamEvent { records };
        Said::of_stage(fill_backorders::handle(orders, stock, batch, ground.now).await)
    })
}

/// Staff file a document.
pub fn file<'w>(ground: &'w Ground, key: &'static str, ask: Ask) -> Call<'w> {
    Box::pin(async move {
        let World { catalog, stock, .. } = &ground.world;
        let (tenant, actor) = (tenant(), Actor(format!("client:{key}")));
        let origin = Origin { id: DocumentId::derive(&tenant, "POST /stock", key), at: ground.now, actor };
        match (Desk { catalog, stock, tenant: &tenant }).file(&origin, &ask, |_| None).await {
            Ok(Outcome::Stored(document) | Outcome::Exists(document)) => Said::ok(format!("{:?}", document.movements)),
            Ok(Outcome::Refused(refusal)) => Said::no(format!("refused: {refusal}")),
            Ok(Outcome::Short(_)) => Said::no("short"),
            Ok(Outcome::Closed) => Said::no("closed"),
            Err(fault) => Said::of_worker::<()>(Err(fault)),
        }
    })
}

/// So many units were counted at Reno.
pub fn count(sku: &str, units: i64) -> Ask {
    Ask::Count { site: id("reno"), lines: vec![Line::new(id(sku), units)], write_off_held: false }
}

/// So many units are lost at Reno.
pub fn lose(sku: &str, units: i64) -> Ask {
    let line = Line { reason: Some(Reason::Loss), ..Line::new(id(sku), -units) };
    Ask::Adjust { site: id("reno"), action: Action::Adjust, note: None, lines: vec![line] }
}

/// So many are on hand at Reno.
pub fn set(sku: &str, on_hand: u32) -> Ask {
    Ask::SetOnHand { sku: id(sku), site: id("reno"), on_hand }
}

/// What a queue shows.
pub async fn listed(world: &World, queue: &Queue) -> Vec<(OrderId, u16)> {
    world.orders.work(&tenant(), queue, None, 100).await.map(|page| page.rows).unwrap_or_default()
}

/// Calls one after the other, as the workflow or a client makes them; the last answer counts, and the first that is no.
pub fn in_turn(calls: Vec<Call<'_>>) -> Call<'_> {
    Box::pin(async move {
        let mut last = Said::no("nothing to do");
        for call in calls {
            last = call.await;
            if !last.done {
                return last;
            }
        }
        last
    })
}

/// The order placed under `key` is called off, and its stock goes back.
pub fn cancel_and_release<'w>(ground: &'w Ground, key: &'static str) -> Call<'w> {
    let off = |order: &Order| order.decide_cancelled(CancelReason::Customer, "changed my mind".to_owned());
    let release = async move {
        let input = OrderInput { tenant: tenant(), order_id: order_of(key) };
        Said::of_stage(release_stock::handle(&ground.world.orders, input, ground.now).await)
    };
    in_turn(vec![command_on(ground, order_of(key), (Role::Store, "cancel".to_owned(), "c"), off), Box::pin(release)])
}
