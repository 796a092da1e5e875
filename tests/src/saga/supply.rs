//! What happens to the stock besides: units that come in, are sold to somebody else, or are lost; and the stock table's
//! stream.

use super::disturbance::Disturbance;
use super::people;
use super::run::{Ground, Run, TRIES};
use super::scenario::{CancelAt, Scenario, Script, cancelled, cart, shipped};
use fill_backorders::{Change, Record, StreamEvent};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use waybill_domain::catalog::{Kind, Role};
use waybill_domain::id::{DocumentId, SiteId, Sku};
use waybill_domain::order::{Actor, Order, PaymentAxis, StockHold};
use waybill_domain::ports::{Filed, Stock, StoreError};
use waybill_domain::stock::{Body, Counter, Document, Kind as Moved, Movement, Place, Reason};
use waybill_testkit::{World, at, block_on, id, tenant};

/// What happens to the stock besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supply {
    /// Nothing.
    Still,
    /// What is announced comes in, once nothing else is left to do.
    Comes,
    /// Once the reservation has lapsed, somebody else takes everything.
    SoldOut,
    /// Before sites are chosen everything is lost. Later as much comes in.
    Lost,
}

/// What has happened to it.
#[derive(Clone, Debug, Default)]
pub(super) struct Diary {
    /// Units that came in, less those that went.
    pub came: i64,
    lost: Vec<(Sku, SiteId, i64)>,
    is_sold_out: bool,
    has_come: bool,
}

fn document(name: &str, body: Body, movements: Vec<Movement>) -> Document {
    let (id, actor) = (DocumentId::derive(&tenant(), "saga", name), Actor("client:supplier".to_owned()));
    Document { id, at: at(0), actor, body, movements, request: None }
}

fn announcement(sku: &Sku) -> DocumentId {
    DocumentId::derive(&tenant(), "saga", &format!("announced {sku}"))
}

/// `units` of an item are announced at a site.
fn announce(world: &World, sku: &str, site: &str, units: i64) {
    let item: Sku = id(sku);
    let body = Body::Announcement {
        site: id(site),
        due: at(20 * 86_400).to_zoned(jiff::tz::TimeZone::UTC).date(),
        reference: None,
    };
    let expected = Movement::network(Moved::Expected, item.clone(), units).announced(announcement(&item));
    let document = document(&format!("announced {item}"), body, vec![expected]);
    assert_eq!(block_on(world.stock.file(&tenant(), &document, &[])).ok(), Some(Filed::Stored));
}

/// Asks until it is answered.
fn answered<T>(call: impl Fn() -> Result<T, StoreError>) -> Option<T> {
    (0..TRIES).find_map(|_| call().ok())
}

/// Files a document until that is answered.
fn file(ground: &Ground, diary: &mut people::Diary, document: &Document) {
    let filed = answered(|| block_on(ground.world.stock.file(&tenant(), document, &[])));
    if matches!(filed, Some(Filed::Stored | Filed::Exists(_))) {
        diary.supply.came += document.movements.iter().map(|movement| movement.quantity).sum::<i64>();
    } else {
        diary.turned_away.push(format!("the stock takes no document: {filed:?}"));
    }
}

/// All that is free of the order's items is gone.
pub(super) fn lose(ground: &Ground, diary: &mut people::Diary, name: &str) {
    let Some(order) = ground.stored() else { return };
    for sku in order.placed.lines.iter().map(|line| line.sku.clone()).collect::<std::collections::BTreeSet<_>>() {
        let Some(levels) = answered(|| block_on(ground.world.stock.levels(&tenant(), &sku))) else { continue };
        for there in levels.sites.into_iter().filter(|there| there.level.free > 0) {
            let units = there.level.free;
            let lost = Movement::at(Moved::Adjusted, sku.clone(), there.site.clone(), -units).because(Reason::Loss);
            let body = Body::Adjustment { site: there.site.clone(), note: None };
            file(ground, diary, &document(&format!("{name} {sku} {}", there.site), body, vec![lost]));
            diary.supply.lost.push((sku.clone(), there.site, units));
        }
    }
}

