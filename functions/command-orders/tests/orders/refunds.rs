//! Refunds: what the preview said, once per key, and never more than there is.

use crate::scene::{Scene, scene, scene_of};
use serde_json::{Value, json};
use waybill_domain::order::PartStatus;
use waybill_domain::relay::{Effect, effects};
use waybill_testkit::{Step, Trouble, World, block_on, card, placed, usd, with_tenders};

fn money(minor: i64) -> Value {
    json!({"minor": minor, "currency": "USD"})
}

/// A mug of line 1.
fn a_mug() -> Value {
    json!({"lines": [{"line": 1, "quantity": 1}], "reason": "chipped"})
}

fn with_total(mut wish: Value, minor: i64) -> Value {
    wish["total"] = money(minor);
    wish
}

fn refunds(scene: &Scene) -> usize {
    scene.order().payment.refunds.len()
}

#[tokio::test]
async fn what_the_preview_says_is_what_the_refund_comes_to_and_a_preview_changes_nothing() {
    let scene = scene(Step::Captured).await;
    let before = scene.order();
    let preview = scene.say("desk", "", "refunds/preview", &a_mug()).await;
    assert_eq!((preview.status, scene.order()), (200, before));
    let said = preview.json();
    assert_eq!((&said["refund"]["total"], &said["refund"]["goods"]), (&money(1_800), &money(1_800)));
    assert_eq!(said["refund"]["parts"], json!([{"tender": 1, "amount": money(1_800), "status": "preview"}]));
    assert_eq!((said["refund"]["number"].clone(), said["refund"]["status"].as_str()), (Value::Null, Some("preview")));

    let refund = scene.say("desk", "k1", "refunds", &with_total(a_mug(), 1_800)).await;
    assert_eq!(refund.status, 201, "{}", refund.body);
    let told = refund.json();
    assert_eq!(
        (told["id"].as_str(), told["version"].as_u64()),
        (Some(scene.id.as_str()), Some(u64::from(scene.order().version)))
    );
    assert_eq!((told["refund"]["number"].as_u64(), told["refund"]["status"].as_str()), (Some(1), Some("requested")));
    for field in ["total", "goods", "tax", "shipping_and_discounts", "goodwill", "overcharge"] {
        assert_eq!(told["refund"][field], said["refund"][field], "{field}");
    }
    let order = scene.order();
    assert_eq!((order.payment.refunded(), order.payment.captured()), (usd(1_800), usd(6_499)));
    let last = order.history().last().unwrap();
    assert_eq!(effects(&last.event), [Effect::Refund { number: 1, attempt: 0 }], "it is on its way");
    assert!(order.proof().unwrap().holds(), "{:?}", order.proof().unwrap().differences());
}

#[tokio::test]
async fn the_same_refund_again_gets_the_same_bytes_and_gives_nothing_back_twice() {
    let scene = scene(Step::Captured).await;
    let first = scene.say("desk", "k1", "refunds", &with_total(a_mug(), 1_800)).await;
    scene.stage(|order| order.decide_refunded(1, 1, "re_1".to_owned())).await;
    assert_eq!(scene.say("desk", "k1", "refunds", &with_total(a_mug(), 1_800)).await, first);
    assert_eq!(refunds(&scene), 1);
    // Another body under the key, however small the difference, is another call.
    let other = with_total(json!({"lines": [{"line": 1, "quantity": 1}], "reason": "scratched"}), 1_800);
    assert_eq!(scene.say("desk", "k1", "refunds", &other).await.problem(), (422, "idempotency-key-reused".to_owned()));
    assert_eq!(refunds(&scene), 1);
    assert_eq!(scene.say("desk", "k2", "refunds", &with_total(a_mug(), 1_800)).await.status, 201, "the second mug");
    let third = scene.say("desk", "k3", "refunds", &with_total(a_mug(), 1_800)).await;
    assert_eq!(third.problem(), (422, "/lines/0/quantity".to_owned()), "there were two");
}

