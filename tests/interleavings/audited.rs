//! What the self-audit makes of a world's changes of counters, in whatever order it hears of them.

use audit_stock::{Auditor, StreamEvent};
use serde_json::{Value, json};
use waybill_domain::stock::audit::{Counters, place_name};
use waybill_testkit::{MemoryBus, World, Written, at, block_on};

/// An item of counters as the stream shows it.
fn image(counters: &Counters, cause: &str) -> Value {
    let mut image = json!({"cause": {"S": cause}, "moved_at": {"S": at(0).to_string()}});
    for (counter, units) in counters {
        image[counter.name()] = json!({"N": units.to_string()});
    }
    image
}

fn record(number: usize, written: &Written) -> Value {
    let pk = format!("T#{}#SKU#{}", written.tenant, written.shelf.sku);
    let keys = json!({"pk": {"S": pk}, "sk": {"S": place_name(&written.shelf.place, None)}});
    let mut change = json!({"Keys": keys, "NewImage": image(&written.after, &written.cause),
        "SequenceNumber": (100_000 + number).to_string(), "ApproximateCreationDateTime": at(0).as_second()});
    if let Some((counters, cause)) = &written.before {
        change["OldImage"] = image(counters, cause);
    }
    json!({"dynamodb": change})
}

/// Every change told in the order that `choose` makes of them, each so many times: the lines of the statements, what was
/// published, and each drift.
pub fn statements(world: &World, times: usize, mut choose: impl FnMut(usize) -> usize) -> Vec<String> {
    let (statements, catalog) = (world.memory.statements(), world.catalog.clone());
    let bus = MemoryBus::failing(world.faults.clone());
    let auditor = Auditor { statements: statements.clone(), catalog, bus: bus.clone() };
    let told = world.memory.writes();
    let told = told.iter().enumerate().map(|(number, written)| record(number, written));
    let mut told: Vec<Value> = told.flat_map(|record| std::iter::repeat_n(record, times)).collect();
    let mut lines = Vec::new();
    while !told.is_empty() {
        let next = told.remove(choose(told.len()));
        let event: StreamEvent = serde_json::from_value(json!({"Records": [next]})).unwrap();
        if let Err(fault) = block_on(audit_stock::handle(&auditor, event)) {
            lines.push(format!("not audited: {}", fault.chain()));
        }
    }
    // Without the number of the event, and without what counters came to: which of two events was first means nothing.
    lines.extend(statements.lines().iter().map(|line| {
        let cause = line.cause.as_deref().and_then(|cause| cause.split('#').next());
        format!("statement {:?} {cause:?} {:?}", line.shelf, line.deltas)
    }));
    lines.extend(statements.all_drifts().iter().map(|drift| format!("drift {drift:?}")));
    lines.extend(bus.published().iter().map(|event| format!("published {}", event.id)));
    lines.sort();
    lines
}
