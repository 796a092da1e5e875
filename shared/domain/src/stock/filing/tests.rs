//! What each question becomes, and every rule it may break.

use super::*;
use crate::stock::{Kind, Network, changes};
use serde_json::json;

fn sku(text: &str) -> Sku {
    text.parse().unwrap()
}

fn site(text: &str) -> SiteId {
    text.parse().unwrap()
}

fn day() -> Date {
    "2026-12-01".parse().unwrap()
}

pub fn origin(id: &str, actor: &str) -> Origin {
    let at = "2026-11-22T12:00:00Z".parse().unwrap();
    Origin { id: id.parse().unwrap(), at, actor: Actor(actor.to_owned()) }
}

fn item(name: &str, more: &serde_json::Value) -> (Sku, Item) {
    let mut record =
        json!({"sku": name, "title": name, "length_mm": 1, "width_mm": 1, "height_mm": 1, "weight_grams": 1});
    record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    (sku(name), serde_json::from_value(record).unwrap())
}

/// Mugs; milk by lot and expiry; phones by serial number and bin; a bundle. Two sites.
pub fn facts() -> Facts {
    let items = [
        item("MUG", &json!({})),
        item("MILK", &json!({"tracking": {"lot": true, "expiry": true}})),
        item("PHONE", &json!({"tracking": {"serial": true, "bin": true}})),
        item("SET", &json!({"components": [{"sku": "MUG", "quantity": 2}]})),
    ];
    Facts { items: items.into(), sites: [site("reno"), site("dallas")].into(), ..Facts::default() }
}

pub fn line(name: &str, quantity: i64) -> Line {
    Line::new(sku(name), quantity)
}

fn milk(lot: &str, quantity: i64) -> Line {
    let stow = Stow { lot: Some(lot.parse().unwrap()), expires: Some(day()), ..Stow::default() };
    Line { stow, ..line("MILK", quantity) }
}

fn phone(serial: &str, bin: &str, quantity: i64) -> Line {
    let stow = Stow { serial: Some(serial.parse().unwrap()), bin: Some(bin.parse().unwrap()), ..Stow::default() };
    Line { stow, ..line("PHONE", quantity) }
}

fn announce(lines: Vec<Line>) -> Ask {
    Ask::Announce { site: site("reno"), due: day(), reference: None, lines }
}

fn receive(lines: Vec<Line>) -> Ask {
    Ask::Receive { site: site("reno"), announcement: None, reference: None, lines }
}

fn receive_announced(at: &str, lines: Vec<Line>) -> Ask {
    Ask::Receive { site: site(at), announcement: Some("doc-1".parse().unwrap()), reference: None, lines }
}

fn transfer(to: &str, lines: Vec<Line>) -> Ask {
    Ask::Transfer { from: site("reno"), to: site(to), due: day(), reference: None, lines }
}

fn adjust(action: Action, lines: Vec<Line>) -> Ask {
    Ask::Adjust { site: site("reno"), action, note: None, lines }
}

fn because(reason: Reason, line: Line) -> Line {
    Line { reason: Some(reason), ..line }
}

fn moved(document: &Document) -> Vec<(Kind, &str, i64)> {
    document.movements.iter().map(|one| (one.kind, one.sku.as_str(), one.quantity)).collect()
}

fn decided(ask: &Ask, facts: &Facts) -> (Document, Vec<Seen>) {
    ask.decide(origin("doc-2", "client:a"), facts).unwrap()
}

fn refused(ask: &Ask, facts: &Facts) -> String {
    ask.decide(origin("doc-2", "client:a"), facts).unwrap_err().to_string()
}

/// `facts` after `ask` became `doc-1`, and so much of it has come in.
fn after(ask: &Ask, came: &[(&str, i64)]) -> Facts {
    let (document, _) = ask.decide(origin("doc-1", "client:a"), &facts()).unwrap();
    let mut remaining: BTreeMap<Sku, i64> = BTreeMap::new();
    for movement in &document.movements {
        *remaining.entry(movement.sku.clone()).or_default() += movement.quantity;
    }
    for (name, units) in came {
        *remaining.get_mut(&sku(name)).unwrap() -= units;
    }
    Facts { document: Some(document), remaining, ..facts() }
}

