//! Whatever is moved: what is carried out as it is says is no drift, and any single number changed beside it is one.

use super::*;
use crate::stock::{Kind, Stow, changes};
use proptest::prelude::*;

const KINDS: [Kind; 20] = [
    Kind::Received,
    Kind::Adjusted,
    Kind::Expected,
    Kind::Arrived,
    Kind::Reserved,
    Kind::Backordered,
    Kind::Filled,
    Kind::Unfilled,
    Kind::Released,
    Kind::Unpromised,
    Kind::Allocated,
    Kind::Deallocated,
    Kind::Shorted,
    Kind::Shipped,
    Kind::Returned,
    Kind::Withheld,
    Kind::Restored,
    Kind::WrittenOff,
    Kind::TransferredIn,
    Kind::TransferredOut,
];

fn tenant() -> TenantId {
    "acme".parse().unwrap()
}

fn at(second: usize) -> Timestamp {
    Timestamp::from_second(i64::try_from(second).unwrap()).unwrap()
}

/// Units of two items at two sites, in two lots or none, by two announcements.
fn movement() -> impl Strategy<Value = Movement> {
    let places = (0..2_usize, 0..2_usize, prop::option::of(0..2_usize), 0..2_usize);
    (prop::sample::select(&KINDS[..]), places, 1..9_i64, any::<bool>()).prop_map(|(kind, places, units, less)| {
        let (sku, site, lot, document) = places;
        let units = if less && kind == Kind::Adjusted { -units } else { units };
        let site = ["main", "west"][site].parse().unwrap();
        let moved = Movement::at(kind, ["A", "B"][sku].parse().unwrap(), site, units);
        let stow = lot.map(|lot| Stow { lot: Some(["L1", "L2"][lot].parse().unwrap()), ..Stow::default() });
        let brings = matches!(kind, Kind::Expected | Kind::Arrived | Kind::TransferredIn | Kind::TransferredOut);
        let moved = moved.of(stow);
        if brings { moved.announced(["doc-1", "doc-2"][document].parse().unwrap()) } else { moved }
    })
}

type Made = (Write, Vec<Movement>);

/// Carries out events of some movements each, without asking whether the units are there.
fn carried_out(events: Vec<Vec<Movement>>) -> (Vec<Made>, Tally) {
    let (mut images, mut tally, mut made) = (BTreeMap::<Shelf, Image>::new(), Tally::default(), Vec::new());
    for (number, movements) in events.into_iter().enumerate() {
        tally.moved(&tenant(), &movements, at(number));
        for change in changes(&movements) {
            let before = images.get(&change.shelf).cloned();
            let mut after = before.clone().unwrap_or_default();
            for (counter, delta) in &change.deltas {
                *after.counters.entry(*counter).or_default() += delta;
            }
            (after.cause, after.moved_at) = (Some(format!("ord-1#{number}")), Some(at(number)));
            images.insert(change.shelf.clone(), after.clone());
            let (shelf, sequence, after) = (change.shelf, made.len().to_string(), Some(after));
            let spread = Spread::No;
            let write = Write { tenant: tenant(), shelf, spread, sequence, at: at(number), before, after };
            made.push((write, movements.clone()));
        }
    }
    for (shelf, image) in images {
        tally.counted(Counted { tenant: tenant(), shelf, counters: image.counters, moved_at: image.moved_at });
    }
    (made, tally)
}

fn events() -> impl Strategy<Value = Vec<Vec<Movement>>> {
    prop::collection::vec(prop::collection::vec(movement(), 1..5), 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_carried_out_as_it_says_adds_up(events in events()) {
        let (made, tally) = carried_out(events);
        let mut lines: BTreeMap<Shelf, Vec<Entry>> = BTreeMap::new();
        for (write, movements) in &made {
            let audited = audit(write, Some(movements)).unwrap();
            // Nobody asked whether the units were there.
            let rule = audited.drift.map(|drift| drift.rule);
            prop_assert!(matches!(rule, None | Some(Rule::Guard | Rule::Negative)), "{rule:?}");
            lines.entry(write.shelf.clone()).or_default().push(audited.entry);
        }
        for lines in lines.into_values() {
            prop_assert_eq!(first_break(lines), None);
        }
        prop_assert_eq!(tally.judge(Timestamp::MAX, Timestamp::MAX).drifts, vec![]);
    }

    #[test]
    fn any_number_changed_beside_it_is_found_at_once_and_at_night(
        events in events(),
        which in any::<prop::sample::Index>(),
        counter in prop::sample::select(&Counter::ALL[..]),
        by in prop_oneof![-5..0_i64, 1..5_i64],
    ) {
        let (made, mut tally) = carried_out(events);
        let (mut write, movements) = made[which.index(made.len())].clone();
        *write.after.as_mut().unwrap().counters.entry(counter).or_default() += by;
        let found = write.of(counter).1;
        let drift = audit(&write, Some(&movements)).unwrap().drift.unwrap();
        prop_assert_eq!(drift.rule, Rule::Deltas);
        prop_assert_eq!(drift.wrong, vec![Wrong { counter, expected: found - by, found }]);

        let shelf = write.shelf;
        let own = match &shelf.place {
            Place::Network => Counter::Available,
            Place::Site(_) | Place::Stow(..) => Counter::Held,
            Place::Announced(_) => Counter::Remaining,
        };
        let counters = Counters::from([(own, by)]);
        tally.counted(Counted { tenant: tenant(), shelf: shelf.clone(), counters, moved_at: None });
        let drifts = tally.judge(Timestamp::MAX, Timestamp::MAX).drifts;
        prop_assert_eq!(drifts.len(), 1);
        prop_assert_eq!(&drifts[0].shelf, &shelf);
        prop_assert_eq!(drifts[0].wrong.len(), 1);
        prop_assert_eq!(drifts[0].wrong[0].found - drifts[0].wrong[0].expected, by);
    }
}
