//! Orders to try commands on, made by the same commands that make real ones.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use waybill_domain::id::{OrderId, SiteId, Sku};
use waybill_domain::money::{Currency, Money};
use waybill_domain::order::{
    Actor, Decided, Label, Line, Order, Packing, PickedLine, Placed, Rejection, ShipmentStatus, Shipping, Tender,
};
use waybill_domain::routing::Share;
use waybill_domain::screening::Verdict;

/// When everything begins.
pub fn start() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

/// `hours` after the beginning.
pub fn after(hours: i64) -> Timestamp {
    start().checked_add(SignedDuration::from_hours(hours)).unwrap()
}

pub fn currency(code: &str) -> Currency {
    Currency::try_from(code.to_owned()).unwrap()
}

pub fn usd(minor: i64) -> Money {
    Money::new(minor, currency("USD"))
}

pub fn sku(text: &str) -> Sku {
    text.parse().unwrap()
}

pub fn site(text: &str) -> SiteId {
    text.parse().unwrap()
}

pub fn card() -> Tender {
    Tender::Card { method: "pm_card_visa".to_owned().try_into().unwrap() }
}

pub fn line(number: u16, sku_text: &str, quantity: u32, unit_price: Money) -> Line {
    let zero = Money::zero(unit_price.currency());
    let title = format!("Item {sku_text}").try_into().unwrap();
    Line { number, sku: sku(sku_text), title, quantity, unit_price, discount: zero, tax: zero }
}

/// An order's body of these lines, with nothing on top of them.
pub fn placed(lines: Vec<Line>, tender: Tender) -> Placed {
    let zero = Money::zero(lines[0].unit_price.currency());
    let mut placed = Placed {
        store: "demo".parse().unwrap(),
        channel: "api".parse().unwrap(),
        reference: Some("WEB-1".to_owned().try_into().unwrap()),
        customer: serde_json::from_value(json!({"email": "ada@example.com", "name": "Ada Example"})).unwrap(),
        ship_to: serde_json::from_value(json!({
            "name": "Ada Example", "line1": "92 Chestnut Street", "city": "Louisville", "postal_code": "40202", "country": "US"
        }))
        .unwrap(),
        lines,
        shipping: Shipping { service: "standard".to_owned().try_into().unwrap(), price: zero, tax: zero },
        discount: zero,
        adjustment: zero,
        total: zero,
        tender,
        promise: serde_json::from_value(json!({"ship_by": "2026-11-23", "deliver_by": "2026-11-30"})).unwrap(),
    };
    placed.total = placed.computed_total().unwrap();
    placed
}

/// The order this body begins.
pub fn begin(placed: Placed) -> Order {
    let tenant = "acme".parse().unwrap();
    let id = OrderId::derive(&tenant, "POST /orders", "k1");
    let first = placed.record(start(), Actor("client:shop".to_owned()), None).unwrap();
    Order::begin(tenant, id, first).unwrap()
}

/// The order after `decided`, an hour later.
pub fn step(order: &Order, decided: Decided) -> Order {
    let draft = decided.unwrap().unwrap();
    let at = order.changed_at.checked_add(SignedDuration::from_hours(1)).unwrap();
    order.record(draft, at, Actor("test".to_owned()), None).0
}

/// How a decision came out, in a word.
pub fn outcome(decided: &Decided) -> &'static str {
    match decided {
        Ok(Some(_)) => "recorded",
        Ok(None) => "again",
        Err(Rejection::Cancelled) => "refused",
        Err(Rejection::NotAllowed { .. }) => "not allowed",
        Err(Rejection::Unknown(_)) => "unknown",
        Err(Rejection::Invalid { .. }) => "invalid",
        Err(Rejection::Money(_)) => "money",
    }
}

pub fn packing() -> Packing {
    serde_json::from_value(
        json!({"carton": "BOX-S", "weight_grams": 500, "length_mm": 230, "width_mm": 160, "height_mm": 100}),
    )
    .unwrap()
}

pub fn label(number: u16) -> Label {
    Label {
        shipment: format!("shp_{number}"),
        carrier: "USPS".to_owned(),
        service: "GroundAdvantage".to_owned(),
        tracking_code: format!("TRACK{number}"),
        label_url: "https://example.com/label.png".to_owned(),
        cost: usd(499),
    }
}

/// Everything found.
pub fn all_found(order: &Order, number: u16) -> Vec<PickedLine> {
    let lines = &order.fulfillment(number).unwrap().lines;
    lines.iter().map(|line| PickedLine { line: line.line, picked: line.quantity }).collect()
}

/// Everything from one site.
pub fn one_site(order: &Order) -> Vec<Share> {
    let demand = order.demand().into_iter().enumerate();
    demand.map(|(line, (_, quantity))| Share { site: site("east"), line, quantity }).collect()
}

/// Each line from its own site.
pub fn site_per_line(order: &Order) -> Vec<Share> {
    let sites = ["east", "west", "north"];
    let demand = order.demand().into_iter().enumerate();
    demand.map(|(line, (_, quantity))| Share { site: site(sites[line % 3]), line, quantity }).collect()
}

/// Screened, its total held, and routed.
pub fn routed(order: &Order, shares: impl Fn(&Order) -> Vec<Share>) -> Order {
    let order = step(order, order.decide_screened(Verdict::Pass, vec![]));
    let order = step(&order, order.decide_authorized(order.placed.total, "pi_1".to_owned(), false));
    step(&order, order.decide_routed(&shares(&order)))
}

/// Fulfillment order `number` as far as it goes before the carrier has it.
pub fn labeled(order: &Order, number: u16) -> Order {
    let order = step(order, order.decide_picked(number, all_found(order, number)));
    let order = step(&order, order.decide_packed(number, packing()));
    step(&order, order.decide_labeled(number, label(number)))
}

/// Fulfillment order `number`, out of the house and paid.
pub fn dispatched(order: &Order, number: u16) -> Order {
    let order = labeled(order, number);
    let order = step(&order, order.decide_handed_over(number, "M-1".to_owned()));
    let order = step(&order, order.decide_dispatched(number));
    match order.capture_wanted(number).unwrap() {
        Some(due) => step(&order, order.decide_captured(Some(number), due, "pi_1".to_owned())),
        None => order,
    }
}

/// Fulfillment order `number`, at the door.
pub fn delivered(order: &Order, number: u16) -> Order {
    let order = dispatched(order, number);
    step(&order, order.decide_tracked(number, ShipmentStatus::Delivered, after(99)))
}