#[test]
fn a_line_is_refused_by_field_and_rule() {
    let many: Vec<Line> = (0..31).map(|lot| milk(&format!("L{lot}"), 1)).collect();
    let table = [
        (receive(vec![]), "/lines must have at least one line"),
        (receive(vec![line("NONE", 1)]), "/lines/0/sku is not in the catalog"),
        (receive(vec![line("MUG", 1), line("SET", 1)]), "/lines/1/sku is a bundle"),
        (receive(vec![line("MUG", 0)]), "/lines/0/quantity must be 1 to 1000000"),
        (receive(vec![line("MUG", -1)]), "/lines/0/quantity must be 1 to 1000000"),
        (receive(vec![line("MUG", i64::MAX)]), "/lines/0/quantity must be 1 to 1000000"),
        (receive(vec![line("MUG", 1), line("MUG", 2)]), "/lines/1/sku is on an earlier line"),
        (receive(vec![line("MILK", 1)]), "/lines/0/expires is needed"),
        (receive(vec![Line { stow: phone("S", "B", 1).stow, ..line("MUG", 1) }]), "/lines/0/serial is not something"),
        (receive(vec![phone("S", "B", 2)]), "/lines/0/quantity must be 1: each unit"),
        (receive(vec![phone("S", "B", 1), phone("S", "C", 1)]), "/lines/1/serial is on an earlier line"),
        (announce(vec![line("MUG", 1), line("MUG", 1)]), "/lines/1/sku is on an earlier line"),
        (announce(vec![line("SET", 1)]), "/lines/0/sku is a bundle"),
        (announce(vec![line("MUG", 1_000_001)]), "/lines/0/quantity must be 1 to 1000000"),
        (transfer("reno", vec![line("MUG", 1)]), "/to must be another site"),
        (transfer("atlantis", vec![line("MUG", 1)]), "/to is not in the catalog"),
        (receive_announced("atlantis", vec![line("MUG", 1)]), "/site is not in the catalog"),
        (receive_announced("reno", vec![line("MUG", 1)]), "/announcement is no announcement and no transfer"),
        (adjust(Action::Adjust, vec![line("MUG", 1)]), "/lines/0/reason is needed"),
        (adjust(Action::Adjust, vec![because(Reason::Loss, line("MUG", 0))]), "/lines/0/quantity must be more or less"),
        (adjust(Action::Adjust, vec![because(Reason::Loss, line("MUG", -1_000_001))]), "/lines/0/quantity must be"),
        (adjust(Action::Withhold, vec![because(Reason::Damage, line("MUG", -1))]), "/lines/0/quantity must be 1 to"),
        (adjust(Action::WriteOff, vec![line("MUG", 1)]), "/lines/0/reason is needed"),
        (Ask::SetOnHand { sku: sku("MILK"), site: site("reno"), on_hand: 1 }, "/on_hand does not say which units"),
        (Ask::SetOnHand { sku: sku("SET"), site: site("reno"), on_hand: 1 }, "/sku is a bundle"),
        (Ask::SetOnHand { sku: sku("MUG"), site: site("atlantis"), on_hand: 1 }, "/site is not in the catalog"),
    ];
    for (ask, wanted) in table {
        let said = refused(&ask, &facts());
        assert!(said.starts_with(wanted), "{wanted}: {said} of {ask:?}");
    }
    // 31 lots, the site and the network: fits. 89 lots do not.
    assert_eq!(decided(&receive(many), &facts()).0.movements.len(), 31);
    let more: Vec<Line> = (0..89).map(|lot| milk(&format!("L{lot}"), 1)).collect();
    assert!(refused(&receive(more), &facts()).starts_with("/lines touch 91 counters"));
}

#[test]
fn what_was_announced_comes_in_as_announced_and_what_exceeds_it_unannounced() {
    /// What came before, the units that come now, and how they move.
    type Row<'a> = (&'a [(&'a str, i64)], i64, Vec<(Kind, &'a str, i64)>);
    let table: [Row<'_>; 4] = [
        (&[], 4, vec![(Kind::Arrived, "MUG", 4)]),
        (&[], 10, vec![(Kind::Arrived, "MUG", 10)]),
        (&[("MUG", 8)], 5, vec![(Kind::Arrived, "MUG", 2), (Kind::Received, "MUG", 3)]),
        (&[("MUG", 10)], 5, vec![(Kind::Received, "MUG", 5)]),
    ];
    for (came, units, wanted) in table {
        let facts = after(&announce(vec![line("MUG", 10)]), came);
        let (document, seen) = decided(&receive_announced("reno", vec![line("MUG", units)]), &facts);
        assert_eq!(moved(&document), wanted);
        let left = 10 - came.iter().map(|(_, units)| units).sum::<i64>();
        let shelf = Shelf { sku: sku("MUG"), place: Place::Announced("doc-1".parse().unwrap()) };
        assert_eq!(seen, vec![Seen { shelf, units: left }], "decided by what had not come in");
    }
}

