//! An order whose money is held, and the sites.

use serde_json::json;
use waybill_domain::catalog::Kind as Record;
use waybill_domain::id::Sku;
use waybill_domain::order::{Decided, Order, Placed};
use waybill_domain::ports::{Commit, Committed, Filed, Orders, Stock};
use waybill_domain::stock::{Body, Document, Kind, Movement, Reason, Stow};
use waybill_lambda::input::OrderInput;
use waybill_lambda::{Halt, advance};
use waybill_testkit::{Step, World, at, block_on, bring_to, document, document_id, first_of, id, receipt, tenant};

pub struct Scene {
    pub world: World,
    order: Order,
}

/// A day after the order was placed.
pub const LATER: i64 = 86_400;

/// An item without stock.
pub fn item(world: &World, sku: &str, special: &serde_json::Value) {
    let mut item = json!({"sku": sku, "title": sku, "length_mm": 1, "width_mm": 1, "height_mm": 1, "weight_grams": 1});
    for (name, value) in special.as_object().unwrap() {
        item[name] = value.clone();
    }
    world.catalog.keep(&tenant(), Record::Item, sku, item);
}

pub fn file(world: &World, document: &Document) {
    assert_eq!(block_on(world.stock.file(&tenant(), document, &[])).unwrap(), Filed::Stored);
}

/// Units come in at a site.
pub fn come(world: &World, site: &str, units: &[(&str, i64)]) {
    let key = format!("{site} {units:?} {}", world.faults.calls().len());
    file(world, &receipt(&tenant(), &key, site, units));
}

/// Units of stows come in at Reno.
pub fn stowed(world: &World, sku: &str, stows: &[(Stow, i64)]) {
    let one =
        |(stow, units): &(Stow, i64)| Movement::at(Kind::Received, id(sku), id("reno"), *units).of(Some(stow.clone()));
    let body = Body::Receipt { site: id("reno"), announcement: None, reference: None };
    file(world, &document(&tenant(), &format!("stowed {sku}"), body, stows.iter().map(one).collect()));
}

/// So many will come in.
pub fn announce(world: &World, sku: &str, units: i64) {
    let key = format!("announced {sku}");
    let expected = Movement::network(Kind::Expected, id(sku), units).announced(document_id(&tenant(), &key));
    let body = Body::Announcement { site: id("reno"), due: "2026-11-20".parse().unwrap(), reference: None };
    file(world, &document(&tenant(), &key, body, vec![expected]));
}

/// So many are not there any more.
pub fn lose(world: &World, site: &str, sku: &str, units: i64) {
    let lost = Movement::at(Kind::Adjusted, id(sku), id(site), -units).because(Reason::Loss);
    let body = Body::Adjustment { site: id(site), note: None };
    file(world, &document(&tenant(), &format!("lost {site} {sku}"), body, vec![lost]));
}

impl Scene {
    /// The order, as far as that.
    pub fn new(world: World, placed: Placed, step: Step) -> Self {
        Self::keyed(world, "k", placed, step)
    }

    /// One under another key.
    pub fn keyed(world: World, key: &str, placed: Placed, step: Step) -> Self {
        let (order, recorded) = first_of(&tenant(), key, placed);
        let commit = Commit { before: None, after: &order, recorded: &recorded };
        assert_eq!(block_on(world.orders.commit(commit)).unwrap(), Committed::Stored);
        let order = block_on(bring_to(&world.orders, order, step)).unwrap();
        Self { world, order }
    }

    pub fn order(&self) -> Order {
        self.world.memory.order(&tenant(), &self.order.id).unwrap()
    }

    /// Records what `decide` leads to.
    pub fn record(&self, seconds: i64, decide: impl Fn(&Order) -> Decided) {
        block_on(advance(&self.world.orders, self.order(), "stage:test", at(seconds), decide)).unwrap();
    }

    /// Goes on with the order as it is.
    pub fn bring_to(&self, step: Step) {
        block_on(bring_to(&self.world.orders, self.order(), step)).unwrap();
    }

    /// Routes: the numbers of the fulfillment orders, or why there are none.
    pub fn route(&self) -> Result<Vec<u16>, String> {
        let World { orders, stock, catalog, .. } = &self.world;
        let input = OrderInput { tenant: tenant(), order_id: self.order.id.clone() };
        let routed = block_on(route::handle(orders, stock, catalog, input, at(LATER)));
        assert_eq!(self.world.memory.unbalanced(), [], "the stock adds up");
        routed.map(|routed| routed.fulfillments).map_err(|halt: Halt| halt.name().to_owned())
    }

    /// Site, item and units of each line of each fulfillment order.
    pub fn parts(&self) -> Vec<(String, Sku, u32)> {
        let parts = self.order().fulfillments;
        let lines = parts.iter().flat_map(|part| part.lines.iter().map(|line| (part.site.to_string(), line)));
        lines.map(|(site, line)| (site, line.sku.clone(), line.quantity)).collect()
    }

    /// The names of its events after the first `skip`.
    pub fn events(&self, skip: usize) -> Vec<&'static str> {
        self.order().history()[skip..].iter().map(|recorded| recorded.event.name()).collect()
    }
}