/// The supplier, other buyers, and staff who look at what is missing. `false`: there is nothing to do.
pub(super) fn act(ground: &Ground, diary: &mut people::Diary, script: Script, order: &Order) -> bool {
    let missing = order.cases.iter().find(|case| !case.resolved && case.case.reason.starts_with("units that were"));
    if let Some(case) = missing {
        let number = case.case.number;
        diary.tell(ground, Role::Support, |order| order.decide_resolved(number, "looked for".to_owned()));
        return true;
    }
    match script.supply {
        Supply::SoldOut if order.stock == StockHold::Lapsed && !diary.supply.is_sold_out => {
            diary.supply.is_sold_out = true;
            lose(ground, diary, "sold");
        }
        Supply::Comes if !order.waits_for().is_empty() && !order.is_cancelled() && !diary.supply.has_come => {
            diary.supply.has_come = true;
            arrive(ground, diary, order);
        }
        Supply::Lost if order.waits_for_stock() && !diary.supply.has_come => {
            diary.supply.has_come = true;
            for (sku, site, units) in diary.supply.lost.clone() {
                let received = Movement::at(Moved::Received, sku.clone(), site.clone(), units);
                let name = format!("found {sku} {site}");
                let body = Body::Receipt { site, announcement: None, reference: None };
                file(ground, diary, &document(&name, body, vec![received]));
            }
        }
        Supply::Still | Supply::Comes | Supply::SoldOut | Supply::Lost => return false,
    }
    true
}

/// What is announced of the order's items comes in, all at once.
fn arrive(ground: &Ground, diary: &mut people::Diary, order: &Order) {
    for sku in order.waits_for().into_keys() {
        let announced = answered(|| block_on(ground.world.stock.announced(&tenant(), &sku)));
        for one in announced.unwrap_or_default() {
            let arrived = Movement::at(Moved::Arrived, sku.clone(), one.site.clone(), one.remaining);
            let (site, name) = (one.site, format!("came {sku}"));
            let body = Body::Receipt { site, announcement: Some(one.document.clone()), reference: None };
            file(ground, diary, &document(&name, body, vec![arrived.announced(one.document)]));
        }
    }
}

/// `available` and `fillable` of each item.
pub(super) type Networks = BTreeMap<Sku, (i64, i64)>;

pub(super) fn networks(world: &World) -> Networks {
    let mut networks = Networks::new();
    for ((whose, shelf, counter), units) in world.memory.counters() {
        let of_item = networks.entry(shelf.sku.clone()).or_default();
        let is_ours = whose == tenant() && shelf.place == Place::Network;
        if is_ours && counter == Counter::Available {
            of_item.0 = units;
        } else if is_ours && counter == Counter::Fillable {
            of_item.1 = units;
        }
    }
    networks
}

impl Run<'_> {
    /// What the stock table's stream shows since the last time is handed to who fills orders that wait. Only records of
    /// units that are there and waited for count as such: the others ask for nothing.
    pub(super) fn fill(&mut self) -> bool {
        let wanted = self.wanted();
        for (sku, available, fillable) in &wanted {
            self.records += 1;
            if self.ground.disturbance == Disturbance::Lost(self.records) {
                continue;
            }
            let times = if self.ground.disturbance == Disturbance::RelayedTwice { 2 } else { 1 };
            for _ in 0..times {
                self.give_out(sku, *available, *fillable);
            }
        }
        !wanted.is_empty()
    }

    /// The items whose counters have changed since the last time, and of which units are there and waited for.
    pub(super) fn wanted(&mut self) -> Vec<(Sku, i64, i64)> {
        let now = networks(&self.ground.world);
        let changed = now.iter().filter(|(sku, counters)| self.networks.get(*sku) != Some(*counters));
        let wanted = changed.filter(|(_, (available, fillable))| *fillable > 0 && fillable > available);
        let wanted = wanted.map(|(sku, (here, free))| (sku.clone(), *here, *free)).collect();
        self.networks.clone_from(&now);
        wanted
    }

    /// Who fills orders that wait is shown an item's counters.
    pub(super) fn give_out(&mut self, sku: &Sku, available: i64, fillable: i64) {
        let number = |units: i64| json!({"N": units.to_string()});
        let keys = json!({"pk": {"S": format!("T#{}#SKU#{sku}", tenant())}, "sk": {"S": "ATP"}});
        let new_image = json!({"available": number(available), "fillable": number(fillable)});
        let batch = || StreamEvent {
            records: vec![Record { dynamodb: Change { keys: keys.clone(), new_image: new_image.clone() } }],
        };
        let World { orders, stock, .. } = &self.ground.world;
        let give = || block_on(fill_backorders::handle(orders, stock, batch(), at(self.ground.clock)));
        if !(0..TRIES).any(|_| give().is_ok()) {
            self.complaints.push(format!("units of {sku} are never given out"));
        }
    }
}

fn item(sku: &str) -> Value {
    json!({"sku": sku, "title": sku, "length_mm": 50, "width_mm": 50, "height_mm": 20, "weight_grams": 100,
        "prices": [{"minor": 100, "currency": "USD"}]})
}

