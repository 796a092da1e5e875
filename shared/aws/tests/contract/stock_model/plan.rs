//! What operations do, by the words of the rules.

use super::model::{Announced, At, Change, Count, Hold, Line, Look, Model, Need, Order, Part, Plan, Shelf};
use super::op::{Item, Op, Spot};

fn on_hand(spot: Spot, units: i64) -> Change {
    Change::Shelf(spot, Shelf { on_hand: units, ..Shelf::default() })
}

fn held(spot: Spot, units: i64) -> Change {
    Change::Shelf(spot, Shelf { held: units, ..Shelf::default() })
}

fn allocated(spot: Spot, units: i64) -> Change {
    Change::Shelf(spot, Shelf { allocated: units, ..Shelf::default() })
}

fn just(changes: Vec<Change>) -> Plan {
    Plan { changes, ..Plan::default() }
}

impl Model {
    /// What an operation does as things stand; `None`: it makes no sense.
    pub fn plan(&self, op: &Op) -> Option<Plan> {
        match op {
            Op::Receive { spot, units, damaged } => {
                let broken = damaged.then(|| held(*spot, *units));
                self.coming_in(*spot, *units, std::iter::once(on_hand(*spot, *units)).chain(broken).collect())
            }
            Op::Announce { item, site, units } => {
                Some(just(vec![Change::Announce(Announced { item: *item, site: *site, remaining: *units })]))
            }
            Op::Arrive { announced, stow, units } => self.arriving(*announced, *stow, *units),
            Op::Withdraw { announced } => {
                let left = self.announced.get(*announced)?.remaining;
                let plan = just(vec![Change::Remaining(*announced, -left)]);
                (left > 0).then(|| Plan { seen: vec![(Look::Remaining(*announced), left)], ..plan })
            }
            Op::Transfer { spot, units } => {
                let there = Announced { item: spot.item, site: 1 - spot.site, remaining: *units };
                let plan = just(vec![on_hand(*spot, -units), Change::Announce(there)]);
                let is_whole = spot.item != Item::Serial || *units == 1;
                is_whole.then(|| Plan { needs: vec![Need::Here(spot.item, 0)], ..plan })
            }
            Op::Adjust { units: 0, .. } => None,
            Op::Adjust { spot, units } if *units > 0 => self.coming_in(*spot, *units, vec![on_hand(*spot, *units)]),
            Op::Adjust { spot, units } => Self::changed(*spot, *units, vec![on_hand(*spot, *units)]),
            Op::Withhold { spot, units } => Self::changed(*spot, *units, vec![held(*spot, *units)]),
            Op::Restore { spot, units } => Self::changed(*spot, *units, vec![held(*spot, -units)]),
            Op::WriteOff { spot, units } => {
                Self::changed(*spot, *units, vec![held(*spot, -units), on_hand(*spot, -units)])
            }
            Op::Count { spot, found, write_off } => Some(self.counting(*spot, *found, *write_off)),
            Op::Decide { count, approve } => self.deciding(*count, *approve),
            Op::Place { lines, waits, complete } => Some(self.placing(lines, *waits, *complete)),
            Op::Pay { order }
            | Op::Fill { order, .. }
            | Op::Lose { order, .. }
            | Op::Route { order, .. }
            | Op::Pick { order, .. }
            | Op::HandOver { order, .. }
            | Op::Ship { order, .. }
            | Op::Cancel { order }
            | Op::Release { order }
            | Op::Lapse { order }
            | Op::Reconfirm { order, .. } => {
                let before = self.orders.get(*order)?;
                let mut plan = self.of_order(op, before, *order)?;
                plan.seen.push((Look::Version(*order), i64::from(before.version)));
                Some(plan)
            }
        }
    }

    /// A serial number is one unit.
    fn changed(spot: Spot, units: i64, changes: Vec<Change>) -> Option<Plan> {
        (spot.item != Item::Serial || units.abs() == 1).then(|| just(changes))
    }

    /// A serial number comes in only where it is nowhere.
    fn coming_in(&self, spot: Spot, units: i64, changes: Vec<Change>) -> Option<Plan> {
        if spot.item != Item::Serial {
            return Some(just(changes));
        }
        let is_there = (0..2).any(|site| self.shelf(Spot { site, ..spot }).on_hand > 0);
        let look = |site| (Look::Site(spot.item, site), self.look(Look::Site(spot.item, site)));
        let seen = (0..2).map(look).collect();
        (units == 1 && !is_there).then(|| Plan { seen, ..just(changes) })
    }

