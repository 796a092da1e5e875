//! What is stored: the items of the orders and stock tables, as maps.

use jiff::Timestamp;
use jiff::civil::Date;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use waybill_domain::id::{DocumentId, OrderId, SiteId, Sku, TenantId};
use waybill_domain::money::{Currency, Money};
use waybill_domain::order::{Account, Order, Wait};
use waybill_domain::ports::{Adjustment, StoreError, Summary};
use waybill_domain::stock::audit::Counters;
use waybill_domain::stock::{Change, Counter, Level, Network, Shelf};

/// An order's partition.
pub(super) type OrderKey = (TenantId, OrderId);

/// The small mutable head of an order: the lock and what lists show.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub version: u32,
    pub summary: Summary,
    pub customer: String,
    /// When the sweeper looks; `None`: never again.
    pub due: Option<Timestamp>,
    /// It was done with and goes on: a sweeper that looked before that may not take its mark away.
    pub reopened: bool,
    /// Per tender, what may still be taken and given back, in minor units.
    pub left: BTreeMap<u16, Left>,
}

/// What may still be taken of a tender, and given back to it, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Left {
    pub capturable: i64,
    pub refundable: i64,
}

/// A call that is done once per key.
#[derive(Clone, Debug)]
pub(super) struct Leased {
    pub body: String,
    pub until: Timestamp,
    /// Status and answer, once it is done.
    pub done: Option<(u16, String)>,
}

/// An account of a tenant.
pub(super) type AccountKey = (TenantId, Account);

/// Where an item of a work queue stands, and since when.
#[derive(Clone, Debug)]
pub(super) struct Queued {
    /// The site and the queue there; `None`: the exceptions.
    pub queue: Option<(SiteId, String)>,
    pub since: Timestamp,
}

