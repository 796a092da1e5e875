//! Payments, accounts and bounds in a cancelled transaction.

use crate::stub::{COLLIDED, FAILED, NONE, Stub, cancelled, codes};
use serde_json::{Value, json};
use waybill_domain::order::{AccountKind, RequestRecord, Tender};
use waybill_domain::ports::{Accounts, Adjusted, Adjustment, Commit, Committed, Orders, StoreError};
use waybill_testkit::{Step, account, at, card, first_of, of_skus, story, tenant, usd, with_tenders};

/// Commits the hold on a card and a gift card. Its writes: event, head, the payment's pointer or the account's balance.
async fn authorize(tender: Tender, refusal: Value) -> Result<Committed, StoreError> {
    let (_, orders, _) = Stub::saying(vec![refusal]).await;
    let placed = with_tenders(of_skus(&[("A", 1)]), vec![(tender, 1_000)]);
    let (order, _) = first_of(&tenant(), "k", placed);
    let (before, _) = story(&order, Step::Screened).pop().unwrap();
    let (after, recorded) = story(&before, Step::Authorized).pop().unwrap();
    orders.commit(Commit { before: Some(&before), after: &after, recorded: &recorded }).await
}

#[tokio::test]
async fn the_orders_condition_counts_before_payments_and_accounts() {
    let gift = || Tender::Account(account(AccountKind::GiftCard, "card"));
    let overdrawn = Committed::Overdrawn(account(AccountKind::GiftCard, "card"));
    let table = [
        (card(), [NONE, NONE, FAILED], Some(Committed::Taken)),
        (gift(), [NONE, NONE, FAILED], Some(overdrawn)),
        (card(), [NONE, FAILED, FAILED], None),
        (gift(), [FAILED, NONE, FAILED], None),
        (card(), [NONE, NONE, COLLIDED], None),
        (gift(), [NONE, NONE, COLLIDED], None),
    ];
    for (tender, reasons, expected) in table {
        match (authorize(tender, codes(reasons)).await, expected) {
            (Ok(committed), Some(expected)) => assert_eq!(committed, expected, "{reasons:?}"),
            (Err(StoreError::Conflict), None) => {}
            (other, expected) => panic!("{reasons:?}: {other:?}, not {expected:?}"),
        }
    }
}

#[tokio::test]
async fn a_head_that_is_still_of_that_version_was_refused_for_its_bounds() {
    let (before, _) = story(&first_of(&tenant(), "k", of_skus(&[("A", 1)])).0, Step::Dispatched).pop().unwrap();
    let (after, recorded) = story(&before, Step::Captured).pop().unwrap();
    for (version, broken) in [(before.version, true), (before.version + 1, false)] {
        let head = json!({"Code": FAILED, "Item": {"pk": {"S": "p"}, "sk": {"S": "STATE"},
            "version": {"N": version.to_string()}}});
        let (_, orders, _) = Stub::saying(vec![cancelled(&[json!({"Code": NONE}), head])]).await;
        let commit = Commit { before: Some(&before), after: &after, recorded: &recorded };
        match orders.commit(commit).await {
            Err(StoreError::Broken(_)) => assert!(broken, "{version}"),
            Err(StoreError::Conflict) => assert!(!broken, "{version}"),
            other => panic!("{version}: {other:?}"),
        }
    }
}

/// Takes 5.00 USD off an account; the transaction's writes: entry, balance.
async fn debit(refusal: Value) -> Result<Adjusted, StoreError> {
    let (_, orders, _) = Stub::saying(vec![refusal]).await;
    let request = RequestRecord { key: "k".to_owned(), body: "b".to_owned(), status: 200, answer: "{}".to_owned() };
    let (reason, actor) = ("sold".to_owned(), "client:staff".to_owned());
    let account = account(AccountKind::GiftCard, "card");
    let adjustment = Adjustment { account, amount: usd(-500), reason, actor, request, at: at(0) };
    orders.adjust(&tenant(), &adjustment).await
}

#[tokio::test]
async fn an_accounts_entry_counts_before_its_balance() {
    let entry = json!({"Code": FAILED, "Item": {"pk": {"S": "p"}, "sk": {"S": "ENTRY#k"}, "body": {"S": "other"},
        "status": {"N": "200"}, "answer": {"S": "before"}}});
    let exists = debit(cancelled(&[entry, json!({"Code": FAILED})])).await.unwrap();
    let request =
        RequestRecord { key: "k".to_owned(), body: "other".to_owned(), status: 200, answer: "before".to_owned() };
    assert_eq!(exists, Adjusted::Exists(request));
    assert_eq!(debit(codes([NONE, FAILED])).await.unwrap(), Adjusted::Overdrawn);
    assert!(matches!(debit(codes([NONE, COLLIDED])).await, Err(StoreError::Conflict)));
    assert!(matches!(debit(codes([NONE, "ThrottlingError"])).await, Err(StoreError::Unavailable(_))));
}