    /// What was announced comes in as announced, what exceeds it unannounced.
    fn arriving(&self, announced: usize, stow: usize, units: i64) -> Option<Plan> {
        let one = self.announced.get(announced)?;
        let spot = Spot { item: one.item, site: one.site, stow: stow % one.item.stows() };
        let expected = units.min(one.remaining);
        let changes = vec![on_hand(spot, units), Change::Remaining(announced, -expected)];
        let mut plan = self.coming_in(spot, units, changes)?;
        plan.seen.push((Look::Remaining(announced), one.remaining));
        Some(plan)
    }

    /// A count changes nothing; what it disagrees with becomes a proposal. Units spoken for are not taken off.
    fn counting(&self, spot: Spot, found: i64, write_off: bool) -> Plan {
        let there = self.shelf(spot);
        let difference = found - (there.on_hand - there.held);
        let restored = difference.clamp(0, there.held);
        let more = if difference < 0 { -(-difference).min(there.free()) } else { difference - restored };
        let gone = if write_off { there.held - restored } else { 0 };
        let opened = difference != 0 || gone != 0;
        let mut plan = just(vec![Change::Count(Count { spot, more, restored, gone, opened, is_open: opened })]);
        plan.seen.push((Look::Spot(spot), there.on_hand));
        plan
    }

    fn deciding(&self, count: usize, approve: bool) -> Option<Plan> {
        let found = self.counts.get(count).filter(|found| found.opened)?;
        let (mut changes, mut seen) = (vec![Change::Close(count)], vec![(Look::Open(count), 1)]);
        if approve {
            if found.more > 0 {
                seen.extend(self.coming_in(found.spot, found.more, Vec::new())?.seen);
            }
            changes.extend([on_hand(found.spot, found.more), held(found.spot, -found.restored)]);
            changes.extend([held(found.spot, -found.gone), on_hand(found.spot, -found.gone)]);
        }
        Some(Plan { seen, ..just(changes) })
    }

    /// A new promise: what is here now, beyond what is left to others; the rest, if it may wait, of what is expected.
    fn promise(&self, lines: &[(Item, i64)], waits: bool) -> (Vec<Line>, Vec<Need>) {
        let mut promised: Vec<Line> = Vec::new();
        for (item, ordered) in lines {
            let taken: i64 = promised.iter().filter(|line| line.item == *item).map(|line| line.here).sum();
            let left = (self.available(*item) - item.leave() - taken).max(0);
            let here = if waits && item.waits() { left.min(*ordered) } else { *ordered };
            promised.push(Line { item: *item, ordered: *ordered, here, waiting: ordered - here });
        }
        let mut needs = Vec::new();
        for item in Item::ALL {
            let of_item = || promised.iter().filter(|line| line.item == item);
            let (here, waiting): (i64, i64) =
                (of_item().map(|line| line.here).sum(), of_item().map(|line| line.waiting).sum());
            if here > 0 {
                needs.push(Need::Here(item, item.leave() - waiting));
            }
            if waiting > 0 {
                needs.push(Need::Expected(item, item.leave()));
            }
        }
        (promised, needs)
    }

    fn placing(&self, lines: &[(Item, i64)], waits: bool, complete: bool) -> Plan {
        let (lines, needs) = self.promise(lines, waits);
        let (hold, parts) = (Hold::Promised, Vec::new());
        let order = Order { lines, parts, hold, is_paid: false, is_cancelled: false, complete, version: 1 };
        Plan { needs, ..just(vec![Change::Begin(order)]) }
    }

