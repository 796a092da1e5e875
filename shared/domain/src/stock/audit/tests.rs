use super::*;
use crate::stock::{Kind, Stow, changes};
use jiff::ToSpan;

/// Every kind, in an order in which a place goes through them.
const LIFE: [(Kind, i64); 21] = [
    (Kind::Received, 20),
    (Kind::Adjusted, 4),
    (Kind::Adjusted, -2),
    (Kind::Expected, 9),
    (Kind::Arrived, 4),
    (Kind::Reserved, 5),
    (Kind::Backordered, 3),
    (Kind::Filled, 3),
    (Kind::Unfilled, 2),
    (Kind::Released, 1),
    (Kind::Unpromised, 2),
    (Kind::Allocated, 5),
    (Kind::Deallocated, 1),
    (Kind::Shorted, 1),
    (Kind::Shipped, 2),
    (Kind::Returned, 1),
    (Kind::Withheld, 2),
    (Kind::Restored, 1),
    (Kind::WrittenOff, 1),
    (Kind::TransferredOut, 2),
    (Kind::Counted, 7),
];

fn tenant() -> TenantId {
    "acme".parse().unwrap()
}

fn at(seconds: i64) -> Timestamp {
    "2026-11-02T10:00:00Z".parse::<Timestamp>().unwrap() + seconds.seconds()
}

fn movement(kind: Kind, quantity: i64) -> Movement {
    let moved = Movement::at(kind, "A".parse().unwrap(), "main".parse().unwrap(), quantity);
    let lot = Stow { lot: Some("L1".parse().unwrap()), ..Stow::default() };
    let is_announced = matches!(kind, Kind::Expected | Kind::Arrived | Kind::TransferredOut);
    let moved = if is_announced { moved.announced(document()) } else { moved };
    moved.of(Some(lot))
}

fn document() -> crate::id::DocumentId {
    crate::id::DocumentId::derive(&tenant(), "test", "announcement")
}

fn cause(number: usize) -> String {
    format!("ord-1#{number}")
}

/// Counters that movements are carried out on as an adapter carries them out.
#[derive(Default)]
struct Table {
    images: BTreeMap<Shelf, Image>,
    sequence: u64,
}

impl Table {
    fn carry_out(&mut self, movements: &[Movement], cause: &str, at: Timestamp) -> Vec<Write> {
        let changes = changes(movements);
        changes.into_iter().map(|change| self.write(change.shelf, &change.deltas, Some(cause), at)).collect()
    }

    fn write(&mut self, of: Shelf, deltas: &[(Counter, i64)], cause: Option<&str>, at: Timestamp) -> Write {
        let before = self.images.get(&of).cloned();
        let mut after = before.clone().unwrap_or_default();
        for (counter, delta) in deltas {
            *after.counters.entry(*counter).or_default() += delta;
        }
        if let Some(cause) = cause {
            after.cause = Some(cause.to_owned());
            after.moved_at = Some(at);
        }
        self.images.insert(of.clone(), after.clone());
        self.sequence += 1;
        let sequence = self.sequence.to_string();
        Write { tenant: tenant(), shelf: of, spread: Spread::No, sequence, at, before, after: Some(after) }
    }
}

/// A life, write by write, each with what its cause moved.
fn life() -> Vec<(Write, Vec<Movement>)> {
    let mut table = Table::default();
    let mut writes = Vec::new();
    for (number, (kind, quantity)) in LIFE.into_iter().enumerate() {
        let movements = vec![movement(kind, quantity)];
        let seconds = i64::try_from(number).unwrap();
        let made = table.carry_out(&movements, &cause(number), at(seconds));
        writes.extend(made.into_iter().map(|write| (write, movements.clone())));
    }
    writes
}

fn drift_of(write: &Write, moved: Option<&[Movement]>) -> Option<Drift> {
    audit(write, moved).and_then(|audited| audited.drift)
}

#[test]
fn every_kind_of_movement_passes_where_it_moved_what_it_says() {
    let writes = life();
    assert!(writes.len() > LIFE.len(), "places of every kind are moved");
    for (write, movements) in &writes {
        let audited = audit(write, Some(movements)).unwrap();
        assert_eq!(audited.drift, None, "{:?}", movements[0].kind);
        assert_eq!(audited.entry.movements, *movements);
        assert_eq!(audited.entry.counters, write.after.clone().unwrap().counters);
    }
}

