//! Do the stores say what the model says, and do their own numbers add up?

use super::model::Model;
use super::op::{Item, Spot};
use super::world::{World, site, stow};
use std::collections::BTreeMap;
use waybill_domain::id::{DocumentId, OrderId, SiteId};
use waybill_domain::order::Order;
use waybill_domain::ports::Stock;
use waybill_domain::stock::{Level, Network, Stow};
use waybill_testkit::contract::Keeper;
use waybill_testkit::id;

/// A shelf, or a whole site.
type Place = (SiteId, Option<Stow>);

/// What is known of an item, without shelves that are empty.
#[derive(Debug, PartialEq, Eq)]
struct Known {
    network: Network,
    shelves: BTreeMap<Place, Level>,
    announced: BTreeMap<DocumentId, i64>,
    waiting: Vec<(OrderId, i64)>,
}

impl<O: Keeper, S: Stock> World<O, S> {
    /// Compares every level, and checks the equations.
    pub async fn agrees_with(&self, model: &Model, after: &str) {
        let mut orders = Vec::new();
        for order in &self.placed {
            orders.push(self.orders.load(&self.tenant, order).await.unwrap().unwrap());
        }
        for item in Item::ALL {
            let known = self.known(item).await;
            assert_eq!(known, self.said(model, item), "{} after {after}: the stores, and the model", item.sku());
            add_up(item, &known, &orders, after);
        }
        let open: Vec<DocumentId> = self.stock.cases(&self.tenant, None, 100).await.unwrap().rows;
        let counts = self.counts.iter().zip(&model.counts).filter(|(_, count)| count.is_open);
        assert_eq!(open, counts.map(|(id, _)| id.clone()).collect::<Vec<_>>(), "cases after {after}");
    }

    async fn known(&self, item: Item) -> Known {
        let sku = id(item.sku());
        let levels = self.stock.levels(&self.tenant, &sku).await.unwrap();
        let shelves = levels.sites.into_iter().flat_map(|there| {
            let of_stow = |(stow, level)| ((there.site.clone(), Some(stow)), level);
            let stows: Vec<(Place, Level)> = there.stows.into_iter().map(of_stow).collect();
            stows.into_iter().chain([((there.site, None), there.level)])
        });
        let announced = self.stock.announced(&self.tenant, &sku).await.unwrap();
        let waiting = self.stock.waiting(&self.tenant, &sku, 100).await.unwrap();
        Known {
            network: levels.network,
            shelves: shelves.filter(|(_, level)| *level != Level::default()).collect(),
            announced: announced.into_iter().map(|one| (one.document, one.remaining)).collect(),
            waiting: waiting.into_iter().map(|one| (one.order, one.units)).collect(),
        }
    }

    fn said(&self, model: &Model, item: Item) -> Known {
        let mut shelves: BTreeMap<Place, Level> = BTreeMap::new();
        let mut add = |place: Place, spot: Spot| {
            let (of, level) = (model.shelf(spot), shelves.entry(place).or_default());
            level.on_hand += of.on_hand;
            level.allocated += of.allocated;
            level.free += of.free();
            level.held += of.held;
        };
        for spot in model.shelves.keys().copied().filter(|spot| spot.item == item) {
            add((site(spot.site), None), spot);
            if let Some(stow) = stow(spot) {
                add((site(spot.site), Some(stow)), spot);
            }
        }
        shelves.retain(|_, level| *level != Level::default());
        let announced = self.announced.iter().zip(&model.announced);
        let announced = announced.filter(|(_, one)| one.item == item && one.remaining > 0);
        let waiting = self.placed.iter().zip(&model.orders).filter_map(|(id, order)| {
            let units = order.lines.iter().filter(|line| line.item == item).map(|line| line.waiting).sum::<i64>();
            (units > 0).then(|| (id.clone(), units))
        });
        Known {
            network: Network {
                available: model.available(item),
                promisable: model.promisable(item),
                fillable: model.fillable(item),
            },
            shelves,
            announced: announced.map(|(id, one)| (id.clone(), one.remaining)).collect(),
            waiting: waiting.collect(),
        }
    }
}

/// The equations, of the stores' own numbers and the orders as they are stored.
fn add_up(item: Item, known: &Known, orders: &[Order], after: &str) {
    let reserved: i64 = orders.iter().filter_map(|order| order.reserved_units().get(&id(item.sku())).copied()).sum();
    let sites = || known.shelves.iter().filter(|((_, stow), _)| stow.is_none()).map(|(_, level)| level);
    let sum = |units: fn(&Level) -> i64| sites().map(units).sum::<i64>();
    let (on_hand, allocated, held) = (sum(|one| one.on_hand), sum(|one| one.allocated), sum(|one| one.held));
    let name = item.sku();
    assert_eq!(on_hand, reserved + allocated + known.network.available + held, "{name} after {after}: the network");
    for (place, level) in &known.shelves {
        assert_eq!(level.on_hand, level.allocated + level.free + level.held, "{name} after {after}: {place:?}");
    }
}
