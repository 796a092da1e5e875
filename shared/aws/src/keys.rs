//! Keys and small readers of items. Every partition key begins with the tenant.

use crate::classify::broken;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use std::collections::HashMap;
use waybill_domain::id::{DocumentId, OrderId, Sku, TenantId};
use waybill_domain::money::Currency;
use waybill_domain::order::Account;
use waybill_domain::ports::StoreError;

/// An item.
pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) fn order(tenant: &TenantId, id: &OrderId) -> String {
    format!("T#{tenant}#ORDER#{id}")
}

pub(crate) fn event(version: u32) -> String {
    format!("EVENT#{version:06}")
}

pub(crate) fn sku(tenant: &TenantId, sku: &Sku) -> String {
    format!("T#{tenant}#SKU#{sku}")
}

/// A part of a hot item's network-wide counters: a partition of its own, for a partition takes 1,000 writes a second.
pub(crate) fn shard(tenant: &TenantId, item: &Sku, number: u16) -> String {
    format!("{}#SHARD#{number:02}", sku(tenant, item))
}

pub(crate) fn document(tenant: &TenantId, id: &DocumentId) -> String {
    format!("T#{tenant}#DOCUMENT#{id}")
}

/// Counts that wait for a decision.
pub(crate) fn stock_cases(tenant: &TenantId) -> String {
    format!("T#{tenant}#STOCKCASES")
}

pub(crate) fn reservation(tenant: &TenantId, id: &OrderId) -> String {
    format!("T#{tenant}#RESERVATION#{id}")
}

pub(crate) fn tracking(tenant: &TenantId, code: &str) -> String {
    format!("T#{tenant}#TRACKING#{code}")
}

/// What points from the processor's payment to the order paid with it.
pub(crate) fn payment(tenant: &TenantId, reference: &str) -> String {
    format!("T#{tenant}#PAYMENT#{reference}")
}

pub(crate) fn account(tenant: &TenantId, account: &Account) -> String {
    format!("T#{tenant}#ACCOUNT#{}#{}", account.account.name(), account.id)
}

/// What is available on an account, in a currency.
pub(crate) fn balance(currency: Currency) -> String {
    format!("BALANCE#{}", currency.code())
}

pub(crate) fn request(tenant: &TenantId, key: &str) -> String {
    format!("T#{tenant}#REQUEST#{key}")
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A time as text that sorts as times do: always with nine digits after the second.
pub(crate) fn sortable(at: Timestamp) -> String {
    format!("{at:.9}")
}

/// The key of an item.
pub(crate) fn key(pk: impl Into<String>, sk: impl Into<String>) -> Item {
    HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

/// A text attribute that must be there.
pub(crate) fn need<'a>(item: &'a Item, name: &str) -> Result<&'a str, StoreError> {
    let found = item.get(name).and_then(|value| value.as_s().ok());
    found.map(String::as_str).ok_or_else(|| broken(format!("an item has no text `{name}`")))
}

/// A number attribute; absent is zero, as `ADD` has it.
pub(crate) fn count(item: &Item, name: &str) -> Result<i64, StoreError> {
    let Some(value) = item.get(name) else { return Ok(0) };
    let digits = value.as_n().map_err(|_| broken(format!("`{name}` is no number")))?;
    digits.parse().map_err(|_| broken(format!("`{name}` is no whole number")))
}

/// Tenant and order of an order's partition key.
pub(crate) fn split_order(pk: &str) -> Option<(TenantId, OrderId)> {
    let (tenant, order) = pk.strip_prefix("T#")?.split_once("#ORDER#")?;
    Some((tenant.parse().ok()?, order.parse().ok()?))
}

/// Tenant and SKU of an item's partition key.
pub(crate) fn split_sku(pk: &str) -> Option<(TenantId, Sku)> {
    let (tenant, sku) = pk.strip_prefix("T#")?.split_once("#SKU#")?;
    Some((tenant.parse().ok()?, sku.parse().ok()?))
}