#[test]
fn every_counter_changed_by_more_or_less_than_its_cause_moved_is_told_with_its_cause() {
    let counters = [
        Counter::Available,
        Counter::Promisable,
        Counter::Fillable,
        Counter::OnHand,
        Counter::Allocated,
        Counter::Free,
        Counter::Held,
        Counter::Remaining,
    ];
    for (write, movements) in life() {
        for (counter, by) in counters.into_iter().flat_map(|counter| [(counter, 1), (counter, -3)]) {
            let mut tampered = write.clone();
            *tampered.after.as_mut().unwrap().counters.entry(counter).or_default() += by;
            let found = tampered.of(counter).1;
            let drift = drift_of(&tampered, Some(&movements)).unwrap();
            assert_eq!((drift.rule, drift.cause.clone()), (Rule::Deltas, write.after.clone().unwrap().cause));
            assert_eq!(drift.wrong, [Wrong { counter, expected: found - by, found }]);
            assert_eq!((drift.tenant, drift.shelf, drift.at), (tenant(), write.shelf.clone(), write.at));
        }
    }
}

#[test]
fn a_change_that_names_nothing_or_what_does_not_exist_is_a_drift() {
    let (mut write, movements) = life().remove(0);
    assert_eq!(drift_of(&write, None).map(|drift| drift.rule), Some(Rule::UnknownCause));
    write.after.as_mut().unwrap().cause = None;
    let audited = audit(&write, Some(&movements)).unwrap();
    assert_eq!(audited.drift.map(|drift| drift.rule), Some(Rule::Uncaused));
    assert_eq!((audited.entry.cause, audited.entry.movements.len()), (None, 0));
}

#[test]
fn a_counter_edited_by_hand_keeps_its_old_cause_and_is_told() {
    let mut table = Table::default();
    let movements = [movement(Kind::Received, 5)];
    let shelf = table.carry_out(&movements, "doc-1", at(0)).remove(0).shelf;
    let edited = table.write(shelf.clone(), &[(Counter::Available, 7)], None, at(60));
    let audited = audit(&edited, Some(&movements)).unwrap();
    let drift = audited.drift.unwrap();
    assert_eq!((drift.rule, drift.cause.as_deref(), drift.at), (Rule::Repeated, Some("doc-1"), at(60)));
    assert_eq!(drift.wrong, [Wrong { counter: Counter::Available, expected: 5, found: 12 }]);
    assert_eq!((audited.entry.cause, audited.entry.at), (None, at(60)));
    let again = table.carry_out(&movements, "doc-1", at(0)).remove(0);
    assert_eq!(drift_of(&again, Some(&movements)).map(|drift| drift.rule), Some(Rule::Repeated));
}

#[test]
fn a_second_line_of_the_same_cause_is_a_repetition_whatever_came_between() {
    let mut table = Table::default();
    let movements = [movement(Kind::Received, 5)];
    table.carry_out(&movements, "doc-1", at(0));
    table.carry_out(&[movement(Kind::Received, 1)], "doc-2", at(1));
    let again = table.carry_out(&movements, "doc-1", at(0)).remove(0);
    let audited = audit(&again, Some(&movements)).unwrap();
    assert_eq!(audited.drift, None, "by itself it looks well");
    let repeated = audited.repeated(&again);
    let drift = repeated.drift.unwrap();
    assert_eq!((drift.rule, drift.wrong.len(), repeated.entry.cause), (Rule::Repeated, 3, None));
}

#[test]
fn what_moves_nothing_is_no_line_and_no_drift() {
    let mut table = Table::default();
    let shelf = table.carry_out(&[movement(Kind::Received, 5)], "doc-1", at(0)).remove(1).shelf;
    let dated = table.write(shelf.clone(), &[], None, at(1));
    assert_eq!(audit(&dated, None), None);
    let mut deleted = table.write(shelf.clone(), &[], None, at(2));
    deleted.after = None;
    assert_eq!(drift_of(&deleted, None).map(|drift| (drift.rule, drift.wrong.len())), Some((Rule::Deleted, 2)));
    let empty = [(Counter::OnHand, -5), (Counter::Free, -5)];
    table.write(shelf.clone(), &empty, None, at(3));
    let mut deleted = table.write(shelf, &[], None, at(4));
    deleted.after = None;
    assert_eq!(audit(&deleted, None), None);
}

#[test]
fn units_taken_that_were_not_there_to_take_are_told_even_where_the_counters_add_up() {
    let mut table = Table::default();
    table.carry_out(&[movement(Kind::Received, 2)], "doc-1", at(0));
    let sold = [movement(Kind::Reserved, 1).leaving(2)];
    let write = table.carry_out(&sold, "ord-1#1", at(1)).remove(0);
    let drift = drift_of(&write, Some(&sold)).unwrap();
    assert_eq!(drift.rule, Rule::Guard);
    assert_eq!(drift.wrong, [Wrong { counter: Counter::Available, expected: 3, found: 2 }]);
}

