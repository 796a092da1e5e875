//! The real thing: every operation decided by the domain and stored by the stores, in a tenant of its own.

use super::model::Verdict;
use super::op::{Item, Op, Spot};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use waybill_domain::catalog;
use waybill_domain::id::{DocumentId, OrderId, SiteId, Sku, TenantId};
use waybill_domain::order::{
    Actor, Decided, Draft, Event, Fill, Label, LineUnits, Order, Packing, PickedLine, Recorded,
};
use waybill_domain::ports::{Commit, Committed, Filed, Stock, StoreError};
use waybill_domain::routing::Share;
use waybill_domain::stock::filing::{Action, Ask, Facts, Line, Origin};
use waybill_domain::stock::{Document, Level, Picked, Place, Reason, Seen, Shelf, Stow};
use waybill_testkit::contract::Keeper;
use waybill_testkit::{Step, at, bring_to, first_at, id, of_skus, usd};

const SITES: [&str; 2] = ["reno", "columbus"];

pub fn site(index: usize) -> SiteId {
    id(SITES[index])
}

pub fn stow(spot: Spot) -> Option<Stow> {
    let lot = |name: &str, day: &str| {
        Some(Stow { lot: Some(id(name)), expires: Some(day.parse().unwrap()), ..Stow::default() })
    };
    match (spot.item, spot.stow) {
        (Item::Plain | Item::Back, _) => None,
        (Item::Lots, 0) => lot("NEAR", "2027-01-01"),
        (Item::Lots, _) => lot("FAR", "2028-01-01"),
        (Item::Serial, n) => Some(Stow { serial: Some(id(&format!("S{n}"))), ..Stow::default() }),
    }
}

fn items() -> BTreeMap<Sku, catalog::Item> {
    let item = |item: Item| {
        let tracking = match item {
            Item::Plain | Item::Back => json!({}),
            Item::Lots => json!({"lot": true, "expiry": true}),
            Item::Serial => json!({"serial": true}),
        };
        let record = json!({"sku": item.sku(), "title": item.sku(), "length_mm": 1, "width_mm": 1, "height_mm": 1,
            "weight_grams": 1, "tracking": tracking});
        (id(item.sku()), serde_json::from_value(record).unwrap())
    };
    Item::ALL.into_iter().map(item).collect()
}

/// Decided, not stored yet.
#[derive(Clone, Debug)]
pub enum Ready {
    First(Box<(Order, Recorded)>),
    Next(Box<Order>, Box<(Order, Recorded)>),
    Filing(Box<Document>, Vec<Seen>),
    /// Stored by deciding: several events, none of which moves units.
    Stored,
}

/// A tenant of some stores.
pub struct World<O, S> {
    pub orders: O,
    pub stock: S,
    pub tenant: TenantId,
    pub placed: Vec<OrderId>,
    pub announced: Vec<DocumentId>,
    pub counts: Vec<DocumentId>,
    /// What announcements bring, and where.
    coming: BTreeMap<DocumentId, (Item, usize)>,
    step: i64,
}

impl<O: Keeper, S: Stock> World<O, S> {
    pub fn new(orders: O, stock: S, tenant: TenantId) -> Self {
        let (placed, announced, counts) = (Vec::new(), Vec::new(), Vec::new());
        Self { orders, stock, tenant, placed, announced, counts, coming: BTreeMap::new(), step: 0 }
    }

    pub async fn run(&mut self, op: &Op) -> Verdict {
        match self.prepare(op).await {
            None => Verdict::Refused,
            Some(ready) => self.store(op, ready).await,
        }
    }

    /// Reads and decides; `None`: refused.
    pub async fn prepare(&mut self, op: &Op) -> Option<Ready> {
        self.step += 1;
        if let Op::Place { lines, waits, complete } = op {
            return Some(self.place(lines, *waits, *complete).await);
        }
        match self.ask(op) {
            Ok(Some(ask)) => self.file(&ask).await,
            Ok(None) => self.order_goes_on(op).await,
            Err(NoSuch) => None,
        }
    }

