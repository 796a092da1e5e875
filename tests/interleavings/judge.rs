//! What must hold whenever no call is under way.

use std::collections::{BTreeMap, BTreeSet};
use waybill_domain::ledger::is_balanced;
use waybill_domain::order::Order;
use waybill_domain::ports::{Queue, ReturnStatus};
use waybill_domain::stock::Counter;
use waybill_payments::differences;
use waybill_testkit::{World, block_on};

/// What staff are told of money that was captured by nobody of us.
const TAKEN: &str = "was taken by somebody else";

/// What does not hold. Where promised units were lost, less may be there than was promised.
pub fn wrong(world: &World, loses: bool) -> Vec<String> {
    let mut found = stock(world, loses);
    let orders = world.memory.all_orders();
    for order in &orders {
        found.extend(money(world, order));
        found.extend(labels(world, order));
    }
    found.extend(processor(world, &orders));
    found.extend(lists(world, &orders));
    found.extend(mails(world));
    found
}

/// Every event balances, the order's equations hold, and the processor's books are the ledger's.
fn money(world: &World, order: &Order) -> Vec<String> {
    let mut found = match order.proof() {
        Ok(proof) => proof.differences(),
        Err(error) => vec![format!("the order's money cannot be proven: {error}")],
    };
    for event in order.history() {
        if !is_balanced(&event.postings) {
            found.push(format!("event {} does not balance", event.version));
        }
    }
    let holds = world.processor.holds_of(&order.id);
    found.extend(holds.iter().flat_map(|hold| differences(order, &hold.held)));
    found
}

/// A capture, and a refund, is made once for what it is made for.
fn processor(world: &World, orders: &[Order]) -> Vec<String> {
    let mut found = Vec::new();
    let mut captured = BTreeSet::new();
    for hold in world.processor.holds() {
        let held = &hold.held;
        let noted: i64 = held.captures.values().map(|amount| amount.minor()).sum();
        let is_known = orders.iter().flat_map(|order| &order.cases).any(|open| open.case.reason.contains(TAKEN));
        if noted != held.captured.minor() && !is_known {
            found.push(format!("{} was captured of {}, {noted} of it for a shipment", held.captured, held.reference));
        }
        let whose = held.owner.as_ref().map(|owner| owner.order.clone());
        for effect in held.captures.keys() {
            if !captured.insert((whose.clone(), effect.clone())) {
                found.push(format!("{effect} was captured twice"));
            }
        }
        let refunds = world.processor.refunds_of(&held.reference);
        let live = refunds.iter().filter(|refund| !matches!(refund.status, ReturnStatus::Failed { .. }));
        let mut effects = BTreeSet::new();
        for effect in live.filter_map(|refund| refund.effect.clone()) {
            if !effects.insert(effect.clone()) {
                found.push(format!("{effect} was given back twice"));
            }
        }
    }
    found
}

/// No parcel has two labels.
fn labels(world: &World, order: &Order) -> Vec<String> {
    let of_part = |number: u16| world.labels.live(&format!("{}-{number}", order.id)).len();
    let several = order.fulfillments.iter().filter(|part| of_part(part.number) > 1);
    several.map(|part| format!("part {} has {} labels", part.number, of_part(part.number))).collect()
}

/// The equations hold, and nothing was promised, allocated or shipped that is not there.
fn stock(world: &World, loses: bool) -> Vec<String> {
    let unbalanced = world.memory.unbalanced().into_iter();
    let mut found: Vec<String> = unbalanced.map(|(_, sku)| format!("the stock of {sku} does not add up")).collect();
    // What is available may be less than nothing as far as orders wait; what is left of it and of what is announced, never.
    let may_lack = |counter: Counter| match counter {
        Counter::Available | Counter::Fillable => true,
        Counter::Promisable => loses,
        Counter::OnHand | Counter::Allocated | Counter::Free | Counter::Held | Counter::Remaining => false,
    };
    for ((_, shelf, counter), units) in world.memory.counters() {
        if units < 0 && !may_lack(counter) {
            found.push(format!("{counter:?} of {} is {units}", shelf.sku));
        }
    }
    found
}

/// The list of exceptions shows those that are open.
fn lists(world: &World, orders: &[Order]) -> Vec<String> {
    let open: usize = orders.iter().map(|order| order.cases.iter().filter(|case| !case.resolved).count()).sum();
    let listed = block_on(crate::calls::listed(world, &Queue::Exceptions)).len();
    if open == listed { Vec::new() } else { vec![format!("{open} exceptions are open, {listed} listed")] }
}

/// No message was sent twice.
fn mails(world: &World) -> Vec<String> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for mail in world.mailer.sent() {
        *times.entry(format!("{mail:?}")).or_default() += 1;
    }
    let twice = times.into_values().filter(|times| *times > 1);
    twice.map(|times| format!("a message was sent {times} times")).collect()
}