/// A change of an item of counters, as the stock table's stream tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Whose.
    pub tenant: TenantId,
    /// Of what.
    pub shelf: Shelf,
    /// What they said, and what had moved them last; `None`: there were none.
    pub before: Option<(Counters, String)>,
    /// What they say.
    pub after: Counters,
    /// The event or document that moved them.
    pub cause: String,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Books {
    /// Event bodies, as JSON: what cannot be read back is found here too.
    pub events: BTreeMap<OrderKey, BTreeMap<u32, String>>,
    /// Orders as they were last read back, until their next event: most of a test's time would be reading.
    read: RefCell<BTreeMap<OrderKey, Order>>,
    pub heads: BTreeMap<OrderKey, Head>,
    pub work: BTreeMap<(OrderKey, (&'static str, u16)), Queued>,
    pub claims: BTreeMap<(TenantId, OrderId, String), Timestamp>,
    pub tokens: BTreeMap<(OrderKey, String), (Wait, String)>,
    pub tracking: BTreeMap<(TenantId, String), OrderId>,
    /// The order that is paid with a payment at the processor.
    pub payments: BTreeMap<(TenantId, String), OrderId>,
    /// What is available on accounts, in minor units.
    pub accounts: BTreeMap<AccountKey, BTreeMap<Currency, i64>>,
    pub entries: BTreeMap<(AccountKey, String), Adjustment>,
    pub requests: BTreeMap<(TenantId, String), Leased>,
    pub counters: BTreeMap<(TenantId, Shelf), BTreeMap<Counter, i64>>,
    /// What is left of each reservation, in units per item.
    pub holds: BTreeMap<OrderKey, BTreeMap<Sku, i64>>,
    /// Units that orders wait for, the one that waits longest first.
    pub waiting: BTreeMap<(TenantId, Sku, Timestamp, OrderId), i64>,
    /// Documents, as JSON.
    pub documents: BTreeMap<(TenantId, DocumentId), String>,
    /// Counts that wait for a decision, by their time.
    pub cases: BTreeSet<(TenantId, Timestamp, DocumentId)>,
    /// Where and when announced units come in.
    pub announced: BTreeMap<(TenantId, Shelf), (SiteId, Date)>,
    /// When an item was last counted at a site.
    pub counted: BTreeMap<(TenantId, Shelf), Timestamp>,
    /// The event or document that last changed an item of counters.
    pub causes: BTreeMap<(TenantId, Shelf), String>,
    /// Every change of counters, first to last.
    pub writes: Vec<Written>,
}

pub(super) fn broken(what: impl Into<String>) -> StoreError {
    StoreError::Broken(what.into().into())
}

impl Books {
    pub fn order(&self, tenant: &TenantId, id: &OrderId) -> Result<Option<Order>, StoreError> {
        let key = (tenant.clone(), id.clone());
        let Some(bodies) = self.events.get(&key) else { return Ok(None) };
        let mut history = Vec::new();
        if let Some(order) = self.read.borrow().get(&key) {
            if order.history().len() == bodies.len() {
                return Ok(Some(order.clone()));
            }
            history.extend_from_slice(order.history());
        }
        for body in bodies.values().skip(history.len()) {
            let event =
                serde_json::from_str(body).map_err(|error| broken(format!("an event does not parse: {error}")))?;
            history.push(event);
        }
        let order = Order::replay(tenant.clone(), id.clone(), history).map_err(|error| broken(error.to_string()))?;
        self.read.borrow_mut().insert(key, order.clone());
        Ok(Some(order))
    }

    /// An event was written over another one: the order is read anew.
    pub fn forget(&mut self, key: &OrderKey) {
        self.read.get_mut().remove(key);
    }

    pub fn tokens_of(&self, tenant: &TenantId, id: &OrderId) -> Vec<(Wait, String)> {
        let of_order = self.tokens.iter().filter(|((key, _), _)| (&key.0, &key.1) == (tenant, id));
        of_order.map(|(_, token)| token.clone()).collect()
    }

    pub fn counter(&self, tenant: &TenantId, place: &Shelf, counter: Counter) -> Option<i64> {
        self.counters.get(&(tenant.clone(), place.clone()))?.get(&counter).copied()
    }

    pub fn level(&self, tenant: &TenantId, place: &Shelf) -> Level {
        let count = |counter| self.counter(tenant, place, counter).unwrap_or(0);
        Level {
            on_hand: count(Counter::OnHand),
            allocated: count(Counter::Allocated),
            free: count(Counter::Free),
            held: count(Counter::Held),
        }
    }

    pub fn network(&self, tenant: &TenantId, sku: &Sku) -> Network {
        let place = Shelf::network(sku.clone());
        let count = |counter| self.counter(tenant, &place, counter).unwrap_or(0);
        Network {
            available: count(Counter::Available),
            promisable: count(Counter::Promisable),
            fillable: count(Counter::Fillable),
        }
    }

    /// Has every guarded counter the units it needs, and is what exists once not there yet?
    pub fn has(&self, tenant: &TenantId, change: &Change) -> bool {
        let units = |counter| self.counter(tenant, &change.shelf, counter);
        let enough = change.guards.iter().all(|(counter, least)| units(*counter).is_some_and(|units| units >= *least));
        enough && (!change.is_single || units(Counter::OnHand).unwrap_or(0) == 0)
    }

    /// Changes counters for that reason.
    pub fn add(&mut self, tenant: &TenantId, change: &Change, cause: &str) {
        let key = (tenant.clone(), change.shelf.clone());
        let before = self.counters.get(&key).cloned();
        let counters = self.counters.entry(key.clone()).or_default();
        for (counter, delta) in &change.deltas {
            *counters.entry(*counter).or_default() += delta;
        }
        let after = counters.clone();
        let (tenant, place) = key.clone();
        let earlier = self.causes.insert(key, cause.to_owned());
        let before = before.map(|counters| (counters, earlier.unwrap_or_default()));
        self.writes.push(Written { tenant, shelf: place, before, after, cause: cause.to_owned() });
    }

    /// What is available on an account, if it exists in that currency.
    pub fn available(&self, account: &AccountKey, currency: Currency) -> Option<i64> {
        self.accounts.get(account)?.get(&currency).copied()
    }

    /// What is available on an account, per currency.
    pub fn balances(&self, account: &AccountKey) -> Vec<Money> {
        let balances = self.accounts.get(account).into_iter().flatten();
        balances.map(|(currency, minor)| Money::new(*minor, *currency)).collect()
    }

    pub fn credit(&mut self, account: AccountKey, currency: Currency, minor: i64) {
        *self.accounts.entry(account).or_default().entry(currency).or_default() += minor;
    }
}
