//! One order's cost, in total and row by row.

use super::{Call, Charge, Invocation, Units};
use serde::Serialize;
use std::collections::BTreeMap;

/// Functions that a queue calls: each invocation took a receive and a delete from the queue.
const CONSUMERS: [&str; 2] = ["channel-order", "notify"];

/// Functions that only look, as often as their callers please (the demo asks several times a second):
/// what they read is no cost of the order.
const LOOKS: [&str; 1] = ["query-orders"];

fn is_look(function: &str) -> bool {
    LOOKS.contains(&function)
}

/// What one order cost, in AWS's units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// State transitions, retries included.
    pub transitions: u64,
    /// Invocations of the workflow's stages.
    pub stage_invocations: Units,
    /// Invocations of every other function.
    pub other_invocations: Units,
    /// `DynamoDB` write units, indexes included.
    pub write_units: Units,
    /// `DynamoDB` read units.
    pub read_units: Units,
    /// SQS requests: what functions sent, and a receive and a delete for each batch consumed.
    pub sqs_requests: Units,
}

/// One row of the bill: a function, its operation, the kind of item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The function.
    pub function: String,
    /// The operation.
    pub operation: String,
    /// The kind of item, or the index.
    pub item: String,
    /// How often.
    pub count: u64,
    /// Write units.
    pub write_units: Units,
    /// Read units.
    pub read_units: Units,
}

/// One order's cost and the rows that explain its units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bill {
    /// The sums.
    pub cost: Cost,
    /// The rows, sorted by function, operation and item.
    pub rows: Vec<Row>,
}

impl Bill {
    /// The bill of `order`. What a call or an invocation did for several orders is shared evenly.
    #[must_use]
    pub fn of(order: &str, calls: &[Call], invocations: &[Invocation], transitions: u64) -> Self {
        let calls = calls.iter().filter(|call| call.orders.contains(order));
        let invocations = invocations.iter().filter(|invocation| invocation.orders.contains(order));
        let mut bill = Self::sum(calls, invocations);
        bill.cost.transitions = transitions;
        bill
    }

    /// The bill of what no order can be named for: the sweeper's looks, reads that fill a cache.
    #[must_use]
    pub fn of_nobody(calls: &[Call], invocations: &[Invocation]) -> Self {
        let calls = calls.iter().filter(|call| call.orders.is_empty());
        Self::sum(calls, invocations.iter().filter(|invocation| invocation.orders.is_empty()))
    }

    fn sum<'a>(calls: impl Iterator<Item = &'a Call>, invocations: impl Iterator<Item = &'a Invocation>) -> Self {
        let mut bill = Self::default();
        let mut rows = BTreeMap::new();
        for call in calls.filter(|call| !is_look(&call.function)) {
            bill.add_call(call, &mut rows);
        }
        for invocation in invocations.filter(|invocation| !is_look(&invocation.function)) {
            bill.add_invocation(invocation);
        }
        bill.rows = rows.into_values().collect();
        bill
    }

    fn add_call(&mut self, call: &Call, rows: &mut BTreeMap<[String; 3], Row>) {
        let sharers = call.orders.len();
        if call.service == "AmazonSQS" {
            self.cost.sqs_requests += Units::whole(1).share(sharers);
        }
        for Charge { item, write, read } in &call.charges {
            let (write, read) = (write.share(sharers), read.share(sharers));
            self.cost.write_units += write;
            self.cost.read_units += read;
            let key = [call.function.clone(), call.operation.clone(), item.clone()];
            let row = rows.entry(key).or_insert_with_key(|[function, operation, item]| Row {
                function: function.clone(),
                operation: operation.clone(),
                item: item.clone(),
                count: 0,
                write_units: Units::ZERO,
                read_units: Units::ZERO,
            });
            row.count += 1;
            row.write_units += write;
            row.read_units += read;
        }
    }

    fn add_invocation(&mut self, invocation: &Invocation) {
        let share = Units::whole(1).share(invocation.orders.len());
        if invocation.is_stage() {
            self.cost.stage_invocations += share;
        } else {
            self.cost.other_invocations += share;
        }
        if CONSUMERS.contains(&invocation.function.as_str()) {
            self.cost.sqs_requests += share.times(2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::time::Duration;

    fn owners(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    fn call(service: &str, operation: &str, orders: &[&str], write: u64) -> Call {
        let charge = Charge { item: "STATE".into(), write: Units::whole(write), read: Units::ZERO };
        Call {
            function: "relay".into(),
            service: service.into(),
            operation: operation.into(),
            status: 200,
            took: Duration::ZERO,
            orders: owners(orders),
            charges: if write > 0 { vec![charge] } else { Vec::new() },
            permissions: BTreeSet::new(),
            trace: String::new(),
        }
    }

    fn invocation(function: &str, orders: &[&str]) -> Invocation {
        Invocation { function: function.into(), orders: owners(orders), outcome: "ok".into() }
    }

    #[test]
    fn what_was_done_for_two_orders_is_shared_by_both() {
        let calls = [
            call("DynamoDB_20120810", "UpdateItem", &["one", "two"], 3),
            call("DynamoDB_20120810", "UpdateItem", &["one"], 2),
            call("AmazonSQS", "SendMessageBatch", &["one", "two"], 0),
            call("DynamoDB_20120810", "PutItem", &[], 9),
        ];
        let invocations =
            [invocation("pick", &["one"]), invocation("notify", &["one", "two"]), invocation("sweep", &[])];

        let Bill { cost, rows } = Bill::of("one", &calls, &invocations, 11);

        assert_eq!(cost.write_units.to_string(), "3.5");
        assert_eq!(cost.stage_invocations, Units::whole(1));
        assert_eq!(cost.other_invocations, Units::HALF);
        // Half of the send, half of a receive and of a delete.
        assert_eq!(cost.sqs_requests.to_string(), "1.5");
        assert_eq!(cost.transitions, 11);
        assert_eq!((rows.len(), rows[0].count), (1, 2));
        assert_eq!(Bill::of_nobody(&calls, &invocations).cost.write_units, Units::whole(9));
    }
}
