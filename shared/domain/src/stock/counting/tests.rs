//! What a count proposes, and who may decide on it.

use super::*;
use crate::stock::filing::{Ask, Origin};
use crate::stock::{Stow, changes};
use serde_json::json;

const MUG: &str = "MUG";

fn facts(level: Level) -> Facts {
    let record = json!({"sku": MUG, "title": "M", "length_mm": 1, "width_mm": 1, "height_mm": 1, "weight_grams": 1});
    Facts {
        items: [(MUG.parse().unwrap(), serde_json::from_value(record).unwrap())].into(),
        sites: ["reno".parse().unwrap()].into(),
        levels: [(Shelf::site(MUG.parse().unwrap(), "reno".parse().unwrap()), level)].into(),
        ..Facts::default()
    }
}

fn level(allocated: i64, free: i64, held: i64) -> Level {
    Level { on_hand: allocated + free + held, allocated, free, held }
}

fn origin(actor: &str) -> Origin {
    let at = "2026-11-22T12:00:00Z".parse().unwrap();
    Origin { id: "doc-1".parse().unwrap(), at, actor: Actor(actor.to_owned()) }
}

fn counted(level: Level, counted: i64, write_off_held: bool) -> Document {
    let lines = vec![Line::new(MUG.parse().unwrap(), counted)];
    let ask = Ask::Count { site: "reno".parse().unwrap(), lines, write_off_held };
    let (document, seen) = ask.decide(origin("client:counter"), &facts(level)).unwrap();
    assert_eq!(seen.iter().map(|seen| seen.units).collect::<Vec<_>>(), vec![level.on_hand]);
    let kinds: Vec<_> = document.movements.iter().map(|one| (one.kind, one.quantity)).collect();
    assert_eq!(kinds, vec![(Kind::Counted, counted)], "a count moves nothing");
    assert_eq!(changes(&document.movements), vec![]);
    document
}

fn decision(count: &Document, approved: bool, is_admin: bool, actor: &str) -> Result<Document, Refusal> {
    let note = "seen".to_owned().try_into().unwrap();
    let ask = Ask::Decide { count: count.id.clone(), approved, note, is_admin };
    let facts = Facts { document: Some(count.clone()), ..Facts::default() };
    ask.decide(origin(actor), &facts).map(|(document, _)| document)
}

#[test]
fn a_count_proposes_what_would_make_the_shelf_agree() {
    use Kind::{Adjusted, Restored, WrittenOff};
    // allocated, free, held; counted; held units that were not found are written off; the proposal; a case?
    let table = [
        ((2, 8, 0), 10, false, vec![], false),
        ((2, 8, 0), 7, false, vec![(Adjusted, -3)], true),
        ((2, 8, 0), 13, false, vec![(Adjusted, 3)], true),
        // More are missing than are free: what is spoken for stays until a picker looks.
        ((5, 2, 0), 1, false, vec![(Adjusted, -2)], true),
        ((5, 0, 0), 4, false, vec![], true),
        // Held units are not expected; the first ones found are they.
        ((0, 8, 3), 8, false, vec![], false),
        ((0, 8, 3), 10, false, vec![(Restored, 2)], true),
        ((0, 8, 3), 12, false, vec![(Restored, 3), (Adjusted, 1)], true),
        ((0, 8, 3), 8, true, vec![(WrittenOff, 3)], true),
        ((0, 8, 3), 10, true, vec![(Restored, 2), (WrittenOff, 1)], true),
        ((0, 8, 3), 6, true, vec![(Adjusted, -2), (WrittenOff, 3)], true),
        ((0, 8, 0), 8, true, vec![], false),
        ((0, 0, 0), 0, false, vec![], false),
    ];
    for ((allocated, free, held), found, write_off, wanted, opens) in table {
        let document = counted(level(allocated, free, held), found, write_off);
        let proposal = proposal(&document).unwrap().iter().map(|one| (one.kind, one.quantity)).collect::<Vec<_>>();
        assert_eq!((proposal, document.opens_case()), (wanted, opens), "{allocated} {free} {held}: {found}");
    }
}

#[test]
fn an_approved_proposal_moves_the_difference_and_a_dropped_one_nothing() {
    let count = counted(level(0, 10, 0), 7, false);
    let approved = decision(&count, true, false, "client:other").unwrap();
    assert_eq!(approved.closes_case(), Some(&count.id));
    assert_eq!(approved.movements.iter().map(|one| one.quantity).collect::<Vec<_>>(), vec![-3]);
    let dropped = decision(&count, false, false, "client:other").unwrap();
    assert_eq!((dropped.movements.len(), dropped.closes_case()), (0, Some(&count.id)));
}

#[test]
fn nobody_but_an_admin_approves_a_count_of_their_own() {
    let count = counted(level(0, 10, 0), 7, false);
    let own = decision(&count, true, false, "client:counter").unwrap_err().to_string();
    assert_eq!(own, "/decision must be another person's than the count");
    assert!(decision(&count, true, true, "client:counter").is_ok());
    assert!(decision(&count, false, false, "client:counter").is_ok(), "to drop it harms nobody");
}

#[test]
fn only_a_count_that_disagrees_is_decided_on() {
    let agrees = counted(level(0, 10, 0), 10, false);
    assert!(matches!(decision(&agrees, true, true, "a"), Err(Refusal::NotNow(_))));
    let other = decision(&counted(level(0, 10, 0), 7, false), false, true, "a").unwrap();
    assert_eq!(decision(&other, true, true, "a"), Err(Refusal::Unknown("count")));
}

#[test]
fn a_count_by_stow_is_weighed_against_that_stow_alone() {
    let mut facts = facts(level(0, 10, 0));
    facts.items.values_mut().for_each(|item| item.tracking.bin = true);
    let stow = |bin: &str| Stow { bin: Some(bin.parse().unwrap()), ..Stow::default() };
    let reno = || "reno".parse::<SiteId>().unwrap();
    let shelf = Shelf { sku: MUG.parse().unwrap(), place: Place::Stow(reno(), stow("A")) };
    facts.levels.insert(shelf, level(0, 4, 0));
    let line = |bin, counted| Line { stow: stow(bin), ..Line::new(MUG.parse().unwrap(), counted) };
    let ask = Ask::Count { site: reno(), lines: vec![line("A", 4), line("B", 1)], write_off_held: false };
    let (document, seen) = ask.decide(origin("a"), &facts).unwrap();
    assert_eq!(seen.iter().map(|seen| seen.units).collect::<Vec<_>>(), vec![4, 0]);
    let proposal = proposal(&document).unwrap();
    assert_eq!((proposal.len(), proposal[0].quantity, proposal[0].stow.clone()), (1, 1, Some(stow("B"))));
}

#[test]
fn an_item_is_counted_again_when_its_class_says_so() {
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let ago = |days: i64| Some(now - SignedDuration::from_hours(24 * days));
    let table = [
        (CountClass::A, None, true),
        (CountClass::C, None, true),
        (CountClass::A, ago(29), false),
        (CountClass::A, ago(30), true),
        (CountClass::B, ago(89), false),
        (CountClass::B, ago(90), true),
        (CountClass::C, ago(179), false),
        (CountClass::C, ago(180), true),
    ];
    for (class, counted_at, due) in table {
        assert_eq!(count_due(class, counted_at, now), due, "{class:?} {counted_at:?}");
    }
}
