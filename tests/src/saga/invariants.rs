//! What must hold when nothing moves any more, whatever went wrong on the way.

use super::books;
use super::run::Run;
use crate::rules::Findings;
use std::collections::BTreeMap;
use waybill_domain::id::TenantId;
use waybill_domain::order::{Order, StockHold};
use waybill_domain::ports::{Lists, Queue};
use waybill_domain::relay::{Effect, Notice, effects};
use waybill_domain::stock::{Counter, Place, Shelf};
use waybill_testkit::{block_on, tenant};

/// How much is demanded of a run's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// The very end the scenario has without any trouble, and no exception left open.
    SameEnd,
    /// The same end; an exception may be left open.
    SameEndAndExceptions,
    /// Finished one way or the other: closed, or cancelled with everything given back.
    AnyEnd,
    /// Finished, or staff see it.
    EndOrException,
}

/// What does not hold.
#[must_use]
pub fn broken(run: &Run<'_>, demand: Demand) -> Findings {
    let mut found: Findings = run.complaints();
    let Some(order) = run.ground.stored() else {
        found.push("there is no order".to_owned());
        return found;
    };
    found.extend(ends(run, &order, demand));
    found.extend(executions(run, &order));
    found.extend(books::wrong(run, &order));
    found.extend(labels(run, &order));
    found.extend(stock(run, &order));
    found.extend(mails(run, &order));
    found
}

fn open_cases(order: &Order) -> Vec<String> {
    let open = order.cases.iter().filter(|case| !case.resolved);
    open.map(|case| format!("{} ({:?}): {}", case.case.stage, case.case.fulfillment, case.case.reason)).collect()
}

fn ends(run: &Run<'_>, order: &Order, demand: Demand) -> Findings {
    let mut found = Vec::new();
    let (axes, ends, open) = (order.axes(), &run.scenario.ends, open_cases(order));
    let shipments = order.fulfillments.iter().filter(|part| part.dispatched).count();
    // What came in before sites were first chosen needs no parcel of its own.
    let first = |name: &str| order.history().iter().position(|event| event.event.name() == name);
    let is_together =
        first("backorder_filled").is_some_and(|filled| first("routed").is_some_and(|routed| filled < routed));
    let expected = if is_together { ends.shipments.min(1) } else { ends.shipments };
    let same = (axes.order, axes.payment, axes.fulfillment, shipments)
        == (ends.order, ends.payment, ends.fulfillment, expected);
    let story = || order.history().iter().map(|event| event.event.name()).collect::<Vec<_>>().join(", ");
    let wants_same = matches!(demand, Demand::SameEnd | Demand::SameEndAndExceptions);
    if wants_same && !same {
        found.push(format!("ends as {axes:?} with {shipments} shipments: {}", story()));
    }
    if demand == Demand::SameEnd && !open.is_empty() {
        found.push(format!("left to staff: {}", open.join("; ")));
    }
    let seen = demand == Demand::EndOrException && !open.is_empty();
    if !order.is_finished() && !seen {
        found.push(format!("neither finished nor seen by anybody: {}", story()));
    }
    if order.is_finished() && run.is_watched() {
        found.push("finished, and the sweeper goes on looking at it".to_owned());
    }
    let listed = block_on(run.ground.world.orders.work(&tenant(), &Queue::Exceptions, None, 100));
    let listed = listed.map(|page| page.rows.len()).unwrap_or_default();
    if listed != open.len() {
        found.push(format!("{} exceptions are open, GET /exceptions shows {listed}", open.len()));
    }
    found
}

/// No workflow ends by an error nobody catches, and none of a finished order goes on waiting.
fn executions(run: &Run<'_>, order: &Order) -> Findings {
    let mut found = Vec::new();
    for execution in &run.executions {
        match execution.ended() {
            Some(Err(failure)) => found.push(format!("{} died of {failure:?}", execution.started.name())),
            None if order.is_finished() => {
                let last = execution.entered.iter().rev().take(3).cloned().collect::<Vec<_>>();
                found.push(format!("{} goes on, last in {}", execution.started.name(), last.join(", ")));
            }
            Some(Ok(_)) | None => {}
        }
    }
    if run.executions.is_empty() {
        found.push("no workflow was started".to_owned());
    }
    found
}

fn labels(run: &Run<'_>, order: &Order) -> Findings {
    let mut found = Vec::new();
    for part in &order.fulfillments {
        let live = run.ground.world.labels.live(&format!("{}-{}", order.id, part.number));
        let own = part.shipment.as_ref().filter(|shipment| !shipment.voided).map(|shipment| &shipment.label);
        let may_differ = !order.is_finished();
        if live.len() > 1 {
            found.push(format!("fulfillment order {} has {} labels", part.number, live.len()));
        }
        if live.first() != own && !may_differ {
            found.push(format!("the seller's books have the label {:?}, the order {own:?}", live.first()));
        }
        if order.is_finished() && part.is_dropped() && !live.is_empty() && open_cases(order).is_empty() {
            found.push(format!("the label of fulfillment order {} was not given back", part.number));
        }
    }
    found
}

