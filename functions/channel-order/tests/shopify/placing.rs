//! What is placed of a payload.

use crate::payload::{message, of_lines, sample, set, shopifys_own, with};
use channel_order::handle;
use serde_json::{Value, json};
use waybill_domain::catalog::Kind;
use waybill_domain::money::{Currency, Money};
use waybill_domain::order::{Event, Order, Part, Tender};
use waybill_testkit::{Trouble, World, at, block_on, tenant, usd};

fn place(world: &World, payload: &Value) -> Order {
    let id = block_on(handle(&world.orders, &world.catalog, &message(payload), at(0))).unwrap();
    world.memory.order(&tenant(), &id).unwrap()
}

#[test]
fn shopifys_own_example_becomes_three_lines_at_the_price_the_channel_charged() {
    let Some(payload) = shopifys_own() else { return };
    let order = place(&World::seeded(), &payload);
    let placed = &order.placed;
    let lines: Vec<_> = placed.lines.iter().map(|line| (line.sku.as_str(), line.quantity, line.unit_price)).collect();
    assert_eq!(
        lines,
        [("IPOD2008GREEN", 1, usd(19_900)), ("IPOD2008RED", 1, usd(19_900)), ("IPOD2008BLACK", 1, usd(19_900))]
    );
    assert_eq!((placed.total, placed.adjustment), (usd(40_994), usd(-19_900)));
    assert_eq!(placed.lines.iter().map(|line| line.tax.minor()).sum::<i64>(), 1_194);
    assert_eq!(placed.reference.as_ref().map(waybill_domain::text::Text::as_str), Some("#1001"));
    assert_eq!(
        (placed.customer.email.as_str(), placed.ship_to.city.as_str()),
        ("bob.norman@hostmail.com", "Louisville")
    );
    let reference = "450789469".to_owned().try_into().unwrap();
    let tender = Tender::Channel { reference, collected: false };
    assert_eq!(placed.tenders, [Part { number: 1, amount: placed.total, tender }]);
    // The difference is worth a look.
    let reasons: Vec<&str> = order.cases.iter().map(|case| case.case.reason.as_str()).collect();
    assert_eq!(reasons, ["the channel's total differs from its lines by -199.00 USD"]);
}

#[test]
fn a_payload_that_adds_up_needs_no_adjustment_and_nobodys_attention() {
    let order = place(&World::seeded(), &sample());
    let placed = &order.placed;
    assert_eq!((placed.total, placed.adjustment), (usd(4_968), usd(0)));
    assert_eq!(placed.computed_total(), Ok(usd(4_968)));
    assert!(order.cases.is_empty());
    assert_eq!((order.version, order.history()[0].actor.0.as_str()), (1, "channel:shopify-demo"));
}

#[test]
fn a_message_that_comes_twice_makes_one_order_and_reserves_once() {
    let world = World::seeded();
    let mut payload = sample();
    set(&mut payload, "/order/total_price", json!("48.68"));
    let first = place(&world, &payload);
    let counters = world.memory.counters();
    let again = place(&world, &payload);
    assert_eq!((again.version, &again), (2, &first), "placed, and one exception about the total");
    assert_eq!(world.memory.all_orders().len(), 1);
    assert_eq!(world.memory.counters(), counters);
}

#[test]
fn an_exception_that_was_lost_is_opened_when_the_message_comes_again() {
    let world = World::seeded();
    let payload = with("/order/total_price", json!("40.00"));
    world.faults.fail_nth("orders.commit", 2, Trouble::Unavailable);
    let lost = block_on(handle(&world.orders, &world.catalog, &message(&payload), at(0)));
    assert!(lost.is_err());
    assert_eq!(place(&world, &payload).cases.len(), 1);
    assert_eq!(world.faults.pending(), 0);
}

#[test]
fn the_same_number_of_another_channel_is_another_order() {
    let world = World::seeded();
    let channel = json!({"id": "shopify-b", "store": "demo", "format": "shopify", "settlement": "channel", "service": "standard"});
    world.catalog.keep(&tenant(), waybill_domain::catalog::Kind::Channel, "shopify-b", channel);
    let body = json!({"tenant": "acme", "channel": "shopify-b", "order": sample()}).to_string();
    let other = block_on(handle(&world.orders, &world.catalog, &body, at(0))).unwrap();
    assert_ne!(place(&world, &sample()).id, other);
    assert_eq!(world.memory.all_orders().len(), 2);
}

#[test]
fn an_order_may_come_bare_and_with_fields_we_do_not_know() {
    let mut bare = sample()["order"].take();
    bare["order_status_url"] = json!("https://example.com/secret");
    assert_eq!(place(&World::seeded(), &bare).placed.total, usd(4_968));
}

