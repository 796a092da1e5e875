//! What is available on an account: changed once per key, by admins, never below nothing.

use crate::door::{Answer, adjust, more, show, world};
use accounts::{Call, handle};
use serde_json::{Value, json};
use waybill_domain::order::gift_card_id;
use waybill_lambda::http::Caller;
use waybill_testkit::{Trouble, World, at, block_on, tenant};

const CREDIT: &str = "store_credit/ada";
const BY_CODE: &str = "gift_card/by-code";

async fn available(world: &World, account: &str) -> Value {
    show(world, "desk", account).await.json()["available"].clone()
}

fn usd(minor: i64) -> Value {
    json!([{"minor": minor, "currency": "USD"}])
}

fn of_code(minor: i64, code: &str) -> Value {
    let mut body = more(minor);
    body["code"] = json!(code);
    body
}

#[tokio::test]
async fn an_adjustment_is_answered_as_stored_and_seen_at_once() {
    let world = world();
    let answer = adjust(&world, "chief", "k1", CREDIT, &more(2_000)).await;
    let said = json!({"kind": "store_credit", "id": "ada", "amount": {"minor": 2_000, "currency": "USD"}, "reason": "birthday"});
    assert_eq!((answer.status, answer.json()), (201, said));
    assert_eq!(
        show(&world, "desk", CREDIT).await.json(),
        json!({"kind": "store_credit", "id": "ada", "available": usd(2_000)})
    );
    assert_eq!(adjust(&world, "chief", "k2", CREDIT, &more(-500)).await.status, 201);
    assert_eq!(available(&world, CREDIT).await, usd(1_500));
    let yen = json!({"amount": {"minor": 300, "currency": "JPY"}, "reason": "r"});
    assert_eq!(adjust(&world, "chief", "k3", CREDIT, &yen).await.status, 201);
    assert_eq!(available(&world, CREDIT).await.as_array().map(Vec::len), Some(2), "currencies are kept apart");
}

#[tokio::test]
async fn the_same_call_again_gets_the_same_bytes_and_another_body_is_refused() {
    let world = world();
    for (account, body, other) in [
        (CREDIT, more(2_000), more(3_000)),
        (BY_CODE, of_code(2_000, "ABCD-EFGH-1"), of_code(2_000, "ABCD-EFGH-2")),
        ("gift_card/by-code", of_code(2_000, "ABCD-EFGH-3"), of_code(2_001, "ABCD-EFGH-3")),
    ] {
        let key = body.to_string();
        let first = adjust(&world, "chief", &key, account, &body).await;
        assert_eq!(
            (first.status, adjust(&world, "chief", &key, account, &body).await),
            (201, first.clone()),
            "{account}"
        );
        let refused = adjust(&world, "chief", &key, account, &other).await;
        assert_eq!(refused.problem(), (422, "idempotency-key-reused".to_owned()), "{account}");
    }
    assert_eq!(available(&world, CREDIT).await, usd(2_000));
    // A key is scoped to its route.
    let key = more(2_000).to_string();
    assert_eq!(adjust(&world, "chief", &key, "store_credit/bob", &more(2_000)).await.status, 201);
}

#[test]
fn of_fifty_calls_at_once_one_is_stored() {
    for (account, body) in [(CREDIT, more(2_000)), (BY_CODE, of_code(2_000, "ABCD-EFGH"))] {
        let world = world();
        let call = || block_on(adjust(&world, "chief", "k1", account, &body));
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let calls: Vec<_> = (0..50).map(|_| scope.spawn(call)).collect();
            calls.into_iter().map(|call| call.join().unwrap()).collect()
        });
        let stored: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
        assert!(stored.iter().all(|answer| *answer == stored[0]));
        let others = answers.iter().filter(|answer| answer.status != 201).map(Answer::problem);
        others.for_each(|problem| assert_eq!(problem, (409, "in-flight".to_owned())));
        let id = stored[0].json()["id"].as_str().unwrap().to_owned();
        let kind = account.split('/').next().unwrap();
        assert_eq!(block_on(available(&world, &format!("{kind}/{id}"))), usd(2_000), "{account}");
    }
}

#[tokio::test]
async fn less_than_nothing_is_a_conflict_that_names_the_rule_and_leaves_the_key_free() {
    let world = world();
    for (account, body) in [(CREDIT, more(-1)), (BY_CODE, of_code(-1, "ABCD-EFGH"))] {
        let refused = adjust(&world, "chief", "k1", account, &body).await;
        assert_eq!(refused.problem(), (409, "account-overdrawn".to_owned()), "{account}");
        assert!(refused.json()["detail"].as_str().unwrap().contains("less available"), "{}", refused.body);
    }
    adjust(&world, "chief", "k2", CREDIT, &more(100)).await;
    assert_eq!(adjust(&world, "chief", "k3", CREDIT, &more(-101)).await.status, 409);
    assert_eq!(adjust(&world, "chief", "k1", CREDIT, &more(-1)).await.status, 201, "a refusal may change");
    assert_eq!(available(&world, CREDIT).await, usd(99));
}