#[test]
fn lots_of_one_item_share_what_was_announced_of_it() {
    let facts = after(&announce(vec![line("MILK", 5)]), &[]);
    let (document, seen) = decided(&receive_announced("reno", vec![milk("A", 3), milk("B", 4), milk("C", 1)]), &facts);
    let wanted = vec![
        (Kind::Arrived, "MILK", 3),
        (Kind::Arrived, "MILK", 2),
        (Kind::Received, "MILK", 2),
        (Kind::Received, "MILK", 1),
    ];
    assert_eq!((moved(&document), seen.len()), (wanted, 1));
}

#[test]
fn a_transfer_is_announced_where_it_goes_and_comes_in_there_only() {
    let out = transfer("dallas", vec![line("MUG", 3)]);
    let (document, seen) = decided(&out, &facts());
    assert_eq!((moved(&document), seen), (vec![(Kind::TransferredOut, "MUG", 3)], vec![]));
    assert_eq!(document.movements[0].announced_by.as_ref(), Some(&document.id));
    let facts = after(&out, &[]);
    let (document, _) = decided(&receive_announced("dallas", vec![line("MUG", 3), milk("A", 1)]), &facts);
    assert_eq!(moved(&document), vec![(Kind::TransferredIn, "MUG", 3), (Kind::Received, "MILK", 1)]);
    let said = refused(&receive_announced("reno", vec![line("MUG", 3)]), &facts);
    assert_eq!(said, "/site must be dallas, for which they were announced");
    let receipt = decided(&receive(vec![line("MUG", 1)]), &facts).0;
    let facts = Facts { document: Some(receipt), ..facts };
    let said = refused(&receive_announced("reno", vec![line("MUG", 3)]), &facts);
    assert_eq!(said, "/announcement is no announcement and no transfer");
}

#[test]
fn a_withdrawal_takes_back_what_has_not_come_in_and_there_must_be_some() {
    let both = announce(vec![line("MUG", 10), line("MILK", 2)]);
    let withdraw =
        Ask::Withdraw { announcement: "doc-1".parse().unwrap(), note: "late".to_owned().try_into().unwrap() };
    let (document, seen) = decided(&withdraw, &after(&both, &[("MUG", 4), ("MILK", 2)]));
    assert_eq!((moved(&document), seen.len()), (vec![(Kind::Expected, "MUG", -6)], 1));
    let none = after(&both, &[("MUG", 10), ("MILK", 2)]);
    assert_eq!(refused(&withdraw, &none), "nothing is to come in any more");
    assert_eq!(refused(&withdraw, &facts()), "no such announcement");
    let receipt = decided(&receive(vec![line("MUG", 1)]), &facts()).0;
    assert_eq!(refused(&withdraw, &Facts { document: Some(receipt), ..facts() }), "no such announcement");
}

#[test]
fn what_comes_in_broken_is_on_hand_and_promised_to_nobody() {
    let broken = Line { is_damaged: true, ..line("MUG", 3) };
    let (document, _) = decided(&receive(vec![broken]), &facts());
    assert_eq!(moved(&document), vec![(Kind::Received, "MUG", 3), (Kind::Withheld, "MUG", 3)]);
    let deltas = changes(&document.movements).into_iter().flat_map(|change| change.deltas);
    let names: Vec<(&str, i64)> = deltas.map(|(counter, units)| (counter.name(), units)).collect();
    assert_eq!(names, vec![("on_hand", 3), ("held", 3)]);
}

#[test]
fn a_serial_number_on_hand_comes_in_no_second_time_under_another_bin_or_site() {
    let stow = phone("S1", "A", 1).stow;
    let shelf = |site_name: &str| Shelf { sku: sku("PHONE"), place: Place::Stow(site(site_name), stow.clone()) };
    let level = |on_hand| Level { on_hand, allocated: 0, free: on_hand, held: 0 };
    let at_dallas = Shelf::site(sku("PHONE"), site("dallas"));
    for (units, wanted) in [(1, Some("/lines/0/serial is on hand already, at dallas")), (0, None)] {
        let levels = [(shelf("dallas"), level(units)), (at_dallas.clone(), level(7))].into();
        let facts = Facts { levels, ..facts() };
        for ask in [
            receive(vec![phone("S1", "B", 1)]),
            adjust(Action::Adjust, vec![because(Reason::Found, phone("S1", "B", 1))]),
        ] {
            if let Some(wanted) = wanted {
                assert_eq!(refused(&ask, &facts), wanted);
            } else {
                let seen = decided(&ask, &facts).1;
                let units: Vec<i64> = seen.iter().map(|seen| seen.units).collect();
                assert_eq!(units, vec![7, 0], "what both sites had is what it was decided by");
            }
        }
        let gone = adjust(Action::Adjust, vec![because(Reason::Loss, phone("S1", "B", -1))]);
        assert_eq!(decided(&gone, &facts).1, vec![], "a loss asks nobody");
    }
}

