//! What is stored: the items of the orders and stock tables, as maps.

use jiff::Timestamp;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use waybill_domain::id::{OrderId, SiteId, Sku, TenantId};
use waybill_domain::money::{Currency, Money};
use waybill_domain::order::{Account, Order, Wait};
use waybill_domain::ports::{Adjustment, StoreError, Summary};
use waybill_domain::stock::{Change, Counter, Level, Shelf};

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

#[derive(Debug, Default)]
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
    pub holds: BTreeMap<OrderKey, Vec<(Sku, u32)>>,
    /// Adjustments that were made, by their id.
    pub movements: BTreeSet<(TenantId, Sku, String)>,
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

    /// Has every counter that falls the units it needs?
    pub fn has(&self, tenant: &TenantId, change: &Change) -> bool {
        change
            .guards()
            .all(|(counter, least)| self.counter(tenant, &change.shelf, counter).is_some_and(|units| units >= least))
    }

    pub fn add(&mut self, tenant: &TenantId, change: &Change) {
        let counters = self.counters.entry((tenant.clone(), change.shelf.clone())).or_default();
        for (counter, delta) in &change.deltas {
            *counters.entry(*counter).or_default() += delta;
        }
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

    pub fn unbalanced(&self) -> Vec<(TenantId, Sku)> {
        let mut sums: BTreeMap<(TenantId, Sku), i64> = BTreeMap::new();
        for ((tenant, shelf), counters) in &self.counters {
            let sum = sums.entry((tenant.clone(), shelf.sku.clone())).or_default();
            for (counter, units) in counters {
                match counter {
                    Counter::OnHand => *sum += units,
                    Counter::Available | Counter::Allocated | Counter::Held => *sum -= units,
                    Counter::Free => {}
                }
            }
        }
        for ((tenant, _), lines) in &self.holds {
            for (sku, units) in lines {
                *sums.entry((tenant.clone(), sku.clone())).or_default() -= i64::from(*units);
            }
        }
        sums.into_iter().filter(|(_, sum)| *sum != 0).map(|(key, _)| key).collect()
    }
}
