//! Before hand-over every effect is undone, whatever fails; after it none is.

use super::Findings;
use crate::asl::{Machine, Place, camel};
use waybill_lambda::{Halt, Stage};

/// Every effect that can be undone is, when its own state or a later one up to the hand-over ends in `Refused` or in any
/// other failure.
#[must_use]
pub fn effects_are_undone(machine: &Machine) -> Findings {
    let path = machine.happy_path();
    let mut found = Vec::new();
    for (effect, undo) in Stage::ALL.into_iter().filter_map(|stage| Some((stage, stage.undone_by()?))) {
        let begins = path.iter().position(|place| place.stage() == Some(effect));
        let ends = path.iter().position(|place| place.stage() == Some(Stage::HandOver));
        let (Some(begins), Some(ends)) = (begins, ends) else {
            found.push(format!("{} or HandOver is not on the way of an order", camel(effect.name())));
            continue;
        };
        let main = path.iter().take(ends + 1).skip(begins).copied();
        let risky = main.flat_map(|place| std::iter::once(place).chain(detours(machine, place)));
        let risky = risky.filter(|place| place.kind() == "Task");
        let ways = risky.flat_map(|place| ["Refused", "States.ALL"].map(|error| (place, error)));
        let bad = ways.filter(|(place, error)| !compensation(machine, *place, error).contains(&undo));
        found.extend(bad.map(|(place, error)| {
            let (effect, undo) = (camel(effect.name()), camel(undo.name()));
            format!("{} on {error} does not lead to {undo}, so that {effect} is not undone", place.name)
        }));
    }
    found
}

/// The waits `place` may send the order to before it goes on.
fn detours<'m>(machine: &'m Machine, place: Place<'m>) -> impl Iterator<Item = Place<'m>> {
    let outcomes = Halt::OUTCOMES.into_iter().filter(|outcome| *outcome != "Refused");
    let named = move |outcome: &&str| place.catches().iter().any(|clause| clause.errors().contains(outcome));
    outcomes.filter(named).filter_map(move |outcome| machine.caught(place, outcome))
}

/// The stages run when `place` ends with `error` and everything after goes as it must then: what undoes succeeds, and
/// what would go on with the order refuses.
fn compensation(machine: &Machine, place: Place<'_>, error: &str) -> Vec<Stage> {
    let mut run = Vec::new();
    let mut here = machine.caught(place, error);
    while let Some((place, stage)) = here.and_then(|place| Some((place, place.stage()?))) {
        if run.contains(&stage) {
            break;
        }
        run.push(stage);
        let refuses = super::workflow::may_refuse(stage);
        here = if refuses { machine.caught(place, "Refused") } else { machine.after(place) };
    }
    run
}

/// Nothing that is run once goods have left leads to an undo. `Complete` refuses only where nothing has left, so that way
/// is not looked at.
#[must_use]
pub fn nothing_is_undone_after_hand_over(machine: &Machine) -> Findings {
    let Some(first) = machine.states_of_stage(Stage::HandOver).first().and_then(|place| machine.after(*place)) else {
        return vec!["nothing follows HandOver".to_owned()];
    };
    let mut seen = vec![first];
    let mut at = 0;
    while let Some(place) = seen.get(at).copied() {
        for next in ways(machine, place) {
            if seen.iter().all(|known| known.name != next.name) {
                seen.push(next);
            }
        }
        at += 1;
    }
    let undoing = |stage| stage == Stage::Abandon || Stage::ALL.iter().any(|effect| effect.undone_by() == Some(stage));
    let bad = seen.iter().filter(|place| place.stage().is_some_and(undoing));
    bad.map(|place| format!("{} can be reached after HandOver, when the goods have left", place.name)).collect()
}

/// Where it may go on from `place`, whatever happens.
fn ways<'m>(machine: &'m Machine, place: Place<'m>) -> Vec<Place<'m>> {
    let harmless = |error: &&str| !(place.stage() == Some(Stage::Complete) && *error == "Refused");
    let named = place.catches().into_iter().flat_map(|clause| clause.errors());
    let caught = named.chain(["States.ALL"]).filter(harmless).filter_map(|error| machine.caught(place, error));
    caught.chain(machine.after(place)).collect()
}
