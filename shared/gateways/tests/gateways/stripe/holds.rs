//! Holds in Stripe's books: found, looked up, captured, let go of and listed.

use super::{CANCEL, CAPTURE, INTENT, INTENTS, error, held, intent, owner, pairs, stripe, unexpected_state};
use crate::scripted::{Sale, answer, answering, calls, form, header, kind, money, query};
use serde_json::{Value, json};
use waybill_domain::ports::{Authorized, Held, Page, PartnerError, PaymentProcessor};

const SEARCH: &str = "/v1/payment_intents/search";

fn never_held(id: &str) -> Value {
    let mut abandoned = intent(id, "canceled", 0);
    abandoned["latest_charge"] = Value::Null;
    abandoned
}

#[tokio::test]
async fn finding_asks_for_the_tender_of_the_order_of_the_tenant_and_prefers_the_live_hold() {
    let sale = Sale::new();
    let mut declined = intent("pi_5", "canceled", 0);
    declined["latest_charge"]["paid"] = false.into();
    let (gone, taken) = (intent("pi_4", "canceled", 0), intent("pi_2", "succeeded", 2500));
    let (live, older) = (intent("pi_3", "requires_capture", 500), intent("pi_1", "requires_capture", 0));
    #[rustfmt::skip]
    let table = [
        (vec![],                                                          None),
        (vec![never_held("pi_6"), declined.clone(), intent("pi_7", "requires_payment_method", 0)], None),
        (vec![declined.clone(), gone.clone()],                            Some(held("pi_4", "canceled", 0))),
        (vec![gone.clone(), taken.clone(), never_held("pi_6")],           Some(held("pi_2", "succeeded", 2500))),
        (vec![taken.clone(), gone, live.clone(), taken],                  Some(held("pi_3", "requires_capture", 500))),
        (vec![live, older],                                               Some(held("pi_1", "requires_capture", 0))),
    ];
    for (data, expected) in table {
        let body = json!({"object": "search_result", "data": data, "has_more": false});
        let server = answering("GET", SEARCH, 200, &body).await;
        assert_eq!(stripe(&server.uri()).find(sale.tenant(), sale.order(), 2).await.unwrap(), expected);
        let asked = query(&calls(&server).await[0]);
        let ours = format!("metadata['order_id']:'{}'", sale.order());
        assert_eq!(asked["query"], format!("{ours} AND metadata['tenant']:'acme' AND metadata['tender']:'2'"));
        assert_eq!(asked["expand[]"], "data.latest_charge");
    }
}

#[tokio::test]
async fn finding_does_not_guess() {
    let sale = Sale::new();
    #[rustfmt::skip]
    let table = [
        (json!({"data": [intent("pi_1", "processing", 0)], "has_more": false}),      "unavailable"),
        (json!({"data": [intent("pi_1", "requires_capture", 0)], "has_more": true}), "broken"),
        (json!({"found": []}),                                                       "broken"),
    ];
    for (body, expected) in table {
        let server = answering("GET", SEARCH, 200, &body).await;
        let error = stripe(&server.uri()).find(sale.tenant(), sale.order(), 1).await.expect_err(expected);
        assert_eq!(kind(&error), expected, "{body}");
    }
}

async fn look_up(body: &Value) -> Result<Authorized, PartnerError> {
    let server = answering("GET", INTENT, 200, body).await;
    stripe(&server.uri()).look_up("pi_1").await
}