    fn of_order(&self, op: &Op, before: &Order, number: usize) -> Option<Plan> {
        let mut order = before.clone();
        let goes_on = !order.is_cancelled;
        let (mut changes, mut needs) = (Vec::new(), Vec::new());
        match op {
            Op::Pay { .. } if goes_on && !order.is_paid => (order.is_paid, order.version) = (true, order.version + 1),
            Op::Fill { item, units, .. } if goes_on => {
                let mut left = *units;
                for line in order.lines.iter_mut().filter(|line| line.item == *item) {
                    let given = line.waiting.min(left);
                    (line.waiting, line.here, left) = (line.waiting - given, line.here + given, left - given);
                }
                if left == *units {
                    return None;
                }
                needs.push(Need::Unclaimed(*item));
            }
            Op::Lose { line, units, .. } if goes_on && order.hold == Hold::Promised => {
                let line = order.lines.get_mut(*line).filter(|line| line.here >= *units)?;
                (line.here, line.waiting) = (line.here - units, line.waiting + units);
            }
            Op::Route { site, stow, .. } if goes_on => changes = order.route(*site, *stow)?,
            Op::Pick { part, missing, .. } => changes = order.pick(*part, *missing)?,
            Op::HandOver { part, .. } => {
                order.parts.get_mut(*part).filter(|part| part.at == At::Picked)?.at = At::HandedOver;
                // Packed, labeled, handed over.
                order.version += 2;
            }
            Op::Ship { part, .. } => {
                let part = order.parts.get_mut(*part).filter(|part| part.at == At::HandedOver)?;
                part.at = At::Gone;
                let left = |(spot, units): &(Spot, i64)| [on_hand(*spot, -units), allocated(*spot, -units)];
                changes = part.lines.iter().flat_map(left).collect();
            }
            Op::Cancel { .. } if goes_on => order.cancel()?,
            Op::Release { .. } if !goes_on && order.hold != Hold::GivenBack => changes = order.give_back(),
            Op::Lapse { .. } if goes_on && !order.is_paid && order.hold == Hold::Promised => {
                order.hold = Hold::Lapsed;
                order.forget();
            }
            Op::Reconfirm { waits, .. } if goes_on && order.hold == Hold::Lapsed => {
                let asked: Vec<_> = order.lines.iter().map(|line| (line.item, line.ordered)).collect();
                (order.lines, needs) = self.promise(&asked, *waits);
                order.hold = Hold::Promised;
            }
            Op::Receive { .. }
            | Op::Announce { .. }
            | Op::Arrive { .. }
            | Op::Withdraw { .. }
            | Op::Transfer { .. }
            | Op::Adjust { .. }
            | Op::Withhold { .. }
            | Op::Restore { .. }
            | Op::WriteOff { .. }
            | Op::Count { .. }
            | Op::Decide { .. }
            | Op::Place { .. }
            | Op::Pay { .. }
            | Op::Fill { .. }
            | Op::Lose { .. }
            | Op::Route { .. }
            | Op::Cancel { .. }
            | Op::Release { .. }
            | Op::Lapse { .. }
            | Op::Reconfirm { .. } => return None,
        }
        changes.push(Change::Go(number, order));
        Some(Plan { needs, ..just(changes) })
    }
}

impl Order {
    fn forget(&mut self) {
        self.lines.iter_mut().for_each(|line| (line.here, line.waiting) = (0, 0));
    }

    /// All that is promised and here, from one site and one kind of units each.
    fn route(&mut self, site: usize, stow: usize) -> Option<Vec<Change>> {
        let is_waiting = self.lines.iter().any(|line| line.waiting > 0);
        if !self.is_paid || self.hold != Hold::Promised || (self.complete && is_waiting) {
            return None;
        }
        let spot = |item: Item| Spot { item, site, stow: stow % item.stows() };
        let wanted = self.lines.iter().filter(|line| line.here > 0);
        let lines: Vec<(Spot, i64)> = wanted.map(|line| (spot(line.item), line.here)).collect();
        self.lines.iter_mut().for_each(|line| line.here = 0);
        let changes = lines.iter().map(|(spot, units)| allocated(*spot, *units)).collect();
        (!lines.is_empty()).then(|| {
            self.parts.push(Part { at: At::Shelves, lines });
            changes
        })
    }

    /// Of the first line so many are missing: they stay on the books, kept out of promises.
    fn pick(&mut self, part: usize, missing: i64) -> Option<Vec<Change>> {
        let part = self.parts.get_mut(part).filter(|part| part.at == At::Shelves)?;
        let (spot, units) = part.lines.first_mut()?;
        let missing = missing.clamp(0, *units);
        *units -= missing;
        let changes = vec![allocated(*spot, -missing), held(*spot, missing)];
        part.at = if part.lines.iter().all(|(_, units)| *units == 0) { At::Nothing } else { At::Picked };
        Some(changes)
    }

    /// Before anything has left.
    fn cancel(&mut self) -> Option<()> {
        if self.parts.iter().any(|part| matches!(part.at, At::HandedOver | At::Gone)) {
            return None;
        }
        self.is_cancelled = true;
        let open = self.parts.iter_mut().filter(|part| matches!(part.at, At::Shelves | At::Picked));
        open.for_each(|part| part.at = At::CalledOff);
        Some(())
    }

    fn give_back(&mut self) -> Vec<Change> {
        self.hold = Hold::GivenBack;
        self.forget();
        let called_off = self.parts.iter().filter(|part| part.at == At::CalledOff);
        called_off.flat_map(|part| &part.lines).map(|(spot, units)| allocated(*spot, -units)).collect()
    }
}
