//! Who is let in: signed by the processor, now, about this tenant's money.

use crate::scene::{SECRETS, Scene, by, scene, seconds_now, signed};
use base64::Engine;
use payments::router;
use serde_json::json;
use tower::ServiceExt;
use waybill_testkit::block_on;

/// Its money is held at the processor, which nobody here has heard of.
fn held() -> (Scene, String) {
    let scene = scene(by("pm_card_visa"));
    scene.world.faults.fail_next("payment.authorize", waybill_testkit::Trouble::AnswerLost);
    assert!(block_on(scene.desk().authorize(scene.order.clone())).is_err());
    let body = scene.about_payment("evt_1", "pi_0001").to_string();
    (scene, body)
}

fn post(scene: &Scene, tenant: &str, signature: &str, body: &str) -> u16 {
    block_on(scene.posted(&format!("/webhooks/payment/{tenant}"), signature, body.to_owned())).status
}

#[test]
fn news_that_are_forged_old_or_unsigned_change_nothing() {
    let (scene, body) = held();
    let now = seconds_now();
    let raw = body.as_bytes();
    #[rustfmt::skip]
    let table = [
        ("forged",       signed("whsec_guess", now, raw)),
        ("old",          signed(SECRETS[0], now - 400, raw)),
        ("of the future", signed(SECRETS[0], now + 400, raw)),
        ("of another body", signed(SECRETS[0], now, b"{}")),
        ("of another form", "v1=00".to_owned()),
        ("empty",        String::new()),
    ];
    for (why, signature) in table {
        assert_eq!(post(&scene, "acme", &signature, &body), 401, "{why}");
    }
    assert_eq!(scene.now().version, 1);
}

#[test]
fn both_live_secrets_are_good_while_they_are_rotated() {
    for secret in SECRETS {
        let (scene, body) = held();
        assert_eq!(post(&scene, "acme", &signed(secret, seconds_now(), body.as_bytes()), &body), 200);
        assert_eq!(scene.count("payment_authorized"), 1);
    }
}

#[test]
fn another_tenants_news_are_unknown_and_change_nothing() {
    let (scene, body) = held();
    let signature = signed(SECRETS[0], seconds_now(), body.as_bytes());
    for tenant in ["other", "no such tenant"] {
        assert_eq!(post(&scene, &tenant.replace(' ', "%20"), &signature, &body), 404, "{tenant}");
    }
    assert_eq!(scene.now().version, 1);
    // And it is still news to whom it belongs.
    assert_eq!(post(&scene, "acme", &signature, &body), 200);
    assert_eq!(scene.count("payment_authorized"), 1);
}

#[test]
fn what_is_malformed_too_large_or_of_no_interest_is_told_apart() {
    let (scene, _) = held();
    let say = |body: &str| post(&scene, "acme", &signed(SECRETS[0], seconds_now(), body.as_bytes()), body);
    assert_eq!(say("{"), 400);
    assert_eq!(say(&" ".repeat(200 * 1024 + 1)), 413);
    assert_eq!(say(&json!({"id": "evt_9", "type": "customer.created"}).to_string()), 200);
    assert_eq!(scene.now().version, 1);
}

#[test]
fn the_signature_holds_for_the_bytes_also_where_the_gateway_encodes_them() {
    let (scene, body) = held();
    let event = json!({
        "version": "2.0", "routeKey": "POST /webhooks/payment/{tenant}", "rawPath": "/webhooks/payment/acme",
        "rawQueryString": "", "isBase64Encoded": true,
        "headers": {"content-type": "application/json", "stripe-signature": signed(SECRETS[0], seconds_now(), body.as_bytes())},
        "requestContext": {
            "accountId": "1", "apiId": "a", "stage": "$default", "requestId": "r", "timeEpoch": 0, "routeKey": "$default",
            "http": {"method": "POST", "path": "/webhooks/payment/acme", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "Stripe/1.0"},
        },
        "body": base64::engine::general_purpose::STANDARD.encode(&body),
    });
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let answer = block_on(router(scene.app()).oneshot(request)).unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(scene.count("payment_authorized"), 1);
}
