//! Payments: another method for one that was declined, and invoices that are paid.

use crate::scene::{Scene, scene, scene_of};
use command_orders::{Answer, Call, Changed, Command, handle};
use serde_json::{Value, json};
use waybill_domain::order::{Account, AccountKind, NewHold, Order, Pending, RequestRecord, Tender};
use waybill_domain::ports::{Accounts, Adjusted, Adjustment};
use waybill_lambda::http::Caller;
use waybill_testkit::{Step, World, account, at, placed, tenant, usd, with_tenders};

fn money(minor: i64) -> Value {
    json!({"minor": minor, "currency": "USD"})
}

/// An order whose card was declined: the customer is to name another.
async fn declined() -> Scene {
    let scene = scene(Step::Screened).await;
    scene.stage(|order| order.decide_declined(1, "authorize-1-0", "card_declined".to_owned(), at(500))).await;
    assert!(matches!(scene.order().payment.tenders[0].pending, Some(Pending::Method { .. })));
    scene
}

fn company() -> Account {
    account(AccountKind::NetTerms, "company-7")
}

/// A world in which that company has 100.00 USD of credit.
async fn trusting() -> World {
    let world = World::seeded();
    let request = RequestRecord { key: "k".to_owned(), body: "b".to_owned(), status: 201, answer: "{}".to_owned() };
    let (reason, actor) = ("limit".to_owned(), "user:chief".to_owned());
    let adjustment = Adjustment { account: company(), amount: usd(10_000), reason, actor, request, at: at(0) };
    assert_eq!(world.orders.adjust(&tenant(), &adjustment).await.unwrap(), Adjusted::Stored);
    world
}

/// An order on net terms, shipped and invoiced.
async fn invoiced() -> Scene {
    let placed = with_tenders(placed(), vec![(Tender::Account(company()), 6_499)]);
    scene_of(trusting().await, placed, Step::Captured).await
}

#[tokio::test]
async fn another_card_takes_the_place_of_one_that_was_declined_once_per_key() {
    let scene = declined().await;
    let body = json!({"method": "pm_card_mastercard", "return_url": "https://shop.example/back"});
    let first = scene.say("shop", "k1", "payments/1/method", &body).await;
    assert_eq!(first.status, 200, "{}", first.body);
    let order = scene.order();
    let state = &order.payment.tenders[0];
    assert!(matches!(&state.tender, Tender::Card { method, .. } if method.as_str() == "pm_card_mastercard"));
    assert_eq!(
        (state.pending.as_ref(), order.to_authorize(at(600)).unwrap().map(|wanted| wanted.tender)),
        (None, Some(1))
    );
    assert_eq!(scene.say("shop", "k1", "payments/1/method", &body).await, first);
    let other = scene.say("shop", "k1", "payments/1/method", &json!({"method": "pm_other"})).await;
    assert_eq!(other.problem(), (422, "idempotency-key-reused".to_owned()));
    assert_eq!(scene.order(), order);
    assert!(!first.body.contains("pm_card"), "{}", first.body);
}

#[tokio::test]
async fn a_payment_the_storefront_has_confirmed_may_take_its_place() {
    let scene = declined().await;
    assert_eq!(scene.say("desk", "k1", "payments/1/method", &json!({"intent": "pi_9"})).await.status, 200);
    let order = scene.order();
    assert!(
        matches!(&order.payment.tenders[0].tender, Tender::Confirmed { reference } if reference.as_str() == "pi_9")
    );
}

#[tokio::test]
async fn a_method_that_is_none_is_named_and_changes_nothing() {
    let scene = declined().await;
    let before = scene.order();
    #[rustfmt::skip]
    let table = [
        ("1", json!({}),                                                           422, ""),
        ("1", json!({"method": "pm_1", "intent": "pi_1"}),                         422, ""),
        ("1", json!({"customer": "cus_1"}),                                        422, ""),
        ("1", json!({"intent": "pi_1", "customer": "cus_1"}),                      422, ""),
        ("1", json!({"method": "pm_1", "return_url": "http://shop.example/back"}), 422, "/return_url"),
        ("1", json!({"method": " "}),                                              422, "/method"),
        ("1", json!({"method": "x".repeat(129)}),                                  422, "/method"),
        ("1", json!({"method": "pm_1", "amount": money(1)}),                       422, "/amount"),
        ("1", json!({"gift_card": "ABC"}),                                         422, "/gift_card"),
        ("9", json!({"method": "pm_1"}),                                           404, "not-found"),
        ("x", json!({"method": "pm_1"}),                                           404, "not-found"),
    ];
    for (n, body, status, at) in table {
        let answer = scene.say("shop", "k", &format!("payments/{n}/method"), &body).await;
        assert_eq!(answer.problem(), (status, at.to_owned()), "{body}");
    }
    let floor = scene.say("floor", "k", "payments/1/method", &json!({"method": "pm_1"})).await;
    assert_eq!(floor.problem(), (403, "forbidden".to_owned()));
    assert_eq!(scene.order(), before);
}

