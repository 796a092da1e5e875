//! What is kept beside orders: calls done once, customers' accounts; and all orders as the reconciler reads them.

use super::StoreError;
use crate::id::{OrderId, TenantId};
use crate::money::Money;
use crate::order::{Account, Corrupt, Order, RequestRecord};
use jiff::{SignedDuration, Timestamp};
use std::future::Future;

/// What became of beginning a call that is done once per key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is this call's to do: it is the first, or the one before did not finish within its lease.
    Ours,
    /// It was done: the answer, byte for byte.
    Done {
        /// HTTP status.
        status: u16,
        /// The body.
        answer: String,
    },
    /// The key was used with another body.
    Reused,
    /// Another call is doing it.
    Running,
}

/// Leased records of calls that are done once per key and keep their record nowhere else: calls that reach a partner, and
/// webhooks by their event id. What is done under a lease must itself be safe to repeat: its holder may die.
pub trait Requests: Sync {
    /// Begins the call `key` (a digest of tenant, route and key) with this body (a digest), for `lease`.
    fn begin(
        &self,
        tenant: &TenantId,
        key: &str,
        body: &str,
        lease: SignedDuration,
        at: Timestamp,
    ) -> impl Future<Output = Result<Begun, StoreError>> + Send;

    /// Keeps the answer, for 30 days.
    fn finish(
        &self,
        tenant: &TenantId,
        key: &str,
        status: u16,
        answer: &str,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Gives the lease back: nothing was done, and the next call may try.
    fn give_up(&self, tenant: &TenantId, key: &str) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// A change of what is available on an account, by staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// Which account.
    pub account: Account,
    /// More (positive) or less (negative).
    pub amount: Money,
    /// Why, in words.
    pub reason: String,
    /// Who.
    pub actor: String,
    /// The call, and the answer it gets.
    pub request: RequestRecord,
    /// When, UTC.
    pub at: Timestamp,
}

/// What became of an adjustment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Adjusted {
    /// Stored, with its record, in one.
    Stored,
    /// The key was used: its record.
    Exists(RequestRecord),
    /// Less would be available than nothing.
    Overdrawn,
}

/// Accounts the merchant keeps for customers: net terms, store credit, gift cards. Orders draw on them in their own
/// transactions (`Commit`).
pub trait Accounts: Sync {
    /// What is available, per currency; empty for an account that does not exist.
    fn available(
        &self,
        tenant: &TenantId,
        account: &Account,
    ) -> impl Future<Output = Result<Vec<Money>, StoreError>> + Send;

    /// Adjusts, once per key.
    fn adjust(
        &self,
        tenant: &TenantId,
        adjustment: &Adjustment,
    ) -> impl Future<Output = Result<Adjusted, StoreError>> + Send;
}

/// Orders as they stand in the table, in no order, and what reading them cost.
#[derive(Clone, Debug)]
pub struct Scanned {
    /// Whose, which, and the order; or why its history makes none.
    pub orders: Vec<(TenantId, OrderId, Result<Order, Corrupt>)>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
    /// Half read units (DynamoDB counts an eventually consistent 4 KB as half a unit).
    pub half_units: u64,
}

/// Every order there is, for the reconciler. Lags a little: a difference is to be looked at again, consistently.
pub trait Audit: Sync {
    /// A page.
    fn scan(&self, after: Option<&str>) -> impl Future<Output = Result<Scanned, StoreError>> + Send;
}
