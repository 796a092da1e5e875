//! Money: nothing is taken that was not owed, nothing is owed or given back twice, and every cent has one place.

use crate::life::{Command, Life, Pay, Tried, life};
use proptest::prelude::*;
use waybill_domain::ledger::{Account, Posting, balance, is_balanced};
use waybill_domain::money::Money;
use waybill_domain::order::{Event, Order, PartStatus, PaymentEvent, Recorded, Tender};

fn on(order: &Order, account: Account) -> i64 {
    let postings = order.history().iter().flat_map(|event| &event.postings);
    balance(postings, account, Money::zero(order.placed.currency())).unwrap().minor()
}

/// What was recognized as earned, less what was credited.
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

/// What refunds asked for gave up of what was sold.
fn credited(order: &Order) -> i64 {
    order.payment.refunds.iter().map(|known| known.refund.total.minor() - known.refund.overcharge.minor()).sum()
}

fn payments(order: &Order) -> impl Iterator<Item = &PaymentEvent> {
    order.history().iter().filter_map(
        |recorded| {
            if let Event::Payment(event) = &recorded.event { Some(event) } else { None }
        },
    )
}

/// Did somebody else take, give back or withdraw money of this tender? Such facts are recorded whatever they break.
fn has_outside_facts(order: &Order, number: u16) -> bool {
    let processed = order.payment.tender(number).is_some_and(|state| state.tender.is_processed());
    payments(order).any(|event| {
        let taken =
            matches!(event, PaymentEvent::Captured { tender, fulfillment: None, .. } if *tender == number && processed);
        let back = matches!(event, PaymentEvent::Refunded { refund: None, part, .. } if part.tender == number);
        taken || back || matches!(event, PaymentEvent::DisputeOpened(dispute) if dispute.tender == number)
    })
}

fn every_hold_is_taken_once(order: &Order) -> Result<(), TestCaseError> {
    for tender in &order.payment.tenders {
        prop_assert!(tender.refundable() >= 0 && tender.capturable() >= 0);
        let ours = !has_outside_facts(order, tender.number);
        for hold in tender.holds.iter().filter(|_| ours) {
            prop_assert!(hold.captured.minor() <= hold.amount.minor(), "{} of {}", hold.captured, hold.amount);
        }
        let gone = tender.refunded.minor() + tender.disputed.minor();
        prop_assert!(!ours || gone <= tender.captured.minor(), "{gone} of {} is gone", tender.captured);
        prop_assert!(!ours || tender.captured.minor() <= tender.amount.minor(), "{} taken", tender.captured);
    }
    prop_assert!(on(order, Account::Authorizations) >= 0);
    Ok(())
}

/// What is drawn on an account is what the tender holds or has taken, less what it gave back and what was paid.
fn every_draw_has_its_reason(order: &Order) -> Result<(), TestCaseError> {
    for tender in &order.payment.tenders {
        let Some(account) = tender.tender.account() else { continue };
        let draws = order.history().iter().flat_map(|recorded| &recorded.draws);
        let sum: i64 = draws.filter(|draw| draw.account == *account).map(|draw| draw.amount.minor()).sum();
        let parts = order.payment.refunds.iter().flat_map(|refund| &refund.parts);
        let done = parts.filter(|(part, status)| part.tender == tender.number && matches!(status, PartStatus::Done(_)));
        let back: i64 = done.map(|(part, _)| part.amount.minor()).sum();
        let due = tender.captured.minor() - back - tender.settled.minor() + tender.capturable();
        prop_assert_eq!(sum, -due, "drawn on {:?}", account);
        prop_assert!(-sum <= tender.amount.minor(), "{} drawn to pay {}", -sum, tender.amount);
    }
    Ok(())
}

