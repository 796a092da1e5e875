//! Money given back.

use std::collections::BTreeMap;

/// A refund that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// `re_…`
    pub id: String,
    /// Seconds since 1970.
    pub created: i64,
    /// The intent it gives back from.
    pub payment_intent: String,
    /// The charge it gives back from.
    pub charge: String,
    /// In minor units.
    pub amount: i64,
    /// The charge's currency.
    pub currency: &'static str,
    /// Why.
    pub reason: Option<&'static str>,
    /// The caller's own keys.
    pub metadata: BTreeMap<String, String>,
}