#[test]
fn adjustments_are_of_four_kinds() {
    let table = [
        (Action::Adjust, -3, Kind::Adjusted),
        (Action::Adjust, 3, Kind::Adjusted),
        (Action::Withhold, 3, Kind::Withheld),
        (Action::Restore, 3, Kind::Restored),
        (Action::WriteOff, 3, Kind::WrittenOff),
    ];
    for (action, units, kind) in table {
        let (document, _) = decided(&adjust(action, vec![because(Reason::Damage, line("MUG", units))]), &facts());
        assert_eq!(moved(&document), vec![(kind, "MUG", units)]);
        assert_eq!(document.movements[0].reason, Some(Reason::Damage));
    }
    assert!(adjust(Action::Restore, vec![line("MUG", 1)]).decide(origin("doc-2", "a"), &facts()).is_ok());
}

#[test]
fn on_hand_is_set_by_the_difference_to_what_was_seen() {
    let ask = |on_hand| Ask::SetOnHand { sku: sku("MUG"), site: site("reno"), on_hand };
    let shelf = Shelf::site(sku("MUG"), site("reno"));
    let known = Level { on_hand: 7, allocated: 2, free: 5, held: 0 };
    let table = [
        (None, 5, vec![(5, Reason::Opening)], 0),
        (Some(known), 5, vec![(-2, Reason::Correction)], 7),
        (Some(known), 9, vec![(2, Reason::Correction)], 7),
        (Some(known), 7, vec![], 7),
    ];
    for (level, on_hand, wanted, units) in table {
        let facts = Facts { levels: level.map(|level| (shelf.clone(), level)).into_iter().collect(), ..facts() };
        let (document, seen) = decided(&ask(on_hand), &facts);
        let moved: Vec<_> = document.movements.iter().map(|one| (one.quantity, one.reason.unwrap())).collect();
        assert_eq!((moved, seen), (wanted, vec![Seen { shelf: shelf.clone(), units }]));
    }
}

#[test]
fn what_is_short_is_named_by_line_and_place() {
    let ask = receive(vec![line("MUG", 1), milk("A", 1), milk("B", 1), phone("S1", "A", 1)]);
    let at = |name: &str, place| ask.missing(&Shelf { sku: sku(name), place });
    let table = [
        (at("MUG", Place::Network), "/lines/0/quantity", "promises"),
        (at("MUG", Place::Site(site("reno"))), "/lines/0/quantity", "reno"),
        (at("MILK", Place::Stow(site("reno"), milk("B", 1).stow)), "/lines/2/quantity", "these units"),
        (at("PHONE", Place::Stow(site("reno"), phone("S1", "A", 1).stow)), "/lines/3/quantity", "serial number S1"),
        (at("OTHER", Place::Announced("doc-1".parse().unwrap())), "", "announced"),
    ];
    for ((pointer, rule), wanted, word) in table {
        assert!(pointer == wanted && rule.contains(word), "{pointer} {rule}");
    }
}

#[test]
fn the_counters_after_announcing_receiving_and_withdrawing_are_the_sum_of_what_moved() {
    let announced = announce(vec![line("MUG", 10)]);
    let (first, _) = announced.decide(origin("doc-1", "a"), &facts()).unwrap();
    let (second, _) = decided(&receive_announced("reno", vec![line("MUG", 12)]), &after(&announced, &[("MUG", 3)]));
    let all: Vec<_> = first.movements.into_iter().chain(second.movements).collect();
    let network = changes(&all).into_iter().find(|change| change.shelf == Shelf::network(sku("MUG"))).unwrap();
    let of =
        |name: &str| network.deltas.iter().find(|(counter, _)| counter.name() == name).map_or(0, |(_, units)| *units);
    let after = Network { available: of("available"), promisable: of("promisable"), fillable: of("fillable") };
    assert_eq!(after, Network { available: 12, promisable: 15, fillable: 12 });
}