#[test]
fn a_serial_number_that_came_in_twice_is_told() {
    let serial = Stow { serial: Some("S1".parse().unwrap()), ..Stow::default() };
    let received = [movement(Kind::Received, 1).of(Some(serial.clone()))];
    let mut table = Table::default();
    table.carry_out(&received, "doc-1", at(0));
    let writes = table.carry_out(&received, "doc-2", at(1));
    let drifts: Vec<_> = writes.iter().filter_map(|write| drift_of(write, Some(&received))).collect();
    let [drift] = &drifts[..] else { panic!("{drifts:?}") };
    assert_eq!((drift.rule, &drift.shelf.place), (Rule::Guard, &Place::Stow("main".parse().unwrap(), serial)));
}

#[test]
fn a_place_whose_counters_were_broken_before_is_not_told_again_at_every_movement() {
    let mut table = Table::default();
    let received = [movement(Kind::Received, 5)];
    let shelf = table.carry_out(&received, "doc-1", at(0)).remove(1).shelf;
    table.write(shelf, &[(Counter::Held, 2)], None, at(1));
    let later = table.carry_out(&received, "doc-2", at(2)).remove(1);
    assert_eq!(drift_of(&later, Some(&received)), None);
}

#[test]
fn a_statement_breaks_at_the_line_that_does_not_follow() {
    let mut table = Table::default();
    let mut lines = Vec::new();
    for number in 0..12 {
        let movements = [movement(Kind::Received, 5)];
        let mut write = table.carry_out(&movements, &cause(number), at(0)).remove(0);
        if number == 10 {
            write = table.write(write.shelf, &[(Counter::Fillable, 1)], Some("ord-9#9"), at(0));
        }
        lines.push(audit(&write, Some(&movements)).unwrap().entry);
    }
    let whole = lines[..10].to_vec();
    assert_eq!(first_break(whole.iter().rev().cloned().collect()), None, "in whatever order they are given");
    assert_eq!(first_break(lines.clone()).map(|line| line.cause), Some(Some("ord-9#9".to_owned())));
    lines.remove(4);
    assert_eq!(first_break(lines).map(|line| line.cause), Some(Some(cause(5))), "a line is missing before it");
}

/// What the tally says of a life, with the counters as `change` leaves them.
fn judged(change: impl Fn(&mut Table)) -> Judgement {
    let (mut table, mut tally) = (Table::default(), Tally::default());
    for (number, (kind, quantity)) in LIFE.into_iter().enumerate() {
        let movements = [movement(kind, quantity)];
        table.carry_out(&movements, &cause(number), at(0));
        tally.moved(&tenant(), &movements, at(0));
    }
    change(&mut table);
    for (shelf, image) in table.images {
        tally.counted(Counted { tenant: tenant(), shelf, counters: image.counters, moved_at: image.moved_at });
    }
    tally.judge(at(60), at(90))
}

#[test]
fn counters_that_every_movement_explains_are_no_drift() {
    assert_eq!(judged(|_| {}), Judgement { skus: 1, shelves: 4, moving: 0, drifts: Vec::new() });
}

#[test]
fn each_counter_that_the_movements_do_not_explain_is_a_drift_of_its_own_and_no_other_is_blamed() {
    let shelves: Vec<Shelf> = life().into_iter().map(|(write, _)| write.shelf).collect();
    for shelf in shelves {
        let counters = match shelf.place {
            Place::Network => vec![Counter::Available, Counter::Promisable, Counter::Fillable],
            Place::Site(_) | Place::Stow(..) => {
                vec![Counter::OnHand, Counter::Allocated, Counter::Free, Counter::Held]
            }
            Place::Announced(_) => vec![Counter::Remaining],
        };
        for counter in counters {
            let judgement = judged(|table| {
                *table.images.get_mut(&shelf).unwrap().counters.entry(counter).or_default() += 2;
            });
            let [drift] = &judgement.drifts[..] else { panic!("{:?}", judgement.drifts) };
            assert_eq!((&drift.shelf, drift.rule, drift.wrong.len()), (&shelf, Rule::Sum, 1));
            assert_eq!((drift.wrong[0].counter, drift.wrong[0].found - drift.wrong[0].expected), (counter, 2));
        }
    }
}

#[test]
fn counters_that_vanished_are_a_drift_and_those_of_nothing_are_not() {
    let judgement = judged(|table| table.images.retain(|shelf, _| shelf.place == Place::Network));
    assert_eq!(judgement.drifts.len(), 3, "site, lot and announcement");
    let mut tally = Tally::default();
    tally.moved(&tenant(), &[movement(Kind::Received, 3), movement(Kind::Adjusted, -3)], at(0));
    assert_eq!(tally.judge(at(60), at(90)).drifts, []);
}