    /// Stores what was decided.
    pub async fn store(&mut self, op: &Op, ready: Ready) -> Verdict {
        let stored = match &ready {
            Ready::Stored => return Verdict::Done,
            Ready::Filing(document, seen) => match self.stock.file(&self.tenant, document, seen).await {
                Ok(Filed::Stored) => Ok(()),
                Ok(Filed::Short(_) | Filed::Closed) | Err(StoreError::Conflict) => Err(()),
                other => unreachable!("{op:?}: {other:?}"),
            },
            Ready::First(first) => self.commit(op, None, first).await,
            Ready::Next(before, next) => self.commit(op, Some(before), next).await,
        };
        let Ok(()) = stored else { return Verdict::Lost };
        match (op, ready) {
            (Op::Place { .. }, Ready::First(first)) => self.placed.push(first.0.id.clone()),
            (Op::Announce { item, site, .. }, Ready::Filing(document, _)) => self.announce(&document, (*item, *site)),
            (Op::Transfer { spot, .. }, Ready::Filing(document, _)) => {
                self.announce(&document, (spot.item, 1 - spot.site));
            }
            (Op::Count { .. }, Ready::Filing(document, _)) => self.counts.push(document.id),
            _ => {}
        }
        Verdict::Done
    }

    fn announce(&mut self, document: &Document, what: (Item, usize)) {
        self.announced.push(document.id.clone());
        self.coming.insert(document.id.clone(), what);
    }

    async fn commit(&self, op: &Op, before: Option<&Order>, (after, recorded): &(Order, Recorded)) -> Result<(), ()> {
        match self.orders.commit(Commit { before, after, recorded }).await {
            Ok(Committed::Stored) => Ok(()),
            Ok(Committed::Short(_)) | Err(StoreError::Conflict) => Err(()),
            other => unreachable!("{op:?}: {other:?}"),
        }
    }

    async fn place(&self, lines: &[(Item, i64)], waits: bool, complete: bool) -> Ready {
        let skus: Vec<(&str, u32)> = lines.iter().map(|(item, n)| (item.sku(), u32::try_from(*n).unwrap())).collect();
        let mut placed = of_skus(&skus);
        for (line, (item, _)) in placed.lines.iter_mut().zip(lines) {
            line.leave = u32::try_from(item.leave()).unwrap();
        }
        placed.fill = match (waits, complete) {
            (_, true) => Fill::ShipComplete,
            (_, false) => Fill::FillAvailable,
        };
        placed.reserve_minutes = Some(serde_json::from_value(json!(30)).unwrap());
        if waits {
            placed.backorder(&self.available().await);
        }
        Ready::First(Box::new(first_at(&self.tenant, &format!("order-{}", self.step), placed, at(self.step))))
    }

    /// What may be promised of the items that may wait.
    async fn available(&self) -> BTreeMap<Sku, i64> {
        let waiting: BTreeSet<Sku> =
            Item::ALL.into_iter().filter(|item| item.waits()).map(|item| id(item.sku())).collect();
        let known = self.stock.networks(&self.tenant, &waiting).await.unwrap();
        waiting.into_iter().map(|sku| (sku.clone(), known.get(&sku).map_or(0, |network| network.available))).collect()
    }