/// One lamp is there, five are announced at the other site.
fn lamps(world: &World) {
    let mut lamp = item("LAMP");
    lamp["backorder"] = json!("backorder");
    world.catalog.keep(&tenant(), Kind::Item, "LAMP", lamp);
    world.memory.receive(&tenant(), &id("LAMP"), &id("reno"), 1);
    announce(world, "LAMP", "columbus", 5);
}

/// Sixty items, of each one unit at two of three sites.
fn sixty(world: &World) {
    let sites: Vec<waybill_domain::catalog::Site> =
        block_on(waybill_domain::ports::Catalog::all(&world.catalog, &tenant())).unwrap_or_default();
    let mut third = json!(sites.first());
    third["id"] = json!("austin");
    world.catalog.keep(&tenant(), Kind::Site, "austin", third);
    for number in 0..60 {
        let sku = format!("PART-{number}");
        world.catalog.keep(&tenant(), Kind::Item, &sku, item(&sku));
        for site in [number, number + 1].map(|at| ["reno", "columbus", "austin"][at % 3]) {
            world.memory.receive(&tenant(), &id(&sku), &id(site), 1);
        }
    }
}

impl Scenario {
    fn of_lamps(name: &'static str, fill: &str) -> Self {
        let mut body = cart(&[("LAMP", 3, 100), ("MUG-BLUE", 1, 1_800)], "pm_card_visa");
        body["fill"] = json!(fill);
        let script = Script { supply: Supply::Comes, ..Self::one_shipment().script };
        Self { name, body, script, prepare: lamps, ..Self::one_shipment() }
    }

    /// Two of three lamps are still to come, and nothing ships before they have.
    #[must_use]
    pub fn shipped_complete() -> Self {
        Self::of_lamps("shipped complete", "ship_complete")
    }

    /// Two of three lamps are still to come; the rest ships at once.
    #[must_use]
    pub fn filled_later() -> Self {
        Self { ends: shipped(2), ..Self::of_lamps("the rest later", "fill_available") }
    }

    /// Called off while it waits for lamps.
    #[must_use]
    pub fn called_off_while_waiting() -> Self {
        let script = Script { supply: Supply::Still, cancel: Some(CancelAt::Stock), ..Self::shipped_complete().script };
        Self {
            name: "called off while waiting",
            script,
            ends: cancelled(PaymentAxis::Voided),
            ..Self::shipped_complete()
        }
    }

    /// The shopper names another card when the reservation has lapsed.
    #[must_use]
    pub fn paid_late() -> Self {
        let all = Self::declined_then_another_card();
        let body = cart(&[("LAST-ONE", 1, 5_000)], "pm_card_chargeDeclinedExpiredCard");
        let script = Script { is_late: true, ..all.script };
        Self { name: "paid late", body, script, ..all }
    }

    /// By then, somebody else has the unit.
    #[must_use]
    pub fn paid_too_late() -> Self {
        let script = Script { supply: Supply::SoldOut, ..Self::paid_late().script };
        Self { name: "paid too late", script, ends: cancelled(PaymentAxis::Voided), ..Self::paid_late() }
    }

    /// By then, somebody else has the lamp that was there, and another one is waited for.
    #[must_use]
    pub fn paid_late_and_backordered() -> Self {
        let mut body = cart(&[("LAMP", 1, 100)], "pm_card_chargeDeclinedExpiredCard");
        body["fill"] = json!("ship_complete");
        let script = Script { is_late: true, supply: Supply::Comes, ..Self::declined_then_another_card().script };
        Self { name: "paid late, backordered", body, script, prepare: lamps, ..Self::declined_then_another_card() }
    }

    /// Everything promised is lost before sites are chosen. Later as much comes in.
    #[must_use]
    pub fn lost_before_routing() -> Self {
        let body = cart(&[("LAST-ONE", 1, 5_000)], "pm_card_visa");
        let script = Script { supply: Supply::Lost, ..Self::one_shipment().script };
        Self { name: "lost before routing", body, script, ..Self::one_shipment() }
    }

    /// Sixty items, of each a unit from two of three sites.
    #[must_use]
    pub fn sixty_items() -> Self {
        let skus: Vec<String> = (0..60).map(|number| format!("PART-{number}")).collect();
        let lines: Vec<(&str, i64, i64)> = skus.iter().map(|sku| (sku.as_str(), 2, 100)).collect();
        let body = cart(&lines, "pm_card_visa");
        Self { name: "sixty items", body, prepare: sixty, ends: shipped(3), ..Self::one_shipment() }
    }
}