#[test]
fn a_place_moved_just_now_is_counted_as_moving_and_not_judged() {
    let judgement = judged(|table| {
        for image in table.images.values_mut() {
            image.moved_at = Some(at(60));
            image.counters.insert(Counter::OnHand, 99);
        }
    });
    assert_eq!((judgement.moving, judgement.shelves, judgement.drifts.len()), (4, 4, 0));
}

#[test]
fn a_hot_items_shards_are_added_up() {
    let mut tally = Tally::default();
    tally.moved(&tenant(), &[movement(Kind::Received, 10)], at(0));
    for (network, units) in [(false, 10), (true, 4), (true, 6)] {
        let (shelf, counters) = if network {
            let all = [Counter::Available, Counter::Promisable, Counter::Fillable];
            (Shelf::network("A".parse().unwrap()), all.map(|counter| (counter, units)).into())
        } else {
            let site = Shelf::site("A".parse().unwrap(), "main".parse().unwrap());
            (site, Counters::from([(Counter::OnHand, units), (Counter::Free, units)]))
        };
        tally.counted(Counted { tenant: tenant(), shelf, counters, moved_at: Some(at(0)) });
    }
    let drifts = tally.judge(at(60), at(90)).drifts;
    let [lot] = &drifts[..] else { panic!("{drifts:?}") };
    assert!(matches!(lot.shelf.place, Place::Stow(..)), "only the lot's counters were left out");
}

/// A write of a hot item's network-wide counters, each by its own number of units.
fn hot(spread: Spread, by: [i64; 3], cause: &str) -> Write {
    let mut table = Table::default();
    let counters = [Counter::Available, Counter::Promisable, Counter::Fillable];
    let shelf = Shelf::network("A".parse().unwrap());
    table.write(shelf.clone(), &counters.map(|counter| (counter, 50)), Some("heat#1"), at(0));
    let deltas: Vec<_> = counters.into_iter().zip(by).collect();
    Write { spread, ..table.write(shelf, &deltas, Some(cause), at(1)) }
}

#[test]
fn units_that_go_between_a_hot_items_counters_change_all_of_them_alike() {
    for cause in ["heat#2", "hold#ord-1"] {
        for spread in [Spread::Counter, Spread::Shard(3)] {
            assert_eq!(drift_of(&hot(spread, [-5, -5, -5], cause), None), None);
            let drift = drift_of(&hot(spread, [-5, -5, 0], cause), None).unwrap();
            assert_eq!((drift.rule, drift.wrong[0].counter, drift.wrong.len()), (Rule::Uneven, Counter::Fillable, 1));
        }
    }
}

#[test]
fn what_is_held_for_an_order_may_be_given_back_by_the_same_name_and_a_hold_itself_is_no_line() {
    let mut given_back = hot(Spread::Shard(3), [-5; 3], "hold#ord-1");
    given_back.before.as_mut().unwrap().cause = Some("hold#ord-1".to_owned());
    let audited = audit(&given_back, None).unwrap();
    assert_eq!(audited.drift, None);
    assert!(audited.entry.name().ends_with("#hold#ord-1-2#ATP#SHARD#03"), "{}", audited.entry.name());
    assert_eq!(audit(&hot(Spread::Shard(3), [0; 3], "hold#ord-1"), None), None);
}

#[test]
fn an_order_takes_no_more_of_a_shard_than_it_has_reserved() {
    let sold = [movement(Kind::Reserved, 5)];
    for (units, is_fine) in [(-5, true), (-2, true), (0, true), (-6, false), (1, false)] {
        let drift = drift_of(&hot(Spread::Shard(3), [units; 3], "ord-1#1"), Some(&sold));
        assert_eq!(drift.is_none(), is_fine, "{units}");
        assert!(drift.is_none_or(|drift| (drift.rule, drift.shard) == (Rule::Deltas, Some(3))));
    }
    let whole = hot(Spread::Counter, [-2; 3], "ord-1#1");
    assert!(drift_of(&whole, Some(&sold)).is_some(), "the counter gives all of them or none");
}

#[test]
fn a_cause_is_an_event_a_document_or_heat() {
    for text in ["ord-0123#12", document().as_str(), "heat#spread#1"] {
        assert_eq!(text.parse::<Cause>().unwrap().to_string(), text);
    }
    assert_eq!("ord-1#2".parse(), Ok(Cause::Event { order: "ord-1".parse().unwrap(), version: 2 }));
    for text in ["", "ord-1", "ord-1#x", "#1", "doc-"] {
        assert!(text.parse::<Cause>().is_err() || text == "doc-", "{text}");
    }
    assert_eq!(place_name(&Place::Network, Some(3)), "ATP#SHARD#03");
}