#[tokio::test]
async fn a_payment_that_waits_for_nothing_keeps_its_method() {
    let scene = scene(Step::Authorized).await;
    let answer = scene.say("shop", "k", "payments/1/method", &json!({"method": "pm_1"})).await;
    assert_eq!(answer.problem(), (409, "not-allowed-now".to_owned()));
}

#[tokio::test]
async fn an_invoice_that_is_paid_frees_the_credit_once_per_key() {
    let scene = invoiced().await;
    let available = async || scene.world.orders.available(&tenant(), &company()).await.unwrap();
    assert_eq!((available().await, scene.order().payment.outstanding()), (vec![usd(3_501)], usd(6_499)));
    let body = json!({"amount": money(6_000), "reference": "BANK-1"});
    let first = scene.say("chief", "k1", "payments/1/paid", &body).await;
    assert_eq!(
        (first.status, scene.say("chief", "k1", "payments/1/paid", &body).await),
        (200, first.clone()),
        "{}",
        first.body
    );
    assert_eq!((available().await, scene.order().payment.outstanding()), (vec![usd(9_501)], usd(499)));
    assert!(scene.order().proof().unwrap().holds());
}

#[tokio::test]
async fn what_is_wrong_with_an_invoices_payment_is_named_and_nothing_moves() {
    let scene = invoiced().await;
    let before = scene.order();
    let paid = |amount: Value| json!({"amount": amount, "reference": "BANK-1"});
    #[rustfmt::skip]
    let table = [
        ("chief", "1", paid(money(6_500)),                                  409, "not-allowed-now"),
        ("chief", "1", paid(money(0)),                                      422, "/amount/minor"),
        ("chief", "1", paid(money(-1)),                                     422, "/amount/minor"),
        ("chief", "1", paid(json!({"minor": 1.5, "currency": "USD"})),      422, "/amount/minor"),
        ("chief", "1", paid(json!({"minor": 1, "currency": "EUR"})),        422, "/amount/currency"),
        ("chief", "1", json!({"amount": money(1)}),                         422, ""),
        ("chief", "1", json!({"amount": money(1), "reference": "r", "x": 1}), 422, "/x"),
        ("chief", "2", paid(money(1)),                                      404, "not-found"),
        ("desk",  "1", paid(money(1)),                                      403, "forbidden"),
        ("shop",  "1", paid(money(1)),                                      403, "forbidden"),
    ];
    for (client, n, body, status, at) in table {
        let answer = scene.say(client, "k", &format!("payments/{n}/paid"), &body).await;
        assert_eq!(answer.problem(), (status, at.to_owned()), "{client} {body}");
    }
    assert_eq!(scene.order(), before);
    let by_card = crate::scene::scene(Step::Captured).await;
    let answer = by_card.say("chief", "k", "payments/1/paid", &paid(money(1))).await;
    assert_eq!(answer.problem(), (409, "not-allowed-now".to_owned()), "a card is not invoiced");
}

#[tokio::test]
async fn a_command_beyond_what_an_account_has_is_a_conflict_and_stores_nothing() {
    let placed = with_tenders(placed(), vec![(Tender::Account(company()), 6_499)]);
    let scene = scene_of(World::seeded(), placed, Step::Screened).await;
    let client = serde_json::from_value(json!({"id": "desk", "tenant": "acme", "role": "support"})).unwrap();
    let caller = Caller { client, actor: "client:desk".to_owned() };
    let order = scene.order();
    let call = Call { caller: &caller, order: &order.id, route: "POST /test", key: "k", body: b"{}" };
    let hold = NewHold { amount: usd(6_499), reference: "draw".to_owned(), elevated_risk: false, expires_at: None };
    let decide = |order: &Order| order.decide_authorized(1, hold.clone());
    let refused: Result<Answer, _> =
        handle(&scene.world.orders, &call, at(500), &Command { decide, answer: Changed::answer }).await;
    let problem = refused.unwrap_err();
    assert_eq!((problem.status, problem.kind.as_str()), (409, "urn:waybill:problem:account-overdrawn"));
    assert_eq!(scene.order(), order);
}
