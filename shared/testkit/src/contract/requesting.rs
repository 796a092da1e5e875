//! Calls that are done once per key.

use super::Keeper;
use crate::{at, id};
use futures::future::join_all;
use jiff::SignedDuration;
use waybill_domain::id::TenantId;
use waybill_domain::ports::{Begun, Requests, Stock, StoreError};

/// Begins the call, so many seconds after the beginning, for a minute.
async fn begin(requests: &impl Requests, tenant: &TenantId, body: &str, seconds: i64) -> Begun {
    requests.begin(tenant, "key", body, SignedDuration::from_mins(1), at(seconds)).await.unwrap()
}

fn done(status: u16, answer: &str) -> Begun {
    Begun::Done { status, answer: answer.to_owned() }
}

/// And the others are told to wait.
pub async fn of_fifty_calls_at_once_one_begins(orders: &impl Keeper, _stock: &impl Stock) {
    let tenant = id("fifty");
    let begun = join_all((0..50).map(|_| begin(orders, &tenant, "body", 0))).await;
    let ours = begun.iter().filter(|begun| **begun == Begun::Ours).count();
    let running = begun.iter().filter(|begun| **begun == Begun::Running).count();
    assert_eq!((ours, running), (1, 49));
    assert_eq!(begin(orders, &id("others"), "body", 0).await, Begun::Ours);
    let other = orders.begin(&tenant, "another", "body", SignedDuration::from_mins(1), at(0)).await.unwrap();
    assert_eq!(other, Begun::Ours);
}

/// Its holder may have died; whoever comes then is the new holder, for a lease of their own.
pub async fn a_lease_ends(orders: &impl Keeper, _stock: &impl Stock) {
    let tenant = id("leases");
    assert_eq!(begin(orders, &tenant, "body", 0).await, Begun::Ours);
    assert_eq!(begin(orders, &tenant, "body", 60).await, Begun::Running);
    let begun = join_all((0..10).map(|_| begin(orders, &tenant, "body", 61))).await;
    assert_eq!(begun.iter().filter(|begun| **begun == Begun::Ours).count(), 1);
    assert_eq!(begin(orders, &tenant, "body", 121).await, Begun::Running);
    assert_eq!(begin(orders, &tenant, "body", 122).await, Begun::Ours);
}

/// Byte for byte, for ever as far as anybody's lease goes; of two holders the first to finish is heard.
pub async fn what_was_done_is_answered_again(orders: &impl Keeper, _stock: &impl Stock) {
    let tenant = id("answers");
    let answer = "{\"name\": \"Zoë\",\n \"n\": 1.0}";
    assert_eq!(begin(orders, &tenant, "body", 0).await, Begun::Ours);
    orders.finish(&tenant, "key", 201, answer, at(1)).await.unwrap();
    for seconds in [2, 61, 9_999] {
        assert_eq!(begin(orders, &tenant, "body", seconds).await, done(201, answer));
    }
    orders.finish(&tenant, "key", 500, "no", at(3)).await.unwrap();
    orders.give_up(&tenant, "key").await.unwrap();
    assert_eq!(begin(orders, &tenant, "body", 4).await, done(201, answer));
    // Nobody began it: its answer would be to no body.
    assert!(matches!(orders.finish(&tenant, "never", 200, "", at(3)).await, Err(StoreError::Conflict)));
    let never = orders.begin(&tenant, "never", "body", SignedDuration::from_mins(1), at(4)).await.unwrap();
    assert_eq!(never, Begun::Ours);
}

/// While it runs, once its lease has ended, and once it is done.
pub async fn a_key_is_for_one_body(orders: &impl Keeper, _stock: &impl Stock) {
    let tenant = id("bodies");
    assert_eq!(begin(orders, &tenant, "body", 0).await, Begun::Ours);
    for seconds in [1, 100] {
        assert_eq!(begin(orders, &tenant, "other", seconds).await, Begun::Reused);
    }
    orders.finish(&tenant, "key", 200, "done", at(2)).await.unwrap();
    assert_eq!(begin(orders, &tenant, "other", 3).await, Begun::Reused);
    assert_eq!(begin(orders, &tenant, "body", 3).await, done(200, "done"));
}

/// At once, and by anybody with any body.
pub async fn what_was_given_up_may_begin_again(orders: &impl Keeper, _stock: &impl Stock) {
    let tenant = id("given-up");
    assert_eq!(begin(orders, &tenant, "body", 0).await, Begun::Ours);
    for _ in 0..2 {
        orders.give_up(&tenant, "key").await.unwrap();
    }
    assert_eq!(begin(orders, &tenant, "other", 1).await, Begun::Ours);
    assert_eq!(begin(orders, &tenant, "other", 1).await, Begun::Running);
}
