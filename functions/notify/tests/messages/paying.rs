//! The messages about money: what they say, when they are still true, and that a second decline is told of too.

use crate::rendering::{cancelled, rendered, step};
use serde_json::json;
use waybill_domain::order::{AccountKind, CancelReason, NewHold, Order, RefundWish, Tender};
use waybill_domain::ports::{Commit, Mail, Orders};
use waybill_domain::relay::{Effect, Notice, NoticeMessage, effects};
use waybill_testkit::{
    Step, World, account, at, block_on, card, first_of, order_at, placed, story, tenant, usd, with_tenders,
};

fn declined(order: &Order, code: &str) -> Order {
    let effect = order.payment.tenders[0].authorize_effect();
    step(order, order.decide_declined(1, &effect, code.to_owned(), at(10)))
}

fn to_confirm(order: &Order, url: Option<&str>) -> Order {
    let effect = order.payment.tenders[0].authorize_effect();
    step(order, order.decide_action_required(1, &effect, "pi_1".to_owned(), url.map(str::to_owned), at(10)))
}

/// The message an order's last event asks for.
fn notice(order: &Order) -> Notice {
    let told = effects(&order.history().last().unwrap().event).into_iter().find_map(|effect| match effect {
        Effect::Notify(notice) => Some(notice),
        Effect::Start { .. } | Effect::Answer(_) | Effect::AnswerAll | Effect::Refund { .. } => None,
    });
    told.unwrap()
}

fn held(order: &Order) -> Order {
    let hold = NewHold { amount: usd(6_499), reference: "pi_2".to_owned(), elevated_risk: false, expires_at: None };
    step(order, order.decide_authorized(1, hold))
}

/// Paid with a tender, in full, then a mug given back.
fn refunded(tender: Tender) -> Order {
    let (order, _) = first_of(&tenant(), "k", with_tenders(placed(), vec![(tender, 6_499)]));
    let order = story(&order, Step::Captured).pop().unwrap().0;
    let wish: RefundWish =
        serde_json::from_value(json!({"lines": [{"line": 1, "quantity": 1}], "reason": "r"})).unwrap();
    let order = step(&order, order.decide_refund(&wish, None));
    step(&order, order.decide_refunded(1, 1, "re_1".to_owned()))
}

