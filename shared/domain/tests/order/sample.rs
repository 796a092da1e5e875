//! Orders to try commands on, made by the same commands that make real ones.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use waybill_domain::id::{OrderId, SiteId, Sku};
use waybill_domain::money::{Currency, Money};
use waybill_domain::order::{
    Account, AccountKind, Actor, Decided, Fill, Label, Line, NewHold, Order, Packing, Part, PickedLine, Placed,
    RefundLine, RefundWish, Rejection, ShipmentStatus, Shipping, Tender,
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

/// A card that was typed in once.
pub fn card() -> Tender {
    Tender::Card { method: "pm_card_visa".to_owned().try_into().unwrap(), customer: None, return_url: None }
}

/// The card a customer names instead.
pub fn other_card() -> Tender {
    Tender::Card { method: "pm_card_mastercard".to_owned().try_into().unwrap(), customer: None, return_url: None }
}

/// A payment the storefront has confirmed.
pub fn confirmed() -> Tender {
    Tender::Confirmed { reference: "pi_storefront".to_owned().try_into().unwrap() }
}

pub fn channel(collected: bool) -> Tender {
    Tender::Channel { reference: "450789469".to_owned().try_into().unwrap(), collected }
}

pub fn account(account: AccountKind) -> Tender {
    Tender::Account(Account { account, id: "A-1".parse().unwrap() })
}

pub fn line(number: u16, sku_text: &str, quantity: u32, unit_price: Money) -> Line {
    let zero = Money::zero(unit_price.currency());
    let title = format!("Item {sku_text}").try_into().unwrap();
    let (sku, taxes) = (sku(sku_text), Vec::new());
    let (tax_included, part_of, leave, backordered) = (false, None, 0, 0);
    Line {
        number,
        sku,
        title,
        quantity,
        unit_price,
        discount: zero,
        tax: zero,
        tax_included,
        taxes,
        part_of,
        leave,
        backordered,
    }
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
        shipping: Shipping {
            service: "standard".to_owned().try_into().unwrap(),
            price: zero,
            discount: zero,
            tax: zero,
            tax_included: false,
            taxes: Vec::new(),
        },
        discount: zero,
        adjustment: zero,
        total: zero,
        tenders: vec![Part { number: 1, amount: zero, tender }],
        promise: serde_json::from_value(json!({"ship_by": "2026-11-23", "deliver_by": "2026-11-30"})).unwrap(),
        fill: Fill::FillOrKill,
        reserve_minutes: None,
    };
    placed.total = placed.computed_total().unwrap();
    placed
}

/// The body, paid with these: each pays what is stated, and the last one the rest.
pub fn paid_with(mut body: Placed, first: &[(Tender, i64)], last: Tender) -> Placed {
    let stated = first.iter().map(|(_, minor)| minor).sum::<i64>();
    let all = first.iter().cloned().chain([(last, body.total.minor() - stated)]);
    let part = |(number, (tender, minor))| Part { number, amount: Money::new(minor, body.total.currency()), tender };
    body.tenders = (1..).zip(all).map(part).collect();
    body
}

/// The order this body begins. A single tender pays all of it.
pub fn begin(mut placed: Placed) -> Order {
    if let [only] = placed.tenders.as_mut_slice() {
        only.amount = placed.total;
    }
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
    demand.map(|(line, (_, quantity))| Share { site: site("east"), line, quantity, stows: Vec::new() }).collect()
}

/// Each line from its own site.
pub fn site_per_line(order: &Order) -> Vec<Share> {
    let sites = ["east", "west", "north"];
    let demand = order.demand().into_iter().enumerate();
    demand
        .map(|(line, (_, quantity))| Share { site: site(sites[line % 3]), line, quantity, stows: Vec::new() })
        .collect()
}

/// A hold of `amount` under `reference` that does not lapse.
pub fn hold(amount: Money, reference: &str) -> NewHold {
    NewHold { amount, reference: reference.to_owned(), elevated_risk: false, expires_at: None }
}

/// What the order wants held, under `pi_1` for its first tender.
pub fn authorized(order: &Order) -> Order {
    match order.to_authorize(order.changed_at).unwrap() {
        None => order.clone(),
        Some(wanted) => {
            let reference = format!("pi_{}", wanted.tender);
            authorized(&step(order, order.decide_authorized(wanted.tender, hold(wanted.amount, &reference))))
        }
    }
}

/// Screened, its total held, and routed.
pub fn routed(order: &Order, shares: impl Fn(&Order) -> Vec<Share>) -> Order {
    let order = authorized(&step(order, order.decide_screened(Verdict::Pass, vec![])));
    step(&order, order.decide_routed(&shares(&order)))
}

/// Fulfillment order `number` as far as it goes before the carrier has it.
pub fn labeled(order: &Order, number: u16) -> Order {
    picked_and_labeled(order, number, all_found(order, number))
}

/// The same, of what was found.
pub fn picked_and_labeled(order: &Order, number: u16, found: Vec<PickedLine>) -> Order {
    let order = step(order, order.decide_picked(number, found));
    let order = step(&order, order.decide_packed(number, packing()));
    step(&order, order.decide_labeled(number, label(number)))
}

/// Fulfillment order `number`, labeled, goes out of the house, and is paid.
pub fn left(order: &Order, number: u16) -> Order {
    let order = step(order, order.decide_handed_over(number, "M-1".to_owned()));
    let order = step(&order, order.decide_dispatched(number));
    captured(&order, number)
}

/// What fulfillment order `number` takes, taken.
pub fn captured(order: &Order, number: u16) -> Order {
    order.captures_wanted(number).unwrap().into_iter().fold(order.clone(), |order, (tender, amount)| {
        let reference = order.payment.tender(tender).and_then(|tender| tender.hold()).unwrap().reference.clone();
        step(
            &order,
            order.decide_captured(tender, Some(number), amount, &reference, order.is_last_capture(number, tender)),
        )
    })
}

/// Fulfillment order `number`, out of the house and paid.
pub fn dispatched(order: &Order, number: u16) -> Order {
    left(&labeled(order, number), number)
}

/// Fulfillment order `number`, at the door.
pub fn delivered(order: &Order, number: u16) -> Order {
    let order = dispatched(order, number);
    step(&order, order.decide_tracked(number, ShipmentStatus::Delivered, after(99)))
}

/// Every hold that is not needed, let go.
pub fn let_go(order: &Order) -> Order {
    let unneeded = order.unneeded_holds().unwrap();
    unneeded.iter().fold(order.clone(), |order, hold| step(&order, order.decide_voided(&hold.reference)))
}

/// A wish for units of lines, and nothing else.
pub fn units(lines: &[(u16, u32)]) -> RefundWish {
    let lines = lines.iter().map(|(line, quantity)| RefundLine { line: *line, quantity: *quantity }).collect();
    let reason = "asked for".to_owned().try_into().unwrap();
    RefundWish { lines, shipping: None, goodwill: None, overcharge: false, reason }
}

/// A wish for an amount, for goodwill.
pub fn goodwill(amount: Money) -> RefundWish {
    RefundWish { goodwill: Some(amount), ..units(&[]) }
}

/// What is asked for of every refund, given back under `re_{refund}_{part}_{attempt}`.
pub fn given_back(order: &Order) -> Order {
    let open = order.payment.refunds.iter().flat_map(|refund| {
        refund.requested().map(|part| (refund.refund.number, part.number, refund.attempt)).collect::<Vec<_>>()
    });
    open.fold(order.clone(), |order, (refund, part, attempt)| {
        step(&order, order.decide_refunded(refund, part, format!("re_{refund}_{part}_{attempt}")))
    })
}