/// Over all shipments, the tenders give what the shipments are due; and no tender more than it pays.
fn shipments_are_paid_by_tenders(order: &Order) -> Result<(), TestCaseError> {
    let mut by_tender = vec![0_i64; order.payment.tenders.len() + 1];
    let fresh = order.payment.tenders.iter().all(|tender| tender.captured.is_zero());
    for part in order.fulfillments.iter().filter(|part| !part.is_dropped() && fresh) {
        let wanted = order.captures_wanted(part.number).unwrap();
        let sum: i64 = wanted.iter().map(|(_, amount)| amount.minor()).sum();
        prop_assert_eq!(sum, order.due(part).unwrap().minor());
        for (tender, amount) in wanted {
            by_tender[usize::from(tender)] += amount.minor();
        }
    }
    for tender in &order.payment.tenders {
        let asked = by_tender[usize::from(tender.number)];
        let short = order.owed().unwrap().minor() < order.placed.total.minor();
        let exact = short || !fresh || order.has_unrouted() || asked == tender.amount.minor();
        prop_assert!(asked <= tender.amount.minor() && exact, "{asked} of {}", tender.amount);
    }
    Ok(())
}

/// A refund of ours is bounded by what was there before it.
fn refunds_are_bounded(tried: &Tried) -> Result<(), TestCaseError> {
    let Event::Payment(PaymentEvent::RefundRequested(refund)) = &tried.after.history().last().unwrap().event else {
        return Ok(());
    };
    prop_assert_eq!(refund.parts.iter().map(|part| part.amount.minor()).sum::<i64>(), refund.total.minor());
    for part in &refund.parts {
        let tender = tried.before.payment.tender(part.tender).unwrap();
        prop_assert!(part.amount.minor() > 0 && part.amount.minor() <= tender.refundable());
        prop_assert!(!matches!(tender.tender, Tender::Channel { .. }), "what the channel took, the channel gives back");
    }
    Ok(())
}

fn replay(order: &Order, history: Vec<Recorded>) -> Order {
    Order::replay(order.tenant.clone(), order.id.clone(), history).unwrap()
}

/// One thing changed that the chain binds.
fn forged(order: &Order, at: usize, how: u8) -> Option<Order> {
    let mut history = order.history().to_vec();
    let entry = &mut history[at];
    match how {
        0 => entry.at = entry.at.checked_add(jiff::SignedDuration::from_nanos(1)).unwrap(),
        1 => entry.actor.0.push('x'),
        2 => {
            let posting = entry.postings.last_mut()?;
            posting.amount = posting.amount.plus(Money::new(1, posting.amount.currency())).unwrap();
        }
        3 => entry.postings.last_mut()?.account = Account::Fees,
        4 => {
            entry.postings.pop()?;
        }
        5 => entry.chain = order.history().iter().find(|other| other.chain != entry.chain)?.chain.clone(),
        // Two entries change places, and keep the numbers of their places.
        _ => {
            let other = (at + 1 < history.len()).then_some(at + 1).filter(|_| at > 0)?;
            let (version, next) = (history[at].version, history[other].version);
            history.swap(at, other);
            (history[at].version, history[other].version) = (version, next);
        }
    }
    Some(replay(order, history))
}

fn moves_no_money(tried: &Tried) -> bool {
    use Command::{HandOver, Label, Pack, Route, Track};
    let command = &tried.command;
    let of_money = matches!(command, Command::Pay(Pay::Name(..) | Pay::Action { .. } | Pay::RefundRetry(_)));
    of_money || matches!(command, Track(..) | Pack(_) | Label(_) | HandOver(_) | Route(_))
}

