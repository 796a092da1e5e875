//! Cancelling, reviewing, settling exceptions; and whose orders they are.

use crate::scene::{pick, scene};
use serde_json::json;
use waybill_domain::order::CancelReason;
use waybill_domain::screening::Verdict;
use waybill_testkit::Step;

#[tokio::test]
async fn an_order_of_another_tenant_is_as_unknown_as_one_that_does_not_exist() {
    let scene = scene(Step::Routed).await;
    let before = scene.order();
    let theirs = scene.say("stranger", "k1", "fulfillments/1/pick", &pick(2, 1)).await;
    let nowhere = scene.send("floor", "k1", "/orders/ord-0/fulfillments/1/pick", pick(2, 1).to_string()).await;
    let no_id = scene.send("floor", "k1", "/orders/a%23b/cancel", json!({"reason": "no"}).to_string()).await;
    assert_eq!(theirs, nowhere);
    assert_eq!((theirs.problem(), no_id.problem()), ((404, "not-found".to_owned()), (404, "not-found".to_owned())));
    assert_eq!(scene.say("nobody", "k1", "cancel", &json!({"reason": "no"})).await.status, 401);
    assert_eq!(scene.order(), before);
}

#[tokio::test]
async fn who_cancels_is_who_is_named_for_it_and_the_second_time_is_no_event() {
    for (client, reason) in [("shop", CancelReason::Customer), ("desk", CancelReason::Merchant)] {
        let scene = scene(Step::Labeled).await;
        let first = scene.say(client, "k1", "cancel", &json!({"reason": "changed my mind"})).await;
        assert_eq!((first.status, first.json()["status"].as_str()), (200, Some("cancelled")));
        let order = scene.order();
        assert_eq!(order.cancelled.as_ref().map(|ended| ended.reason), Some(reason));
        assert_eq!(scene.say(client, "k1", "cancel", &json!({"reason": "changed my mind"})).await, first);
        assert_eq!(scene.say(client, "k2", "cancel", &json!({"reason": "again"})).await.status, 200);
        assert_eq!(scene.order(), order);
        let pick = scene.say("floor", "k1", "fulfillments/1/pick", &pick(2, 1)).await;
        assert_eq!(pick.problem(), (409, "not-allowed-now".to_owned()));
    }
}

#[tokio::test]
async fn a_review_is_decided_once() {
    let scene = scene(Step::Placed).await;
    scene.stage(|order| order.decide_screened(Verdict::Review, vec!["large".to_owned()])).await;
    let approve = json!({"decision": "approve", "note": "known customer"});
    let first = scene.say("desk", "k1", "review", &approve).await;
    assert_eq!((first.status, scene.say("desk", "k1", "review", &approve).await), (200, first.clone()));
    let reject = json!({"decision": "reject", "note": "no"});
    assert_eq!(scene.say("desk", "k2", "review", &reject).await.problem(), (409, "not-allowed-now".to_owned()));
    assert_eq!(scene.order().review, Some(true));
}

#[tokio::test]
async fn an_exception_is_settled_once_by_looking_or_by_running_again() {
    let scene = scene(Step::Routed).await;
    scene.stage(|order| order.decide_exception("pick", Some(1), "overdue", true)).await;
    scene.stage(|order| order.decide_exception("carrier", Some(1), "lost", false)).await;
    let note = json!({"note": "looked at it"});
    assert_eq!(
        scene.say("desk", "k1", "exceptions/2/retry", &note).await.problem(),
        (409, "not-allowed-now".to_owned())
    );
    assert_eq!(scene.say("desk", "k1", "exceptions/1/retry", &note).await.status, 200);
    assert_eq!(scene.say("desk", "k1", "exceptions/2/resolve", &note).await.status, 200);
    let order = scene.order();
    assert_eq!(order.attempt, 1);
    assert!(order.cases.iter().all(|case| case.resolved));
    assert_eq!(scene.say("desk", "k2", "exceptions/1/retry", &note).await.status, 200);
    assert_eq!(scene.order(), order, "settled before");
}
