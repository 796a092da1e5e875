//! The shopper is back from 3-D Secure: one question per key, its answer byte for byte.

use crate::scene::{Scene, by, scene};
use serde_json::json;
use waybill_domain::order::Pending;
use waybill_testkit::{Trouble, block_on, card, usd};

/// The shopper was sent to 3-D Secure.
fn sent() -> (Scene, String) {
    let scene = scene(by("pm_card_authenticationRequired"));
    let order = block_on(scene.desk().authorize(scene.order.clone())).unwrap();
    let Some(Pending::Action { reference, .. }) = order.payment.tenders[0].pending.clone() else { panic!("no action") };
    (scene, reference)
}

#[test]
fn the_answer_says_how_the_payment_stands() {
    for (passed, tender, status) in [
        (None, "action_required", "none"),
        (Some(true), "authorized", "authorized"),
        (Some(false), "method_required", "failed"),
    ] {
        let (scene, reference) = sent();
        if let Some(passed) = passed {
            scene.world.processor.authenticate(&reference, passed).unwrap();
        }
        let answer = block_on(scene.refresh("shop", "k", ""));
        assert_eq!(answer.status, 200, "{}", answer.body);
        let json = answer.json();
        assert_eq!((&json["tender"]["status"], &json["payment_status"]), (&json!(tender), &json!(status)));
        assert_eq!((&json["id"], &json["version"]), (&json!(scene.order.id.as_str()), &json!(scene.now().version)));
        assert_eq!(json["tender"]["action_url"].is_string(), passed.is_none());
    }
}

#[test]
fn the_same_key_gets_the_same_answer_byte_for_byte_whatever_has_changed() {
    let (scene, reference) = sent();
    let first = block_on(scene.refresh("shop", "k", "{}"));
    scene.world.processor.authenticate(&reference, true).unwrap();
    assert_eq!(block_on(scene.refresh("shop", "k", "{}")).body, first.body);
    assert_eq!(block_on(scene.refresh("shop", "k", "")).status, 422);
    assert_eq!(block_on(scene.refresh("shop", "k2", "{}")).json()["tender"]["status"], json!("authorized"));
}

#[test]
fn fifty_at_once_have_one_effect_and_those_that_must_come_again_are_told_when() {
    let (scene, reference) = sent();
    scene.world.processor.authenticate(&reference, true).unwrap();
    let answers = block_on(futures::future::join_all((0..50).map(|_| scene.refresh("shop", "k", ""))));
    let done: Vec<&str> = answers.iter().filter(|answer| answer.status == 200).map(|one| one.body.as_str()).collect();
    assert!(!done.is_empty() && done.windows(2).all(|two| two[0] == two[1]));
    for busy in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!((busy.status, busy.headers["Retry-After"].to_str().unwrap()), (409, "5"));
    }
    assert_eq!(scene.world.faults.calls().iter().filter(|call| **call == "payment.look_up").count(), 1);
    assert_eq!(scene.count("payment_authorized"), 1);
}

#[test]
fn a_return_and_the_news_of_it_at_once_are_one_hold() {
    let (scene, reference) = sent();
    scene.world.processor.authenticate(&reference, true).unwrap();
    block_on(async {
        let event = scene.about_payment("evt_1", &reference);
        let _ = futures::join!(scene.refresh("shop", "k", ""), scene.arrives(&event), scene.refresh("shop", "l", ""));
    });
    assert_eq!(block_on(scene.refresh("shop", "m", "")).status, 200);
    assert_eq!(scene.count("payment_authorized"), 1);
    assert!(scene.now().payment.is_authorized() && scene.now().proof().unwrap().holds());
}

#[test]
fn a_call_that_failed_may_be_made_again_under_its_key() {
    let (scene, reference) = sent();
    scene.world.processor.authenticate(&reference, true).unwrap();
    scene.world.faults.fail_next("payment.look_up", Trouble::Unavailable);
    assert_eq!(block_on(scene.refresh("shop", "k", "")).status, 503);
    assert_eq!(block_on(scene.refresh("shop", "k", "")).status, 200);
}

#[test]
fn what_is_not_at_the_processor_is_a_conflict_and_what_is_not_there_is_unknown() {
    let scene = scene(card());
    assert_eq!(block_on(scene.refresh("shop", "k", "")).status, 409);
    scene.world.processor.confirmed("pi_cart", usd(5));
    assert_eq!(block_on(scene.refresh("stranger", "k", "")).status, 404);
    let path = |tender: &str| format!("/orders/{}/payments/{tender}/refresh", scene.order.id);
    for tender in ["2", "0", "x", "99999"] {
        assert_eq!(block_on(scene.refresh_of("shop", tender, "", &path(tender))).status, 404, "{tender}");
    }
    assert_eq!(block_on(scene.refresh_of("nobody", "k", "", &path("1"))).status, 401);
    assert_eq!(block_on(scene.refresh("shop", "k", r#"{"surprise":1}"#)).status, 422);
    assert_eq!(block_on(scene.refresh("shop", "", "")).status, 400);
}