#[tokio::test]
async fn every_status_of_an_intent_has_its_meaning() {
    for (status, captured) in
        [("requires_capture", 0), ("requires_capture", 500), ("succeeded", 2500), ("canceled", 0), ("canceled", 500)]
    {
        let expected = Authorized::Held(held("pi_1", status, captured));
        assert_eq!(look_up(&intent("pi_1", status, captured)).await.unwrap(), expected, "{status} {captured}");
    }
    let mut automatic = intent("pi_1", "succeeded", 2500);
    automatic["capture_method"] = "automatic".into();
    assert_eq!(look_up(&automatic).await.unwrap(), Authorized::Held(held("pi_1", "succeeded", 2500)));
    let mut declined = intent("pi_1", "requires_payment_method", 0);
    declined["last_payment_error"] =
        json!({"type": "card_error", "code": "card_declined", "decline_code": "lost_card"});
    #[rustfmt::skip]
    let table = [
        (never_held("pi_1"),                           "canceled"),
        (declined,                                     "lost_card"),
        (intent("pi_1", "requires_payment_method", 0), "payment_method_required"),
        (intent("pi_1", "requires_confirmation", 0),   "not_confirmed"),
    ];
    for (body, code) in table {
        assert_eq!(look_up(&body).await.unwrap(), Authorized::Declined { code: code.to_owned() }, "{body}");
    }
    let mut waiting = intent("pi_1", "requires_action", 0);
    waiting["next_action"] =
        json!({"type": "redirect_to_url", "redirect_to_url": {"url": "https://hooks.example/3ds"}});
    let (reference, url) = ("pi_1".to_owned(), Some("https://hooks.example/3ds".to_owned()));
    assert_eq!(look_up(&waiting).await.unwrap(), Authorized::ActionRequired { reference, url });
    assert_eq!(kind(&look_up(&intent("pi_1", "processing", 0)).await.unwrap_err()), "unavailable");
    let missing = error("invalid_request_error", Some("resource_missing"), None);
    let server = answering("GET", INTENT, 404, &missing).await;
    assert_eq!(kind(&stripe(&server.uri()).look_up("pi_1").await.unwrap_err()), "refused resource_missing");
}

#[tokio::test]
async fn a_hold_tells_what_was_noted_with_it() {
    let sale = Sale::new();
    let mut body = intent("pi_1", "requires_capture", 1500);
    body["latest_charge"]["amount_refunded"] = 300.into();
    body["latest_charge"]["payment_method_details"]["card"]["capture_before"] = 1_767_225_600.into();
    body["metadata"] = json!({
        "tenant": "acme", "order_id": sale.order(), "tender": "2", "capture_1_2": "1000", "capture_2_2": "500",
        "capture_by": "Jane", "gift": "yes",
    });
    let noted = |effect: &str, minor| (effect.to_owned(), money(minor, "USD"));
    let expected = Held {
        refunded: money(300, "USD"),
        expires_at: Some("2026-01-01T00:00:00Z".parse().unwrap()),
        captures: [noted("capture-1-2", 1000), noted("capture-2-2", 500)].into(),
        owner: Some(owner(&sale, 2)),
        ..held("pi_1", "requires_capture", 1500)
    };
    assert_eq!(look_up(&body).await.unwrap(), Authorized::Held(expected));
    // The rest of a hold that was let go of is not money given back, whatever the account's own version says of it.
    body["latest_charge"]["amount_refunded"] = 2500.into();
    let Authorized::Held(clamped) = look_up(&body).await.unwrap() else { panic!("not held") };
    assert_eq!(clamped.refunded, money(1500, "USD"));
    body["metadata"]["capture_1_2"] = "Jane".into();
    assert_eq!(kind(&look_up(&body).await.unwrap_err()), "broken");
    body["latest_charge"] = "ch_1".into();
    assert_eq!(kind(&look_up(&body).await.unwrap_err()), "broken");
}

