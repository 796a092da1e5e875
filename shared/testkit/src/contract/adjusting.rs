//! Accounts, adjusted by staff.

use super::Keeper;
use crate::{account, at, id, usd};
use futures::future::join_all;
use waybill_domain::money::{Currency, Money};
use waybill_domain::order::{Account, AccountKind, RequestRecord};
use waybill_domain::ports::{Adjusted, Adjustment, Stock};

fn terms() -> Account {
    account(AccountKind::NetTerms, "ada-ltd")
}

/// An adjustment under a key, with an answer of its own.
fn by(amount: Money, key: &str) -> Adjustment {
    let request = RequestRecord {
        key: key.to_owned(),
        body: format!("digest of {amount}"),
        status: 200,
        answer: format!("{{\"changed\": \"{amount}\"}}"),
    };
    let (reason, actor) = ("credit limit".to_owned(), "client:staff".to_owned());
    Adjustment { account: terms(), amount, reason, actor, request, at: at(1) }
}

/// A repetition, whatever it says, gets the record of the first: its caller compares the bodies.
pub async fn an_account_is_adjusted_once_per_key(orders: &impl Keeper, _stock: &impl Stock) {
    let tenant = id("once");
    assert_eq!(orders.available(&tenant, &terms()).await.unwrap(), []);
    let first = by(usd(5_000), "one");
    assert_eq!(orders.adjust(&tenant, &first).await.unwrap(), Adjusted::Stored);
    for again in [first.clone(), by(usd(7_000), "one"), by(usd(-9_000), "one")] {
        assert_eq!(orders.adjust(&tenant, &again).await.unwrap(), Adjusted::Exists(first.request.clone()));
    }
    assert_eq!(orders.adjust(&tenant, &by(usd(-2_000), "two")).await.unwrap(), Adjusted::Stored);
    assert_eq!(orders.available(&tenant, &terms()).await.unwrap(), [usd(3_000)]);
    assert_eq!(orders.available(&id("others"), &terms()).await.unwrap(), []);
    let other = account(AccountKind::StoreCredit, "ada-ltd");
    assert_eq!(orders.available(&tenant, &other).await.unwrap(), []);
}

/// The refused one has not used its key up.
pub async fn an_account_never_falls_below_nothing(orders: &impl Keeper, _stock: &impl Stock) {
    let tenant = id("nothing");
    assert_eq!(orders.adjust(&tenant, &by(usd(-1), "early")).await.unwrap(), Adjusted::Overdrawn);
    assert_eq!(orders.available(&tenant, &terms()).await.unwrap(), []);
    assert_eq!(orders.adjust(&tenant, &by(usd(1_050), "fund")).await.unwrap(), Adjusted::Stored);
    let down: Vec<Adjustment> = (0..20).map(|n| by(usd(-100), &format!("k{n}"))).collect();
    let outcomes = join_all(down.iter().map(|adjustment| orders.adjust(&tenant, adjustment))).await;
    let stored = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Adjusted::Stored))).count();
    let refused = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Adjusted::Overdrawn))).count();
    assert_eq!((stored, refused), (10, 10));
    assert_eq!(orders.available(&tenant, &terms()).await.unwrap(), [usd(50)]);
    assert_eq!(orders.adjust(&tenant, &by(usd(-50), "early")).await.unwrap(), Adjusted::Stored);
    assert_eq!(orders.available(&tenant, &terms()).await.unwrap(), [usd(0)]);
}

/// One is not used for the other.
pub async fn a_balance_is_kept_per_currency(orders: &impl Keeper, _stock: &impl Stock) {
    let tenant = id("currencies");
    let eur = |minor| Money::new(minor, Currency::try_from("EUR".to_owned()).unwrap());
    assert_eq!(orders.adjust(&tenant, &by(usd(500), "usd")).await.unwrap(), Adjusted::Stored);
    assert_eq!(orders.adjust(&tenant, &by(eur(-1), "eur")).await.unwrap(), Adjusted::Overdrawn);
    assert_eq!(orders.adjust(&tenant, &by(eur(700), "eur")).await.unwrap(), Adjusted::Stored);
    assert_eq!(orders.available(&tenant, &terms()).await.unwrap(), [eur(700), usd(500)]);
}
