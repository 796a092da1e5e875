use super::*;
use crate::stock::Kind;

const KINDS: [Kind; 21] = [
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
    Kind::Received,
    Kind::Expected,
    Kind::Arrived,
    Kind::Returned,
    Kind::TransferredOut,
    Kind::TransferredIn,
    Kind::Adjusted,
    Kind::Withheld,
    Kind::Restored,
    Kind::WrittenOff,
    Kind::Counted,
];

fn movement(kind: Kind, quantity: i64) -> Movement {
    Movement::at(kind, "A".parse().unwrap(), "main".parse().unwrap(), quantity)
}

#[test]
fn two_lines_of_one_item_touch_its_counter_once() {
    let merged = changes(&[movement(Kind::Reserved, 2), movement(Kind::Reserved, 3).leaving(4)]);
    assert_eq!(merged.len(), 1);
    assert_eq!(merged[0].deltas, [Counter::Available, Counter::Promisable, Counter::Fillable].map(|c| (c, -5)));
    assert_eq!(merged[0].guards, vec![(Counter::Available, 9)]);
}

#[test]
fn what_is_promised_of_what_is_here_and_of_what_is_expected_is_checked_apart() {
    let merged = changes(&[movement(Kind::Reserved, 2), movement(Kind::Backordered, 3)]);
    assert_eq!(merged[0].deltas, vec![(Counter::Available, -5), (Counter::Promisable, -5), (Counter::Fillable, -2)]);
    assert_eq!(merged[0].guards, vec![(Counter::Available, 2), (Counter::Promisable, 5)]);
}

#[test]
fn every_movement_keeps_the_equations() {
    for kind in KINDS {
        for quantity in [1, -1] {
            let changes = changes(&[movement(kind, quantity)]);
            let sum = |wanted: Counter, network: bool| -> i64 {
                let there = changes.iter().filter(|change| (change.shelf.place == Place::Network) == network);
                there.flat_map(|change| &change.deltas).filter(|(c, _)| *c == wanted).map(|(_, d)| d).sum()
            };
            let reserved = kind.of_reservations() * quantity;
            let (on_hand, allocated, held) =
                (sum(Counter::OnHand, false), sum(Counter::Allocated, false), sum(Counter::Held, false));
            assert_eq!(on_hand, reserved + allocated + sum(Counter::Available, true) + held, "{kind:?}");
            assert_eq!(on_hand, allocated + sum(Counter::Free, false) + held, "{kind:?} at the site");
        }
    }
}

#[test]
fn a_serial_number_comes_in_once() {
    let stow = Stow { serial: Some("S1".parse().unwrap()), ..Stow::default() };
    let single = |kind| changes(&[movement(kind, 1).of(Some(stow.clone()))]).iter().any(|change| change.is_single);
    assert!(single(Kind::Received));
    assert!(!single(Kind::Allocated));
}