fn stands_still(life: &Life) -> String {
    format!("{life:?} stands still: {:?}, {:#?}", life.order.axes(), life.order.payment)
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
        for tried in life.recorded().filter(|tried| moves_no_money(tried)) {
            prop_assert!(tried.after.history().last().unwrap().postings.is_empty(), "{:?}", tried.command);
        }
    }

    #[test]
    fn the_proof_holds_after_every_event(life in life()) {
        for tried in life.recorded() {
            let differences = tried.after.proof().unwrap().differences();
            prop_assert!(differences.is_empty(), "after {:?}: {differences:?}", tried.command);
        }
    }

    #[test]
    fn no_more_is_taken_than_was_held_and_no_more_given_back_than_was_taken(life in life()) {
        for tried in life.recorded() {
            let at = |e| TestCaseError::fail(format!("after {:?}: {e}", tried.command));
            every_hold_is_taken_once(&tried.after).map_err(at)?;
            refunds_are_bounded(tried).map_err(at)?;
            let broken = tried.after.broken_bounds();
            let outside = tried.after.payment.tenders.iter().any(|tender| has_outside_facts(&tried.after, tender.number));
            prop_assert!(broken.is_empty() || outside, "after {:?}: {broken:?}", tried.command);
        }
    }

    #[test]
    fn accounts_are_drawn_on_for_what_they_pay_and_all_else_comes_back(life in life()) {
        for tried in life.recorded() {
            every_draw_has_its_reason(&tried.after)?;
        }
    }

    #[test]
    fn what_the_shipments_take_is_what_the_tenders_pay(life in life()) {
        for tried in life.recorded().filter(|tried| !tried.after.is_cancelled()) {
            shipments_are_paid_by_tenders(&tried.after)?;
        }
    }

    #[test]
    fn shares_and_what_was_written_off_add_up_to_the_total_at_every_moment(life in life()) {
        for tried in life.recorded().filter(|tried| !tried.after.has_unrouted()) {
            let order = &tried.after;
            let due: Vec<i64> = order.fulfillments.iter().map(|part| order.due(part).unwrap().minor()).collect();
            prop_assert!(due.iter().all(|due| *due >= 0), "a shipment costs less than nothing: {due:?}");
            prop_assert_eq!(due.iter().sum::<i64>() + written_off(order), order.placed.total.minor());
        }
    }

    #[test]
    fn a_history_in_which_anything_was_changed_has_a_broken_chain(life in life(), at in any::<prop::sample::Index>(), how in 0_u8..7) {
        let at = at.index(life.order.history().len());
        let Some(forged) = forged(&life.order, at, how) else { return Ok(()) };
        let broken = forged.proof().unwrap().broken_at;
        prop_assert_eq!(broken, Some(forged.history()[at].version), "changed {} at {}", how, at);
    }

    #[test]
    fn an_order_that_closed_has_earned_exactly_what_was_owed_and_holds_nothing(life in life()) {
        let Some(closed) = life.recorded().find(|tried| tried.after.invoice.is_some()) else { return Ok(()) };
        let order = &closed.after;
        let (owed, captured) = (order.owed().unwrap().minor(), order.payment.captured().minor());
        prop_assert_eq!(earned(order), owed - credited(order));
        prop_assert_eq!(on(order, Account::UnearnedRevenue), 0);
        let ahead = payments(order).any(|event| matches!(event, PaymentEvent::Captured { fulfillment: None, .. }));
        prop_assert!(captured == owed || (ahead && captured > owed), "captured {captured} of {owed}");
        prop_assert_eq!(on(order, Account::Authorizations), 0);
        prop_assert_eq!(on(order, Account::AuthorizationsHeld), 0);
        prop_assert!(!order.payment.holds_money());
    }

    #[test]
    fn an_order_that_was_called_off_owes_nothing_and_gives_back_what_was_held(life in life()) {
        let order = &life.order;
        if !order.is_cancelled() {
            return Ok(());
        }
        // What was given back for goodwill before the end is a loss.
        prop_assert_eq!(earned(order), -credited(order));
        prop_assert_eq!(on(order, Account::UnearnedRevenue), 0);
        let outside = payments(order).any(|event| matches!(event, PaymentEvent::Refunded { refund: None, .. }));
        let overcharged = order.payment.captured().minor()
            - order.payment.refunds.iter().map(|known| known.refund.overcharge.minor()).sum::<i64>();
        // What was collected before the end and not given back is the customer's.
        prop_assert!(outside || on(order, Account::CustomerReceivable) == -overcharged);
        prop_assert_eq!(on(order, Account::Authorizations), 0);
        prop_assert_eq!(on(order, Account::AuthorizationsHeld), 0);
    }

    #[test]
    fn every_life_comes_to_an_end(life in life()) {
        prop_assert!(life.order.is_finished(), "{}", stands_still(&life));
        prop_assert_eq!(life.order.head().1, None);
    }
}
