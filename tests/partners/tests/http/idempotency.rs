//! Idempotency keys, as a caller who lost an answer uses them.

use crate::world::{AUTHORIZE, Answer, World, send, until};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

async fn keyed(world: &World, path: &str, form: &[(&str, &str)]) -> Answer {
    send(world.stripe(Method::POST, path).header("Idempotency-Key", "ord-1:authorize").form(form)).await
}

async fn intents(world: &World) -> usize {
    world.stripe_get("/_control/books").await.body["intents"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn the_same_request_again_is_answered_the_same_and_done_once() {
    let world = World::new().await;
    let first = keyed(&world, "/v1/payment_intents", &AUTHORIZE).await;
    let mut reordered = AUTHORIZE;
    reordered.reverse();
    let again = keyed(&world, "/v1/payment_intents", &reordered).await;
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), (None, Some("true")));
    assert_eq!(again.header("original-request"), first.header("request-id"));
    assert_eq!(intents(&world).await, 1);

    let counted = world.stripe_get("/_control/books").await;
    assert_eq!(
        counted.body["requests"]["POST /v1/payment_intents"],
        json!({"total": 2, "by_key": {"ord-1:authorize": 2}})
    );
}

#[tokio::test]
async fn a_key_with_other_parameters_or_on_another_path_is_refused() {
    let world = World::new().await;
    let first = keyed(&world, "/v1/payment_intents", &AUTHORIZE).await;
    let mut other = AUTHORIZE;
    other[0].1 = "1001";
    let refused = keyed(&world, "/v1/payment_intents", &other).await;
    assert_eq!(refused.stripe_error(), (400, "idempotency_error", "", ""));
    let capture = format!("/v1/payment_intents/{}/capture", first.text("/id"));
    assert_eq!(keyed(&world, &capture, &[]).await.stripe_error(), (400, "idempotency_error", "", ""));
    assert_eq!(intents(&world).await, 1);
    // The refusals did not take the key from its first request.
    assert_eq!(keyed(&world, "/v1/payment_intents", &AUTHORIZE).await.body, first.body);
}

#[tokio::test]
async fn a_decline_is_replayed_not_tried_again() {
    let world = World::new().await;
    let mut form = AUTHORIZE;
    form[2].1 = "pm_card_chargeDeclined";
    let first = keyed(&world, "/v1/payment_intents", &form).await;
    let again = keyed(&world, "/v1/payment_intents", &form).await;
    assert_eq!((first.status, again.status, &first.body), (402, 402, &again.body));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(intents(&world).await, 1);
}

#[tokio::test]
async fn parameters_that_were_refused_do_not_use_up_the_key() {
    let world = World::new().await;
    assert_eq!(keyed(&world, "/v1/payment_intents", &AUTHORIZE[1..]).await.status, 400);
    assert_eq!(keyed(&world, "/v1/payment_intents", &AUTHORIZE).await.status, 200);
}

#[tokio::test]
async fn a_500_is_replayed_under_its_key_for_a_day() {
    let world = World::new().await;
    let fault = json!({"path": "/v1/payment_intents", "method": "POST", "fault": "500"});
    send(world.stripe(Method::POST, "/_control/next").json(&fault)).await;
    for replayed in [None, Some("true")] {
        let failed = keyed(&world, "/v1/payment_intents", &AUTHORIZE).await;
        assert_eq!(failed.stripe_error(), (500, "api_error", "", ""));
        assert_eq!(failed.header("idempotent-replayed"), replayed);
    }
    assert_eq!(intents(&world).await, 0);
    world.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(keyed(&world, "/v1/payment_intents", &AUTHORIZE).await.status, 200);
}

#[tokio::test]
async fn a_key_in_use_is_a_409() {
    let world = World::new().await;
    let fault = json!({"path": "/v1/payment_intents", "fault": "slow", "millis": 2_000});
    send(world.stripe(Method::POST, "/_control/next").json(&fault)).await;
    let first = keyed(&world, "/v1/payment_intents", &AUTHORIZE);
    let second = async {
        until(|| world.books(), |books| !books["requests"]["POST /v1/payment_intents"].is_null()).await;
        keyed(&world, "/v1/payment_intents", &AUTHORIZE).await
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first.status, 200);
    assert_eq!(second.stripe_error(), (409, "idempotency_error", "idempotency_key_in_use", ""));
    assert_eq!(keyed(&world, "/v1/payment_intents", &AUTHORIZE).await.body, first.body);
    assert_eq!(intents(&world).await, 1);
}