fn stock(run: &Run<'_>, order: &Order) -> Findings {
    let memory = &run.ground.world.memory;
    let mut found: Findings =
        memory.unbalanced().into_iter().map(|(_, sku)| format!("the stock of {sku} does not add up")).collect();
    let counters = memory.counters();
    // What is promised may be more than is here, as far as orders wait for it.
    let may_wait = |counter: Counter| matches!(counter, Counter::Available | Counter::Fillable);
    let below = counters.iter().filter(|((_, _, counter), units)| **units < 0 && !may_wait(*counter));
    found.extend(below.map(|((_, shelf, counter), units)| format!("{counter:?} of {} is {units}", shelf.sku)));
    let holds = memory.reservations().contains_key(&(order.tenant.clone(), order.id.clone()));
    if holds != (order.stock == StockHold::Reserved) {
        found.push(format!("the order's stock is {:?}, its reservation there: {holds}", order.stock));
    }
    let moved = |counter: Counter| {
        let sum = |all: &BTreeMap<(TenantId, Shelf, Counter), i64>| -> i64 {
            // A stow's units are its site's.
            let is_own = |shelf: &Shelf| matches!(shelf.place, Place::Network | Place::Site(_));
            all.iter().filter(|(key, _)| key.2 == counter && is_own(&key.1)).map(|(_, units)| units).sum()
        };
        sum(&counters) - sum(&run.stock)
    };
    let left = order.fulfillments.iter().filter(|part| part.dispatched).flat_map(|part| &part.lines);
    let left: i64 = left.map(|line| i64::from(line.shipping())).sum();
    let came = run.people.supply.came;
    if moved(Counter::OnHand) != came - left {
        found.push(format!("{left} units left, {came} came, on hand changed by {}", moved(Counter::OnHand)));
    }
    if order.is_finished() {
        let lines = order.fulfillments.iter().flat_map(|part| &part.lines);
        let missing: i64 = lines.map(|line| i64::from(line.quantity - line.shipping())).sum();
        let now = (moved(Counter::Allocated), moved(Counter::Held), moved(Counter::Available));
        if now != (0, missing, came - left - missing) {
            found.push(format!("{left} units left and {missing} missing, but allocated, held, available by {now:?}"));
        }
    }
    found
}

/// Every message that an event asks for was sent, and sent once. One about a payment that waits may have come too late to be
/// of use.
fn mails(run: &Run<'_>, order: &Order) -> Findings {
    let notices =
        order.history().iter().flat_map(|recorded| effects(&recorded.event)).filter_map(|effect| match effect {
            Effect::Notify(notice) => Some((notice.key(), notice)),
            Effect::Start { .. } | Effect::Answer(_) | Effect::AnswerAll | Effect::Refund { .. } => None,
        });
    let wanted: BTreeMap<String, Notice> = notices.collect();
    let mut sent = run.ground.world.mailer.sent();
    if run.mail_in_doubt {
        // A mail whose answer was lost is sent again: better twice than never.
        sent.sort_by(|a, b| (&a.subject, &a.text).cmp(&(&b.subject, &b.text)));
        sent.dedup();
    }
    let mut left: Vec<String> = sent.into_iter().map(|mail| mail.subject).collect();
    let mut found = Vec::new();
    for notice in wanted.into_values() {
        let may_be_late = matches!(notice, Notice::PaymentFailed { .. } | Notice::ActionRequired { .. });
        match best(&left, subject(notice)) {
            Some(at) => drop(left.swap_remove(at)),
            None if may_be_late => {}
            None => found.push(format!("never sent: {}", subject(notice))),
        }
    }
    found.extend(left.into_iter().map(|subject| format!("sent without need: {subject}")));
    found
}

/// The shortest of those that end like this: what confirms an order ends as others do.
fn best(sent: &[String], end: &str) -> Option<usize> {
    let fitting = (0..sent.len()).filter(|at| sent[*at].ends_with(end));
    fitting.min_by_key(|at| sent[*at].len())
}

/// How the message's subject line ends: of a split order it begins otherwise.
fn subject(notice: Notice) -> &'static str {
    match notice {
        Notice::OrderConfirmed => "our order WEB-1001",
        Notice::Shipped { .. } => "our order WEB-1001 is on its way",
        Notice::Delivered { .. } => "our order WEB-1001 was delivered",
        Notice::Cancelled => "our order WEB-1001 was cancelled",
        Notice::PaymentFailed { retried: true, .. } => "our order WEB-1001 did not go through yet",
        Notice::PaymentFailed { retried: false, .. } => "means of payment for your order WEB-1001",
        Notice::ActionRequired { .. } => "confirm the payment for your order WEB-1001",
        Notice::Refunded { .. } => "our refund for order WEB-1001",
    }
}