fn messages() -> [(&'static str, Mail); 5] {
    let order = order_at(Step::Screened);
    let said = |order: &Order| rendered(order, notice(order));
    [
        ("payment_retried", said(&declined(&order, "insufficient_funds"))),
        ("payment_failed", said(&declined(&order, "card_declined"))),
        ("action_required", said(&to_confirm(&order, Some("https://bank.example/3ds?a=1&b=2")))),
        ("action_required_without_address", said(&to_confirm(&order, None))),
        ("refunded", said(&refunded(card()))),
    ]
}

#[test]
fn the_messages_about_money_read_like_this() {
    for (name, mail) in messages() {
        let Mail { to, subject, text, html: _ } = mail;
        insta::assert_snapshot!(name, format!("To: {to}\nSubject: {subject}\n\n{text}"));
    }
}

#[test]
fn nothing_of_a_template_is_left_in_a_message_about_money() {
    for (name, Mail { subject, text, html, .. }) in messages() {
        for part in [&subject, &text, &html] {
            let leftover = ["{{", "}}", "{%", "%}", "undefined", "none"].into_iter().find(|mark| part.contains(mark));
            assert_eq!(leftover, None, "{name}: {part}");
        }
        assert!(!text.contains("\n\n\n") && subject.lines().count() == 1, "{name}: {text}");
        assert!(!text.contains("pm_card") && !text.contains("insufficient"), "{name}: {text}");
    }
}

#[test]
fn a_refund_says_where_the_money_is() {
    let of = |kind, name| Tender::Account(account(kind, name));
    let table = [
        (card(), "your bank may take a few days"),
        (of(AccountKind::GiftCard, "g1"), "on your gift card again"),
        (of(AccountKind::StoreCredit, "ada"), "store credit again"),
        (of(AccountKind::NetTerms, "company"), "taken off your invoice"),
    ];
    for (tender, said) in table {
        let order = refunded(tender);
        let Mail { text, .. } = rendered(&order, notice(&order));
        assert!(text.contains("18.00 USD of your order WEB-1001 was given back") && text.contains(said), "{text}");
    }
}

#[test]
fn an_order_paid_with_several_tenders_says_what_becomes_of_each_when_it_ends() {
    let gift = Tender::Account(account(AccountKind::GiftCard, "g1"));
    let terms = Tender::Account(account(AccountKind::NetTerms, "company"));
    let (order, _) =
        first_of(&tenant(), "k", with_tenders(placed(), vec![(gift, 1_000), (card(), 5_000), (terms, 499)]));
    let held = story(&order, Step::Authorized).pop().unwrap().0;
    let Mail { text, .. } = rendered(&cancelled(&held, CancelReason::Customer), Notice::Cancelled);
    for said in [
        "The 50.00 USD reserved on your means of payment is released",
        "The 10.00 USD of your gift card is available to you again.",
    ] {
        assert!(text.contains(said), "{text}");
    }
    assert!(!text.contains("4.99") && !text.contains("not been charged") && !text.contains("\n\n\n"), "{text}");
    let Mail { text, .. } = rendered(&cancelled(&order, CancelReason::Customer), Notice::Cancelled);
    assert!(text.contains("You have not been charged."), "{text}");
}

#[test]
fn what_was_taken_ahead_of_a_cancelled_order_is_said_to_come_back() {
    let order = held(&order_at(Step::Screened));
    let order = step(&order, order.decide_captured(1, None, usd(6_499), "pi_2", true));
    let Mail { text, .. } = rendered(&cancelled(&order, CancelReason::Customer), Notice::Cancelled);
    assert!(text.contains("The 64.99 USD you have paid is given back to you.") && !text.contains("released"), "{text}");
}

#[test]
fn every_decline_and_every_request_to_act_is_a_message_of_its_own() {
    let order = order_at(Step::Screened);
    let first = declined(&order, "insufficient_funds");
    let again = step(&first, first.decide_timer(at(3_700)));
    let second = declined(&again, "insufficient_funds");
    let other = step(&second, second.decide_method_named(1, card()));
    let third = declined(&other, "insufficient_funds");
    let other = step(&third, third.decide_method_named(1, card()));
    let asked = to_confirm(&other, None);
    let failed = step(&asked, asked.decide_action_failed("pi_1", "card_declined".to_owned(), at(4_000)));
    let other = step(&failed, failed.decide_method_named(1, card()));
    let asked_again = to_confirm(&other, None);
    let told = [&first, &second, &third, &asked, &failed, &asked_again].map(|order| notice(order).key());
    let distinct: std::collections::BTreeSet<&String> = told.iter().collect();
    assert_eq!(distinct.len(), told.len(), "{told:?}");
}

#[test]
fn a_message_is_true_as_long_as_what_it_tells_of_is_pending() {
    let order = order_at(Step::Screened);
    for pending in [declined(&order, "insufficient_funds"), declined(&order, "card_declined"), to_confirm(&order, None)]
    {
        let notice = notice(&pending);
        let renamed = step(&pending, pending.decide_method_named(1, card()));
        let table = [
            ("pending", pending.clone(), true),
            ("held after all", held(&pending), false),
            ("another card was named", renamed.clone(), false),
            ("declined anew", declined(&renamed, "card_declined"), false),
            ("cancelled", cancelled(&pending, CancelReason::Customer), false),
        ];
        for (what, order, is_current) in table {
            assert_eq!(notice.is_current(&order), is_current, "{notice:?}: {what}");
        }
    }
    let order = refunded(card());
    let failed = step(&order, order.decide_refund_failed(1, 1, "re_1".to_owned(), "lost_or_stolen_card".to_owned()));
    assert_eq!((notice(&order).is_current(&order), notice(&order).is_current(&failed)), (true, false));
}

#[test]
fn a_message_that_is_not_true_any_more_is_not_sent_and_not_missed() {
    let world = World::seeded();
    let (order, recorded) = first_of(&tenant(), "k", placed());
    block_on(world.orders.commit(Commit { before: None, after: &order, recorded: &recorded })).unwrap();
    let order = block_on(waybill_testkit::bring_to(&world.orders, order, Step::Screened)).unwrap();
    let store = |before: &Order, after: Order| {
        let commit = Commit { before: Some(before), after: &after, recorded: after.history().last().unwrap() };
        block_on(world.orders.commit(commit)).unwrap();
        after
    };
    let send = |notice: Notice| {
        let message = NoticeMessage { tenant: tenant(), order_id: order.id.clone(), notice };
        let body = serde_json::to_string(&message).unwrap();
        block_on(notify::handle(&world.orders, &world.catalog, &world.mailer, &body, at(100))).unwrap();
        world.mailer.sent().len()
    };
    let first = store(&order, declined(&order, "insufficient_funds"));
    assert_eq!((send(notice(&first)), send(notice(&first))), (1, 1), "once");
    let again = store(&first, step(&first, first.decide_timer(at(3_700))));
    let second = store(&again, declined(&again, "insufficient_funds"));
    assert_eq!(send(notice(&second)), 2, "the second decline is told of too");
    let other = store(&second, step(&second, second.decide_method_named(1, card())));
    let third = store(&other, declined(&other, "insufficient_funds"));
    store(&third, held(&third));
    assert_eq!(send(notice(&third)), 2, "the payment went through meanwhile");
}