#[test]
fn money_that_was_collected_is_not_asked_for_again() {
    let order = place(&World::seeded(), &with("/order/financial_status", json!("paid")));
    assert!(matches!(order.placed.tenders[0].tender, Tender::Channel { collected: true, .. }));
}

#[test]
fn taxes_that_are_included_in_prices_are_not_added() {
    let mut payload = with("/order/taxes_included", json!(true));
    set(&mut payload, "/order/total_price", json!("46.80"));
    let placed = place(&World::seeded(), &payload).placed;
    assert_eq!((placed.adjustment, placed.computed_total()), (usd(0), Ok(usd(4_680))));
    let goods: i64 = placed.lines.iter().map(|line| line.goods().unwrap().minor()).sum();
    let tax: i64 = placed.lines.iter().map(|line| line.tax.minor()).sum();
    assert_eq!((goods, tax), (4_200 - 288, 288), "what is the authorities' is no revenue");
    // Shipping is taxed too: no price contains more than itself.
    set(&mut payload, "/order/id", json!(9_002));
    set(&mut payload, "/order/total_tax", json!("45.00"));
    let placed = place(&World::seeded(), &payload).placed;
    assert!(placed.lines.iter().all(|line| !line.goods().unwrap().is_negative()));
}

#[test]
fn amounts_have_the_digits_of_their_currency() {
    let world = World::seeded();
    let store = json!({"id": "demo", "name": "Demo", "currencies": ["USD", "JPY", "KWD"]});
    world.catalog.keep(&tenant(), waybill_domain::catalog::Kind::Store, "demo", store);
    let payload = |currency: &str, id: u64, price: &str| {
        let mut payload = of_lines(std::iter::once("MUG-BLUE".to_owned()));
        for (at, value) in
            [("currency", json!(currency)), ("id", json!(id)), ("total_price", json!(price)), ("total_tax", json!("0"))]
        {
            set(&mut payload, &format!("/order/{at}"), value);
        }
        set(&mut payload, "/order/shipping_lines", json!([]));
        set(&mut payload, "/order/line_items/0/price", json!(price));
        payload
    };
    let money = |minor, code: &str| Money::new(minor, Currency::try_from(code.to_owned()).unwrap());
    let table =
        [("JPY", 1, "1200", 1_200), ("JPY", 2, "1200.00", 1_200), ("KWD", 3, "1.205", 1_205), ("USD", 4, "1.2", 120)];
    for (currency, id, price, minor) in table {
        let placed = place(&world, &payload(currency, id, price)).placed;
        assert_eq!((placed.total, placed.adjustment.minor()), (money(minor, currency), 0), "{price} {currency}");
    }
}

#[test]
fn a_store_that_cannot_answer_now_is_no_refusal() {
    let world = World::seeded();
    for call in ["catalog.find", "orders.commit"] {
        world.faults.fail_next(call, Trouble::Unavailable);
        let outcome = block_on(handle(&world.orders, &world.catalog, &message(&sample()), at(0)));
        assert!(matches!(outcome, Err(channel_order::Refusal::Fault(_))), "{call}: {outcome:?}");
    }
    assert!(world.memory.all_orders().is_empty());
}

#[test]
fn the_first_event_carries_the_whole_order() {
    let order = place(&World::seeded(), &sample());
    let Event::Placed(body) = &order.history()[0].event else { panic!("no beginning") };
    assert_eq!(**body, order.placed);
}

#[test]
fn a_bundle_of_a_channel_is_ordered_as_its_parts_for_what_the_channel_charged() {
    let world = World::seeded();
    let alone = place(&World::seeded(), &sample());
    let sold = alone.placed.lines[0].clone();
    let item = |sku: &str, components: Value| {
        json!({"sku": sku, "title": sku, "length_mm": 1, "width_mm": 1, "height_mm": 1, "weight_grams": 1,
            "components": components})
    };
    let components = json!([{"sku": "IPOD2008RED", "quantity": 2}, {"sku": "IPOD2008BLACK", "quantity": 1}]);
    world.catalog.keep(&tenant(), Kind::Item, "SET", item("SET", components));
    let bundled = place(&world, &with("/order/line_items/0/sku", json!("SET")));
    let placed = &bundled.placed;
    assert_eq!((placed.total, placed.adjustment), (alone.placed.total, alone.placed.adjustment));
    let parts = &placed.lines[..2];
    let units: Vec<_> = parts.iter().map(|part| (part.sku.as_str(), part.quantity)).collect();
    assert_eq!(units, [("IPOD2008RED", 2 * sold.quantity), ("IPOD2008BLACK", sold.quantity)]);
    let charged: i64 = parts.iter().map(|part| part.charged().unwrap().minor()).sum();
    assert_eq!(charged, sold.charged().unwrap().minor());
    assert!(parts.iter().all(|part| part.part_of.as_ref().is_some_and(|bundle| bundle.line == 1)));
}
