//! The messages about goods, and the end of an order, as the customer gets them.

use jiff::SignedDuration;
use serde_json::json;
use waybill_domain::catalog::Store;
use waybill_domain::order::{Actor, CancelReason, Decided, NewHold, Order, PickedLine, Tender};
use waybill_domain::ports::Mail;
use waybill_domain::relay::Notice;
use waybill_domain::routing::Share;
use waybill_testkit::{Step, first_of, id, order_at, placed, tenant};

fn store() -> Store {
    serde_json::from_value(json!({"id": "demo", "name": "Demo Store", "currencies": ["USD"]})).unwrap()
}

pub fn rendered(order: &Order, notice: Notice) -> Mail {
    notify::render(order, notice, Some(&store())).unwrap()
}

pub fn step(order: &Order, decided: Decided) -> Order {
    let at = order.changed_at + SignedDuration::from_secs(1);
    order.record(decided.unwrap().unwrap(), at, Actor("test".to_owned()), None).0
}

pub fn cancelled(order: &Order, reason: CancelReason) -> Order {
    step(order, order.decide_cancelled(reason, "internal: box 7 was dropped".to_owned()))
}

/// Both lines, from two sites; of the first only half was found.
fn in_two_parts() -> Order {
    let order = order_at(Step::Authorized);
    let share = |site: &str, line, quantity| Share { site: id(site), line, quantity, stows: Vec::new() };
    let order = step(&order, order.decide_routed(&[share("reno", 0, 2), share("columbus", 1, 1)]));
    let order = step(&order, order.decide_picked(1, vec![PickedLine { line: 1, picked: 1 }]));
    let label = order_at(Step::Labeled).fulfillment(1).unwrap().shipment.as_ref().unwrap().label.clone();
    step(&order, order.decide_labeled(1, label))
}

const SHIPPED: Notice = Notice::Shipped { fulfillment: 1 };
const DELIVERED: Notice = Notice::Delivered { fulfillment: 1 };

fn all_four() -> [(&'static str, Mail); 4] {
    [
        ("order_confirmed", rendered(&order_at(Step::Placed), Notice::OrderConfirmed)),
        ("shipped", rendered(&order_at(Step::Dispatched), SHIPPED)),
        ("delivered", rendered(&order_at(Step::Delivered), DELIVERED)),
        ("cancelled", rendered(&cancelled(&order_at(Step::Routed), CancelReason::Customer), Notice::Cancelled)),
    ]
}

#[test]
fn the_four_messages_read_like_this() {
    for (name, mail) in all_four() {
        let Mail { to, subject, text, html } = mail;
        insta::assert_snapshot!(name, format!("To: {to}\nSubject: {subject}\n\n{text}\n\n----\n{html}"));
    }
}

#[test]
fn a_part_of_an_order_is_called_a_part_and_names_only_what_is_in_it() {
    let Mail { text, subject, .. } = rendered(&in_two_parts(), SHIPPED);
    assert_eq!(subject, "A part of your order WEB-1001 is on its way");
    assert!(text.contains("a part of your order WEB-1001 is on its way"), "{text}");
    assert!(text.contains("1 x Enamel mug, blue") && !text.contains("T-shirt"), "{text}");
}

#[test]
fn a_cancelled_order_says_what_becomes_of_the_money_and_nothing_of_the_house() {
    use CancelReason::{Customer, Failure, Merchant, OutOfStock};
    let channel = |collected| {
        let mut body = placed();
        let reference = "450789469".to_owned();
        body.tenders[0].tender = Tender::Channel { reference: reference.clone().try_into().unwrap(), collected };
        let (order, _) = first_of(&tenant(), "channel", body);
        let hold = NewHold { amount: order.placed.total, reference, elevated_risk: false, expires_at: None };
        step(&order, order.decide_authorized(1, hold))
    };
    #[rustfmt::skip]
    let table = [
        (order_at(Step::Placed),     Customer,   "was cancelled: as you asked.",                           "You have not been charged."),
        (order_at(Step::Placed),     Merchant,   "was cancelled.",                                         "You have not been charged."),
        (order_at(Step::Authorized), Failure,    "was cancelled.",                                         "The 64.99 USD reserved on your means of payment is released"),
        (order_at(Step::Routed),     OutOfStock, "was cancelled: an item turned out to be unavailable.",   "The 64.99 USD reserved on your means of payment is released"),
        (channel(true),              Customer,   "was cancelled: as you asked.",                           "given back by the shop that took the payment"),
        (channel(false),             Customer,   "was cancelled: as you asked.",                           "given back by the shop that took the payment"),
    ];
    for (order, reason, said, money) in table {
        let Mail { text, .. } = rendered(&cancelled(&order, reason), Notice::Cancelled);
        assert!(text.contains(said) && text.contains(money), "{reason:?}: {text}");
        assert!(!text.contains("internal"), "{text}");
    }
}

#[test]
fn what_people_write_is_text_and_never_markup() {
    let mut body = placed();
    let name = "<script>alert(1)</script> & \"Co\"";
    body.customer.name = name.to_owned().try_into().unwrap();
    body.lines[0].title = "<img src=x onerror=alert(1)>".to_owned().try_into().unwrap();
    body.reference = Some("<b>'1'</b>".to_owned().try_into().unwrap());
    let (order, _) = first_of(&tenant(), "k", body);
    let mut store = store();
    store.name = "A & <i>B</i>".to_owned().try_into().unwrap();
    let Mail { text, html, .. } = notify::render(&order, Notice::OrderConfirmed, Some(&store)).unwrap();
    assert!(text.contains(name), "text is not HTML: {text}");
    for markup in ["<script", "<img", "<b>", "<i>"] {
        assert!(!html.contains(markup), "{markup} in {html}");
    }
    assert!(html.contains("&lt;script&gt;") && html.contains("A &amp; &lt;i&gt;B"), "{html}");
}

#[test]
fn what_people_write_is_not_run_as_a_template() {
    let mut body = placed();
    body.customer.name = "{{ total }}{% raw %}".to_owned().try_into().unwrap();
    let (order, _) = first_of(&tenant(), "k", body);
    assert!(rendered(&order, Notice::OrderConfirmed).text.starts_with("Hello {{ total }}{% raw %},"));
}

#[test]
fn nothing_of_a_template_is_left_in_a_message() {
    for (name, Mail { subject, text, html, .. }) in all_four() {
        for part in [&subject, &text, &html] {
            let leftover = ["{{", "}}", "{%", "%}", "undefined", "none"].into_iter().find(|mark| part.contains(mark));
            assert_eq!(leftover, None, "{name}: {part}");
        }
        assert!(!text.contains("\n\n\n") && subject.lines().count() == 1, "{name}: {text}");
    }
}

#[test]
fn a_message_about_a_shipment_that_is_not_there_is_an_error() {
    assert!(notify::render(&order_at(Step::Placed), SHIPPED, None).is_err());
    assert!(notify::render(&order_at(Step::Picked), DELIVERED, None).is_err(), "no label, no shipment");
}