    async fn order_goes_on(&mut self, op: &Op) -> Option<Ready> {
        let order = self.load(op).await?;
        let drafted = match op {
            Op::Pay { .. } => return self.pay(order).await,
            Op::Fill { item, units, .. } => order.decide_filled(&id(item.sku()), u32::try_from(*units).unwrap()),
            Op::Lose { line, units, .. } => {
                let line = order.placed.lines.get(*line)?.number;
                order.decide_units_lost(&[LineUnits { line, units: u32::try_from(*units).unwrap() }])
            }
            Op::Route { site, stow, .. } => order.decide_routed(&shares(&order, *site, *stow)),
            Op::Pick { part, missing, .. } => {
                let number = number(*part);
                order.decide_picked(number, picked(&order, number, *missing)?)
            }
            Op::HandOver { part, .. } => return self.hand_over(order, number(*part)).await,
            Op::Ship { part, .. } => order.decide_dispatched(number(*part)),
            Op::Cancel { .. } => order.decide_cancelled(waybill_domain::order::CancelReason::Customer, String::new()),
            Op::Release { .. } => order.decide_stock_released(),
            Op::Lapse { .. } => lapsed(&order),
            Op::Reconfirm { waits, .. } => {
                let mut placed = order.placed.clone();
                placed.lines.iter_mut().for_each(|line| line.backordered = 0);
                if *waits {
                    placed.backorder(&self.available().await);
                }
                order.decide_reconfirmed(&placed.backordered())
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
            | Op::Place { .. } => return None,
        };
        let draft = drafted.ok()??;
        let next = self.next(&order, draft);
        Some(Ready::Next(Box::new(order), Box::new(next)))
    }

    async fn load(&self, op: &Op) -> Option<Order> {
        let order = self.placed.get(op.order()?)?;
        Some(self.orders.load(&self.tenant, order).await.unwrap().unwrap())
    }

    fn next(&self, order: &Order, draft: Draft) -> (Order, Recorded) {
        order.record(draft, at(self.step), Actor("client:test".to_owned()), None)
    }

    async fn pay(&self, order: Order) -> Option<Ready> {
        if order.is_cancelled() || order.payment.is_authorized() {
            return None;
        }
        bring_to(&self.orders, order, Step::Authorized).await.unwrap();
        Some(Ready::Stored)
    }

    /// Packed, labeled and handed over.
    async fn hand_over(&self, order: Order, part: u16) -> Option<Ready> {
        let packing = Packing { carton: id("BOX-S"), weight_grams: 920, length_mm: 230, width_mm: 160, height_mm: 100 };
        let mut order = order;
        for step in 0..3 {
            let drafted = match step {
                0 => order.decide_packed(part, packing.clone()),
                1 => order.decide_labeled(part, label(&order, part)),
                _ => order.decide_handed_over(part, "M-1".to_owned()),
            };
            let next = self.next(&order, drafted.ok()??);
            let commit = Commit { before: Some(&order), after: &next.0, recorded: &next.1 };
            assert_eq!(self.orders.commit(commit).await.unwrap(), Committed::Stored);
            order = next.0;
        }
        Some(Ready::Stored)
    }

    async fn file(&self, ask: &Ask) -> Option<Ready> {
        let document = match ask.refers_to() {
            Some(id) => self.stock.document(&self.tenant, id).await.unwrap(),
            None => None,
        };
        let mut skus = ask.skus();
        skus.extend(document.iter().flat_map(|document| &document.movements).map(|movement| movement.sku.clone()));
        let sites = (0..2).map(site).collect();
        let mut facts = Facts { items: items(), sites, document, ..Facts::default() };
        for sku in &skus {
            facts.levels.extend(self.levels(sku).await);
            for announced in self.stock.announced(&self.tenant, sku).await.unwrap() {
                if Some(&announced.document) == ask.refers_to() {
                    facts.remaining.insert(sku.clone(), announced.remaining);
                }
            }
        }
        let document = DocumentId::derive(&self.tenant, "POST /stock", &self.step.to_string());
        let origin = Origin { id: document, at: at(self.step), actor: Actor("client:staff".to_owned()) };
        let (document, seen) = ask.decide(origin, &facts).ok()?;
        Some(Ready::Filing(Box::new(document), seen))
    }

    /// Every shelf of an item, sites and stows.
    pub async fn levels(&self, sku: &Sku) -> BTreeMap<Shelf, Level> {
        let mut shelves = BTreeMap::new();
        for there in self.stock.levels(&self.tenant, sku).await.unwrap().sites {
            for (stow, level) in there.stows {
                let place = Place::Stow(there.site.clone(), stow);
                shelves.insert(Shelf { sku: sku.clone(), place }, level);
            }
            shelves.insert(Shelf::site(sku.clone(), there.site), there.level);
        }
        shelves
    }

    /// The question that an operation of the house asks.
    fn ask(&self, op: &Op) -> Result<Option<Ask>, NoSuch> {
        let line = |spot: Spot, units: i64| Line {
            stow: stow(spot).unwrap_or_default(),
            reason: Some(Reason::Correction),
            ..Line::new(id(spot.item.sku()), units)
        };
        let adjust = |spot: Spot, action: Action, units: i64| {
            Some(Ask::Adjust { site: site(spot.site), action, note: None, lines: vec![line(spot, units)] })
        };
        let due = "2026-12-24".parse().unwrap();
        let known = |ids: &[DocumentId], index: usize| ids.get(index).cloned().ok_or(NoSuch);
        let note = || "checked".to_owned().try_into().unwrap();
        Ok(match op {
            Op::Receive { spot, units, damaged } => {
                let lines = vec![Line { is_damaged: *damaged, ..line(*spot, *units) }];
                Some(Ask::Receive { site: site(spot.site), announcement: None, reference: None, lines })
            }
            Op::Announce { item, site: there, units } => {
                let lines = vec![Line::new(id(item.sku()), *units)];
                Some(Ask::Announce { site: site(*there), due, reference: None, lines })
            }
            Op::Arrive { announced, stow, units } => {
                let announcement = known(&self.announced, *announced)?;
                let (item, there) = self.coming[&announcement];
                let lines = vec![line(Spot { item, site: there, stow: stow % item.stows() }, *units)];
                Some(Ask::Receive { site: site(there), announcement: Some(announcement), reference: None, lines })
            }
            Op::Withdraw { announced } => {
                Some(Ask::Withdraw { announcement: known(&self.announced, *announced)?, note: note() })
            }
            Op::Transfer { spot, units } => {
                let (from, to) = (site(spot.site), site(1 - spot.site));
                Some(Ask::Transfer { from, to, due, reference: None, lines: vec![line(*spot, *units)] })
            }
            Op::Adjust { spot, units } => adjust(*spot, Action::Adjust, *units),
            Op::Withhold { spot, units } => adjust(*spot, Action::Withhold, *units),
            Op::Restore { spot, units } => adjust(*spot, Action::Restore, *units),
            Op::WriteOff { spot, units } => adjust(*spot, Action::WriteOff, *units),
            Op::Count { spot, found, write_off } => {
                let lines = vec![line(*spot, *found)];
                Some(Ask::Count { site: site(spot.site), lines, write_off_held: *write_off })
            }
            Op::Decide { count, approve } => {
                let count = known(&self.counts, *count)?;
                Some(Ask::Decide { count, approved: *approve, note: note(), is_admin: true })
            }
            Op::Place { .. }
            | Op::Pay { .. }
            | Op::Fill { .. }
            | Op::Lose { .. }
            | Op::Route { .. }
            | Op::Pick { .. }
            | Op::HandOver { .. }
            | Op::Ship { .. }
            | Op::Cancel { .. }
            | Op::Release { .. }
            | Op::Lapse { .. }
            | Op::Reconfirm { .. } => None,
        })
    }
}

/// An announcement or a count that is not there.
struct NoSuch;

fn number(part: usize) -> u16 {
    u16::try_from(part + 1).unwrap()
}

/// All that can be routed, from one site and one kind of units each.
fn shares(order: &Order, from: usize, kind: usize) -> Vec<Share> {
    let demand = order.demand().into_iter().enumerate().filter(|(_, (_, quantity))| *quantity > 0);
    let share = |(line, (sku, quantity)): (usize, (Sku, u32))| {
        let item = Item::ALL.into_iter().find(|item| item.sku() == sku.as_str()).unwrap();
        let stow = stow(Spot { item, site: from, stow: kind % item.stows() });
        let stows = stow.map(|stow| Picked { stow, quantity }).into_iter().collect();
        Share { site: site(from), line, quantity, stows }
    };
    demand.map(share).collect()
}

/// All but so many units of the first line.
fn picked(order: &Order, number: u16, missing: i64) -> Option<Vec<PickedLine>> {
    let part = order.fulfillments.iter().find(|part| part.number == number)?;
    let mut missing = u32::try_from(missing.max(0)).unwrap();
    let found = part.lines.iter().map(|line| {
        let picked = line.quantity.saturating_sub(std::mem::take(&mut missing));
        PickedLine { line: line.line, picked }
    });
    // A part that was picked before is no news.
    part.lines.iter().all(|line| line.picked.is_none()).then(|| found.collect())
}

fn lapsed(order: &Order) -> Decided {
    let drafted = order.decide_timer(at(86_400))?;
    Ok(drafted.filter(|draft| matches!(draft.event, Event::ReservationLapsed)))
}

fn label(order: &Order, part: u16) -> Label {
    let digits = order.id.as_str().trim_start_matches("ord-");
    Label {
        shipment: format!("shp_{digits}_{part}"),
        carrier: "USPS".to_owned(),
        service: "Ground".to_owned(),
        tracking_code: format!("94{digits}{part}"),
        label_url: "https://labels.invalid/1.png".to_owned(),
        cost: usd(735),
    }
}
