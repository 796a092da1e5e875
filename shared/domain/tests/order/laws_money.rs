//! Money: nothing is taken that was not owed, nothing is owed twice, and every cent has one place.

use crate::life::{Life, life};
use proptest::prelude::*;
use waybill_domain::ledger::{Account, Posting, balance, is_balanced};
use waybill_domain::money::Money;
use waybill_domain::order::{Event, Order};

fn on(order: &Order, account: Account) -> i64 {
    let postings = order.history().iter().flat_map(|event| &event.postings);
    balance(postings, account, Money::zero(order.placed.currency())).unwrap().minor()
}

/// What was recognized as earned.
fn earned(order: &Order) -> i64 {
    -[Account::Sales, Account::TaxPayable, Account::ShippingIncome]
        .map(|account| on(order, account))
        .iter()
        .sum::<i64>()
}

/// What short picks wrote off.
fn written_off(order: &Order) -> i64 {
    let picks = order.history().iter().filter(|event| matches!(event.event, Event::Picked { .. }));
    let of_revenue = |posting: &&Posting| posting.account == Account::UnearnedRevenue;
    picks.flat_map(|event| &event.postings).filter(of_revenue).map(|posting| posting.amount.minor()).sum()
}

fn enough_was_held(life: &Life) -> bool {
    let held = life.order.payment.authorization.as_ref();
    held.is_none_or(|held| held.amount.minor() >= life.order.placed.total.minor())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_event_balances_in_the_orders_own_currency(life in life()) {
        for event in life.order.history() {
            prop_assert!(is_balanced(&event.postings), "{event:?}");
            let own = life.order.placed.currency();
            prop_assert!(event.postings.iter().all(|posting| posting.amount.currency() == own));
        }
    }

    #[test]
    fn no_more_is_taken_than_was_held_or_than_is_owed(life in life()) {
        for tried in life.recorded() {
            let payment = &tried.after.payment;
            let held = payment.authorization.as_ref().map_or(0, |held| held.amount.minor());
            prop_assert!(payment.captured.minor() <= held, "after {:?}", tried.command);
            prop_assert!(payment.capturable() >= 0 || payment.authorization.is_none());
            prop_assert!(on(&tried.after, Account::Authorizations) >= 0, "after {:?}", tried.command);
        }
    }

    #[test]
    fn shares_and_what_was_written_off_add_up_to_the_total_at_every_moment(life in life()) {
        for tried in life.recorded().filter(|tried| !tried.after.fulfillments.is_empty()) {
            let order = &tried.after;
            let due: Vec<i64> = order.fulfillments.iter().map(|part| order.due(part).unwrap().minor()).collect();
            prop_assert!(due.iter().all(|due| *due >= 0), "a shipment costs less than nothing: {due:?}");
            prop_assert_eq!(due.iter().sum::<i64>() + written_off(order), order.placed.total.minor());
        }
    }

    #[test]
    fn an_order_that_closed_has_earned_exactly_what_was_owed_and_holds_nothing(life in life()) {
        let order = &life.order;
        if order.invoice.is_none() {
            return Ok(());
        }
        let (owed, captured) = (order.owed().unwrap().minor(), order.payment.captured.minor());
        prop_assert_eq!(earned(order), owed);
        prop_assert_eq!(on(order, Account::UnearnedRevenue), 0);
        // Collected ahead by a channel, and then not all found: the rest is the customer's.
        prop_assert_eq!(on(order, Account::CustomerReceivable), owed - captured);
        let collected = on(order, Account::CashAtProcessor) + on(order, Account::ChannelReceivable);
        prop_assert_eq!(collected, captured);
        let ahead = order.history().iter().any(|e| matches!(e.event, Event::PaymentCaptured { fulfillment: None, .. }));
        prop_assert!(captured == owed || ahead, "captured {captured} of {owed}");
        prop_assert_eq!(on(order, Account::Authorizations), 0);
        prop_assert_eq!(on(order, Account::AuthorizationsHeld), 0);
    }

    #[test]
    fn an_order_that_was_called_off_owes_nothing_and_gives_back_what_was_held(life in life()) {
        let order = &life.order;
        if !order.is_cancelled() {
            return Ok(());
        }
        prop_assert_eq!(earned(order), 0);
        prop_assert_eq!(on(order, Account::UnearnedRevenue), 0);
        // What a channel collected before the end is the customer's.
        prop_assert_eq!(on(order, Account::CustomerReceivable), -order.payment.captured.minor());
        prop_assert_eq!(on(order, Account::Authorizations), 0);
        prop_assert_eq!(on(order, Account::AuthorizationsHeld), 0);
    }

    #[test]
    fn every_life_for_which_enough_was_held_comes_to_an_end(life in life()) {
        if !enough_was_held(&life) {
            return Ok(());
        }
        prop_assert!(life.order.is_finished(), "stands still: {:?}", life.order.axes());
        prop_assert_eq!(life.order.head().1, None);
    }
}
