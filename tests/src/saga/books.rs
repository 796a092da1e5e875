//! The money at the end: the order's proof, the processor's books, customers' accounts.

use super::run::Run;
use crate::rules::Findings;
use std::collections::BTreeMap;
use waybill_domain::ledger::{Account, Posting, balance};
use waybill_domain::money::Money;
use waybill_domain::order::{Order, PartStatus, Tender, TenderState};
use waybill_testkit::tenant;

/// What is wrong with it.
pub(super) fn wrong(run: &Run<'_>, order: &Order) -> Findings {
    let mut found = match order.proof() {
        Ok(proof) => proof.differences(),
        Err(error) => vec![format!("the order's money cannot be proven: {error}")],
    };
    if order.is_finished() {
        found.extend(settled(run, order));
    }
    found.extend(held_once(run, order));
    found.extend(accounts(run, order));
    found
}

/// Two amounts that have to be the same, in minor units.
fn same(found: &mut Findings, what: &str, a: i64, b: i64) {
    if a != b {
        found.push(format!("{what}: {a} ≠ {b}"));
    }
}

fn minor<E>(amount: Result<Money, E>) -> i64 {
    amount.map_or(i64::MIN, Money::minor)
}

/// What tenders come to of the money that our processor moves.
fn processed(order: &Order, amount: impl Fn(&TenderState) -> Money) -> i64 {
    let tenders = order.payment.tenders.iter().filter(|tender| tender.tender.is_processed());
    tenders.map(|tender| amount(tender).minor()).sum()
}

/// An order that is over: the ledger, what became of it, and the processor's books say the same, and nothing is open.
fn settled(run: &Run<'_>, order: &Order) -> Findings {
    let mut found = Vec::new();
    let zero = Money::zero(order.placed.currency());
    let postings: Vec<&Posting> = order.history().iter().flat_map(|event| &event.postings).collect();
    let on = |account| minor(balance(postings.iter().copied(), account, zero));
    let books = Books::of(run, order);
    let kept = order.payment.captured().minor() - order.payment.refunded().minor();
    let (credited, owing) = refunds(order);
    let earned = -(on(Account::Sales) + on(Account::TaxPayable) + on(Account::ShippingIncome));
    let rows = [
        ("taken by the order and in the processor's books", processed(order, |one| one.captured), books.taken),
        ("given back by the order and in the processor's books", processed(order, |one| one.refunded), books.returned),
        ("cash at the processor and its books", on(Account::CashAtProcessor), books.taken - books.returned),
        ("held in the ledger, of an order that is over", on(Account::Authorizations), 0),
        ("held in the processor's books, of an order that is over", books.held, 0),
        ("what the customer still owes", on(Account::CustomerReceivable), 0),
        ("what was sold and not shipped", on(Account::UnearnedRevenue), 0),
        ("what is still to be given back, in the ledger and in the order", -on(Account::RefundsPayable), owing),
        ("what was earned and what was kept", earned, kept - owing),
        ("what is owed less what was credited, and what was kept", minor(order.owed()) - credited, kept - owing),
    ];
    if owing > 0 && order.cases.iter().all(|case| case.resolved) {
        found.push(format!("{owing} could not be given back, and nobody sees it"));
    }
    for (what, a, b) in rows {
        same(&mut found, what, a, b);
    }
    found
}

/// What refunds credit against the order, and what of them has not arrived: the processor refused it, the money is with the
/// merchant and still the customer's.
fn refunds(order: &Order) -> (i64, i64) {
    let refunds = order.payment.refunds.iter().map(|known| &known.refund);
    let credited = refunds.map(|refund| refund.total.minor() - refund.overcharge.minor()).sum();
    let parts = order.payment.refunds.iter().flat_map(|known| &known.parts);
    let open = parts.filter(|(_, status)| !matches!(status, PartStatus::Done(_)));
    (credited, open.map(|(part, _)| part.amount.minor()).sum())
}

/// What the processor has of an order, a storefront's payments included.
struct Books {
    taken: i64,
    returned: i64,
    held: i64,
}

impl Books {
    fn of(run: &Run<'_>, order: &Order) -> Self {
        let storefronts = order.placed.tenders.iter().filter_map(|part| match &part.tender {
            Tender::Confirmed { reference } => Some(reference.as_str()),
            Tender::Card { .. } | Tender::Channel { .. } | Tender::Account(_) => None,
        });
        let processor = &run.ground.world.processor;
        let foreign = storefronts.filter_map(|reference| processor.hold(reference));
        let mut books = Self { taken: 0, returned: 0, held: 0 };
        for hold in processor.holds_of(&order.id).into_iter().chain(foreign) {
            books.taken += hold.held.captured.minor();
            books.returned += hold.held.refunded.minor();
            books.held += hold.held.capturable.minor();
        }
        books
    }
}

/// At no time is money held twice for one tender, whatever was lost on the way.
fn held_once(run: &Run<'_>, order: &Order) -> Findings {
    let mut live: BTreeMap<u16, usize> = BTreeMap::new();
    for hold in run.ground.world.processor.holds_of(&order.id) {
        if let Some(owner) = hold.held.owner.filter(|_| hold.held.capturable.minor() > 0) {
            *live.entry(owner.tender).or_default() += 1;
        }
    }
    let twice = live.into_iter().filter(|(_, holds)| *holds > 1);
    twice.map(|(tender, holds)| format!("money is held {holds} times for tender {tender}")).collect()
}

/// Customers' accounts have what they had, less what was taken or is held, and with what came back or was paid.
fn accounts(run: &Run<'_>, order: &Order) -> Findings {
    let mut found = Vec::new();
    let Some(credit) = &run.scenario.credit else { return found };
    let drawn = |tender: &TenderState| {
        tender.captured.minor() - tender.refunded.minor() - tender.settled.minor() + tender.capturable()
    };
    let ours = order.payment.tenders.iter().filter(|tender| tender.tender.account() == Some(&credit.account));
    let drawn: i64 = ours.map(drawn).sum();
    let left: i64 = run.ground.world.memory.balance(&tenant(), &credit.account).into_iter().map(Money::minor).sum();
    same(&mut found, "what is left on the account and what was drawn on it", left, credit.amount.minor() - drawn);
    found
}
