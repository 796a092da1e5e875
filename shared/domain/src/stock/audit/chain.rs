//! A place's statement, line by line.

use super::change::change_of;
use super::{Cause, Counters, Entry};
use crate::stock::counter::Counter;

/// The first line of one place's (or shard's) statement that does not follow from the line before it and the movements it names.
/// Before the first line of all, the counters are what that line itself says they were.
#[must_use]
pub fn first_break(mut lines: Vec<Entry>) -> Option<Entry> {
    // Digits without leading zeros: the longer is the greater.
    lines.sort_by(|a, b| (a.sequence.len(), &a.sequence).cmp(&(b.sequence.len(), &b.sequence)));
    let mut said: Option<Counters> = None;
    for line in lines {
        let before = said.unwrap_or_else(|| less(&line.counters, &line.deltas));
        if !follows(&before, &line) {
            return Some(line);
        }
        said = Some(line.counters);
    }
    None
}

fn follows(before: &Counters, line: &Entry) -> bool {
    let mut expected = before.clone();
    for (counter, delta) in moved(line) {
        *expected.entry(counter).or_default() += delta;
    }
    let says = |counters: &Counters, counter: &Counter| counters.get(counter).copied().unwrap_or(0);
    expected.keys().chain(line.counters.keys()).all(|counter| says(&expected, counter) == says(&line.counters, counter))
}

/// What the line's movements change. Of a hot item several counters share what they do, and which took how much only the
/// line says.
fn moved(line: &Entry) -> Vec<(Counter, i64)> {
    let cause = line.cause.as_deref().and_then(|cause| cause.parse().ok());
    if line.shard.is_some() || matches!(cause, Some(Cause::Heat(_))) {
        return line.deltas.iter().map(|(counter, delta)| (*counter, *delta)).collect();
    }
    change_of(&line.movements, &line.shelf).map(|change| change.deltas).unwrap_or_default()
}

fn less(counters: &Counters, deltas: &Counters) -> Counters {
    let mut before = counters.clone();
    for (counter, delta) in deltas {
        *before.entry(*counter).or_default() -= delta;
    }
    before
}