#[tokio::test]
async fn a_capture_says_whose_it_is_and_whether_it_is_the_last() {
    for (last, said) in [(true, "true"), (false, "false")] {
        let mut taken = intent("pi_1", "succeeded", 2000);
        taken["metadata"]["capture_1_2"] = "2000".into();
        let server = answering("POST", CAPTURE, 200, &taken).await;
        let key = "ord-1-capture-1-2";
        let taken = stripe(&server.uri()).capture("pi_1", money(2000, "USD"), last, "capture-1-2", key).await.unwrap();
        let captures = [("capture-1-2".to_owned(), money(2000, "USD"))].into();
        assert_eq!(taken, Held { captures, ..held("pi_1", "succeeded", 2000) });
        let calls = calls(&server).await;
        assert_eq!(header(&calls[0], "Idempotency-Key"), Some(key));
        let expected = [
            ("amount_to_capture", "2000"),
            ("expand[]", "latest_charge"),
            ("final_capture", said),
            ("metadata[capture_1_2]", "2000"),
        ];
        assert_eq!(form(&calls[0]), pairs(expected));
    }
    let server = answering("POST", CAPTURE, 200, &intent("pi_1", "succeeded", 2000)).await;
    let unheard = stripe(&server.uri()).capture("pi_1", money(2000, "USD"), true, "take", "k").await.unwrap_err();
    assert_eq!((kind(&unheard).as_str(), calls(&server).await.len()), ("broken", 0));
}

#[tokio::test]
async fn a_void_that_is_refused_asks_for_the_truth() {
    let mut released = intent("pi_1", "succeeded", 700);
    released["metadata"]["capture_1"] = "700".into();
    let nope = "refused payment_intent_unexpected_state";
    #[rustfmt::skip]
    let table = [
        (intent("pi_1", "canceled", 0),           "done", 0),
        (released,                                "done", 0),
        (intent("pi_1", "requires_capture", 700), "done", 1),
        (intent("pi_1", "requires_capture", 0),   nope,   0),
        (intent("pi_1", "succeeded", 2500),       nope,   0),
        // Somebody else took it: not ours to call done.
        (intent("pi_1", "succeeded", 700),        nope,   0),
    ];
    for (truth, expected, releases) in table {
        let server = answering("POST", CANCEL, 400, &unexpected_state()).await;
        answer(&server, "GET", INTENT, 200, &truth).await;
        answer(&server, "POST", CAPTURE, 200, &intent("pi_1", "succeeded", 700)).await;
        let result = stripe(&server.uri()).void("pi_1", "k").await;
        assert_eq!(result.map_or_else(|error| kind(&error), |()| "done".to_owned()), expected, "{truth}");
        let released = &calls(&server).await[2..];
        assert_eq!(released.len(), releases, "{truth}");
        for call in released {
            let nothing = [("amount_to_capture", "0"), ("expand[]", "latest_charge"), ("final_capture", "true")];
            assert_eq!((form(call), header(call, "Idempotency-Key")), (pairs(nothing), Some("k-release")));
        }
    }
    let server = answering("POST", CANCEL, 500, &error("api_error", None, None)).await;
    assert_eq!(kind(&stripe(&server.uri()).void("pi_1", "k").await.unwrap_err()), "unavailable");
    assert_eq!(calls(&server).await.len(), 1);
}

#[tokio::test]
async fn the_books_are_listed_a_page_at_a_time_without_what_never_held_money() {
    let data = [
        intent("pi_9", "requires_capture", 0),
        intent("pi_8", "requires_action", 0),
        intent("pi_7", "processing", 0),
        intent("pi_6", "succeeded", 2500),
        never_held("pi_5"),
    ];
    let (from, to) = ("2026-01-01T00:00:00.9Z".parse().unwrap(), "2026-01-02T00:00:00Z".parse().unwrap());
    for (more, after, next) in [(true, None, Some("pi_5")), (false, Some("pi_10"), None)] {
        let server = answering("GET", INTENTS, 200, &json!({"object": "list", "data": data, "has_more": more})).await;
        let rows = vec![held("pi_9", "requires_capture", 0), held("pi_6", "succeeded", 2500)];
        let page = stripe(&server.uri()).booked(from, to, after).await.unwrap();
        assert_eq!(page, Page { rows, next: next.map(str::to_owned) });
        let mut expected = pairs([
            ("created[gte]", "1767225600"),
            ("created[lt]", "1767312000"),
            ("expand[]", "data.latest_charge"),
            ("limit", "100"),
        ]);
        expected.extend(after.map(|after| ("starting_after".to_owned(), after.to_owned())));
        assert_eq!(query(&calls(&server).await[0]), expected);
    }
}