#[tokio::test]
async fn a_gift_card_is_kept_by_the_digest_of_its_code_and_its_code_nowhere() {
    let world = world();
    let (code, spelled) = ("abcd-efgh-2345", "ABCDEFGH 2345");
    let answer = adjust(&world, "chief", "k1", BY_CODE, &of_code(5_000, code)).await;
    let id = gift_card_id(&tenant(), spelled).unwrap();
    assert_eq!(answer.json()["id"].as_str(), Some(id.as_str()));
    assert_eq!(available(&world, &format!("gift_card/{id}")).await, usd(5_000));
    assert!(!answer.body.to_ascii_lowercase().contains("abcd"), "{}", answer.body);
    // Topped up by its id, too.
    assert_eq!(adjust(&world, "chief", "k2", &format!("gift_card/{id}"), &more(100)).await.status, 201);
    assert_eq!(available(&world, &format!("gift_card/{id}")).await, usd(5_100));
    assert_eq!(show(&world, "desk", BY_CODE).await.problem(), (404, "not-found".to_owned()));
}

#[tokio::test]
async fn what_is_wrong_with_an_adjustment_is_named_and_nothing_is_stored() {
    let world = world();
    let amount = |amount: Value| json!({"amount": amount, "reason": "r"});
    #[rustfmt::skip]
    let table = [
        (CREDIT,             more(0),                                                   422, "/amount/minor"),
        (CREDIT,             amount(json!({"minor": 1.5, "currency": "USD"})),          422, "/amount/minor"),
        (CREDIT,             amount(json!({"minor": 1.0, "currency": "USD"})),          422, "/amount/minor"),
        (CREDIT,             amount(json!({"minor": "1", "currency": "USD"})),          422, "/amount/minor"),
        (CREDIT,             amount(json!({"minor": 1, "currency": "XXQ"})),            422, "/amount/currency"),
        (CREDIT,             amount(json!({"minor": 1})),                               422, "/amount"),
        (CREDIT,             json!({"reason": "r"}),                                    422, ""),
        (CREDIT,             json!({"amount": {"minor": 1, "currency": "USD"}}),        422, ""),
        (CREDIT,             json!({"amount": {"minor": 1, "currency": "USD"}, "reason": " "}), 422, "/reason"),
        (CREDIT,             json!({"amount": {"minor": 1, "currency": "USD"}, "reason": "r", "x": 1}), 422, "/x"),
        (CREDIT,             of_code(1, "ABCD"),                                        422, "/code"),
        ("gift_card/abc",    of_code(1, "ABCD"),                                        422, "/code"),
        (BY_CODE,            more(1),                                                   422, "/code"),
        (BY_CODE,            of_code(1, "--- ---"),                                     422, "/code"),
        (BY_CODE,            of_code(0, "ABCD"),                                        422, "/amount/minor"),
        ("pocket_money/ada", more(1),                                                   404, "not-found"),
        ("store_credit/a%23b", more(1),                                                 404, "not-found"),
    ];
    for (account, body, status, at) in table {
        let answer = adjust(&world, "chief", "k", account, &body).await;
        assert_eq!(answer.problem(), (status, at.to_owned()), "{account} {body}");
    }
    assert_eq!(
        adjust(&world, "chief", "", CREDIT, &more(1)).await.problem(),
        (400, "header/Idempotency-Key".to_owned())
    );
    assert_eq!(show(&world, "desk", CREDIT).await.problem(), (404, "not-found".to_owned()));
}

#[tokio::test]
async fn admins_adjust_and_support_looks_and_nobody_elses_account_is_seen() {
    let world = world();
    adjust(&world, "chief", "k1", CREDIT, &more(2_000)).await;
    for client in ["shop", "floor", "desk"] {
        assert_eq!(
            adjust(&world, client, "k2", CREDIT, &more(1)).await.problem(),
            (403, "forbidden".to_owned()),
            "{client}"
        );
    }
    for client in ["shop", "floor"] {
        assert_eq!(show(&world, client, CREDIT).await.problem(), (403, "forbidden".to_owned()), "{client}");
    }
    assert_eq!(show(&world, "chief", CREDIT).await.status, 200);
    assert_eq!(show(&world, "stranger", CREDIT).await.problem(), (404, "not-found".to_owned()));
    assert_eq!(show(&world, "nobody", CREDIT).await.status, 401);
    // The same key of another tenant is another call.
    assert_eq!(adjust(&world, "stranger", "k1", CREDIT, &more(2_000)).await.status, 201);
    assert_eq!(available(&world, CREDIT).await, usd(2_000));
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_to_the_call_that_asks_again() {
    let client = serde_json::from_value(json!({"id": "chief", "tenant": "acme", "role": "admin"})).unwrap();
    let caller = Caller { client, actor: "client:chief".to_owned() };
    for (kind, id, body, waits) in
        [("store_credit", "ada", more(2_000), false), ("gift_card", "by-code", of_code(2_000, "ABCD-EFGH"), true)]
    {
        let (world, body) = (world(), body.to_string());
        let call = Call { caller: &caller, kind, id, key: "k1", body: body.as_bytes() };
        world.faults.fail_next("accounts.adjust", Trouble::AnswerLost);
        assert_eq!(handle(&world.orders, &call, at(0)).await.unwrap_err().status, 503, "{kind}");
        // Where the key is leased, nobody else does it until the call that died cannot be at it any more.
        let early = handle(&world.orders, &call, at(59)).await;
        assert_eq!(
            early.as_ref().map_or_else(|problem| problem.status, |answer| answer.status),
            if waits { 409 } else { 201 }
        );
        let again = handle(&world.orders, &call, at(61)).await.unwrap();
        let said: Value = serde_json::from_str(&again.body).unwrap();
        let account = format!("{kind}/{}", said["id"].as_str().unwrap());
        assert_eq!((again.status, available(&world, &account).await), (201, usd(2_000)), "once");
    }
}