#[test]
fn of_fifty_clicks_at_once_one_refund_comes_and_every_click_gets_its_answer() {
    let scene = block_on(scene(Step::Captured));
    let body = with_total(a_mug(), 1_800);
    let click = || block_on(scene.say("desk", "k1", "refunds", &body));
    let answers: Vec<_> = std::thread::scope(|scope| {
        let clicks: Vec<_> = (0..50).map(|_| scope.spawn(click)).collect();
        clicks.into_iter().map(|click| click.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.status == 201), "{answers:?}");
    assert_eq!((refunds(&scene), scene.order().payment.refunded()), (1, usd(1_800)));
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_is_answered_and_not_repeated() {
    let scene = scene(Step::Captured).await;
    scene.world.faults.fail_next("orders.commit", Trouble::AnswerLost);
    assert_eq!(scene.say("desk", "k1", "refunds", &with_total(a_mug(), 1_800)).await.status, 503);
    assert_eq!(scene.say("desk", "k1", "refunds", &with_total(a_mug(), 1_800)).await.status, 201);
    assert_eq!(refunds(&scene), 1);
}

#[tokio::test]
async fn a_whole_order_goes_back_to_its_tenders_the_one_used_last_first() {
    let placed = with_tenders(placed(), vec![(card(), 2_000), (card(), 4_499)]);
    let scene = scene_of(World::seeded(), placed, Step::Captured).await;
    let all = json!({"lines": [{"line": 1, "quantity": 2}, {"line": 2, "quantity": 1}], "shipping": money(499), "reason": "lost"});
    let refund = scene.say("chief", "k1", "refunds", &with_total(all, 6_499)).await.json();
    let parts = [(2, 4_499), (1, 2_000)]
        .map(|(tender, minor)| json!({"tender": tender, "amount": money(minor), "status": "requested"}));
    assert_eq!(refund["refund"]["parts"], json!(parts));
    assert_eq!(refund["refund"]["shipping_and_discounts"], money(499));
    let more = with_total(json!({"goodwill": money(1), "reason": "sorry"}), 1);
    assert_eq!(
        scene.say("chief", "k2", "refunds", &more).await.problem(),
        (409, "not-allowed-now".to_owned()),
        "nothing is left"
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_refund_is_named_and_nothing_moves() {
    let scene = scene(Step::Captured).await;
    let lines = |lines: Value| json!({"lines": lines, "reason": "r"});
    let one = |name: &str, amount: Value| json!({name: amount, "reason": "r"});
    let foreign = json!({"minor": 100, "currency": "EUR"});
    #[rustfmt::skip]
    let table = [
        (one("shipping", foreign.clone()),                                     422, "/shipping/currency"),
        (one("goodwill", foreign.clone()),                                     422, "/goodwill/currency"),
        (one("shipping", money(0)),                                            422, "/shipping/minor"),
        (one("goodwill", money(0)),                                            422, "/goodwill/minor"),
        (one("goodwill", money(-1)),                                           422, "/goodwill/minor"),
        (one("goodwill", json!({"minor": 1.5, "currency": "USD"})),            422, "/goodwill/minor"),
        (one("goodwill", json!({"minor": 100.0, "currency": "USD"})),          422, "/goodwill/minor"),
        (one("goodwill", json!({"minor": "100", "currency": "USD"})),          422, "/goodwill/minor"),
        (one("goodwill", json!({"minor": 100, "currency": "XXQ"})),            422, "/goodwill/currency"),
        (one("goodwill", json!({"minor": 100})),                               422, "/goodwill"),
        (one("goodwill", money(i64::MAX)),                                     409, "not-allowed-now"),
        (one("goodwill", money(6_500)),                                        409, "not-allowed-now"),
        (one("shipping", money(500)),                                          422, "/shipping/minor"),
        (lines(json!([{"line": 1, "quantity": 3}])),                           422, "/lines/0/quantity"),
        (lines(json!([{"line": 1, "quantity": 0}])),                           422, "/lines/0/quantity"),
        (lines(json!([{"line": 1, "quantity": -1}])),                          422, "/lines/0/quantity"),
        (lines(json!([{"line": 9, "quantity": 1}])),                           422, "/lines/0/line"),
        (lines(json!([{"line": 1, "quantity": 1}, {"line": 1, "quantity": 1}])), 422, "/lines/1/line"),
        (lines(json!([{"line": 1, "quantity": 1, "sku": "MUG-BLUE"}])),        422, "/lines/0/sku"),
        (json!({"lines": [], "reason": "r"}),                                  422, ""),
        (json!({"overcharge": true, "reason": "r"}),                           422, ""),
        (json!({"goodwill": money(100), "reason": " "}),                       422, "/reason"),
        (json!({"goodwill": money(100), "reason": "x".repeat(201)}),           422, "/reason"),
        (json!({"goodwill": money(100)}),                                      422, ""),
        (json!({"goodwill": money(100), "reason": "r", "more": 1}),            422, "/more"),
    ];
    let before = scene.order();
    for (wish, status, at) in table {
        let wanted = (status, at.to_owned());
        assert_eq!(scene.say("desk", "k", "refunds/preview", &wish).await.problem(), wanted, "preview {wish}");
        let refund = scene.say("desk", "k", "refunds", &with_total(wish.clone(), 100)).await;
        assert_eq!(refund.problem(), wanted, "{wish}");
    }
    let goodwill = one("goodwill", money(100));
    #[rustfmt::skip]
    let totals = [
        (goodwill.clone(),                                                     422, ""),
        (with_total(goodwill.clone(), 99),                                     422, "/total"),
        (with_total(goodwill.clone(), -100),                                   422, "/total"),
        (json!({"goodwill": money(100), "reason": "r", "total": foreign}),     422, "/total"),
        (json!({"goodwill": money(100), "reason": "r", "total": {"minor": 100.0, "currency": "USD"}}), 422, "/total/minor"),
    ];
    for (body, status, at) in totals {
        assert_eq!(scene.say("desk", "k", "refunds", &body).await.problem(), (status, at.to_owned()), "{body}");
    }
    assert_eq!(scene.order(), before);
}

#[tokio::test]
async fn what_has_not_left_is_not_refunded_but_called_off() {
    let scene = scene(Step::Authorized).await;
    let refused = scene.say("desk", "k1", "refunds", &with_total(a_mug(), 1_800)).await;
    assert_eq!(refused.problem(), (422, "/lines/0/quantity".to_owned()));
    let goodwill = with_total(json!({"goodwill": money(1), "reason": "sorry"}), 1);
    assert_eq!(
        scene.say("desk", "k2", "refunds", &goodwill).await.problem(),
        (409, "not-allowed-now".to_owned()),
        "nothing was taken"
    );
}

#[tokio::test]
async fn only_support_and_admins_give_money_back() {
    let scene = scene(Step::Captured).await;
    let before = scene.order();
    for client in ["shop", "floor"] {
        for (what, body) in
            [("refunds", with_total(a_mug(), 1_800)), ("refunds/preview", a_mug()), ("refunds/1/retry", json!({}))]
        {
            assert_eq!(
                scene.say(client, "k", what, &body).await.problem(),
                (403, "forbidden".to_owned()),
                "{client} {what}"
            );
        }
    }
    let theirs = scene.say("stranger", "k", "refunds", &with_total(a_mug(), 1_800)).await;
    assert_eq!(theirs.status, 403);
    assert_eq!(scene.order(), before);
}

#[tokio::test]
async fn what_failed_of_a_refund_is_tried_again_once_per_failure() {
    let scene = scene(Step::Captured).await;
    scene.say("desk", "k1", "refunds", &with_total(a_mug(), 1_800)).await;
    let early = scene.say("desk", "k2", "refunds/1/retry", &json!({})).await;
    assert_eq!(early.problem(), (409, "not-allowed-now".to_owned()), "it is under way");
    scene.stage(|order| order.decide_refund_failed(1, 1, String::new(), "expired_or_canceled_card".to_owned())).await;
    assert_eq!(scene.order().payment.refunded(), usd(0), "still owed, and with us");
    let again = scene.say("desk", "k3", "refunds/1/retry", &json!({})).await;
    assert_eq!((again.status, scene.say("desk", "k3", "refunds/1/retry", &json!({})).await), (200, again.clone()));
    let order = scene.order();
    let refund = &order.payment.refunds[0];
    assert_eq!((refund.attempt, &refund.parts[0].1, order.payment.refunded()), (1, &PartStatus::Requested, usd(1_800)));
    assert_eq!(effects(&order.history().last().unwrap().event), [Effect::Refund { number: 1, attempt: 1 }]);
    assert_eq!(scene.say("desk", "k4", "refunds/9/retry", &json!({})).await.problem(), (404, "not-found".to_owned()));
    assert_eq!(scene.say("desk", "k5", "refunds/x/retry", &json!({})).await.problem(), (404, "not-found".to_owned()));
    assert_eq!(
        scene.say("desk", "k6", "refunds/1/retry", &json!({"note": "x"})).await.problem(),
        (422, "/note".to_owned())
    );
}
