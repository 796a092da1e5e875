//! Bodies and answers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use waybill_domain::money::Money;
use waybill_domain::order::Account;
use waybill_domain::text::Text;

/// A change of what is available.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustmentBody {
    /// More, or (negative) less: minor units, not nothing.
    #[schema(value_type = Object)]
    pub amount: Money,
    /// Why; at most 200 characters.
    #[schema(value_type = String)]
    pub reason: Text<200>,
    /// The gift card's code, where the path says `by-code`; never stored.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub code: Option<Text<64>>,
}

/// An adjustment, as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AdjustmentView {
    /// `net_terms`, `store_credit` or `gift_card`.
    kind: &'static str,
    /// Which account: of a gift card the digest of its code.
    id: String,
    /// More, or less.
    #[schema(value_type = Object)]
    amount: Money,
    /// Why.
    reason: String,
}

impl AdjustmentView {
    pub(crate) fn new(account: &Account, amount: Money, reason: &Text<200>) -> Self {
        let (kind, id) = (account.account.name(), account.id.to_string());
        Self { kind, id, amount, reason: reason.as_str().to_owned() }
    }
}

/// What is available on an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountView {
    /// `net_terms`, `store_credit` or `gift_card`.
    kind: &'static str,
    /// Which account.
    id: String,
    /// One amount per currency, minor units.
    #[schema(value_type = Vec<Object>)]
    available: Vec<Money>,
}

impl AccountView {
    pub(crate) fn new(account: &Account, available: Vec<Money>) -> Self {
        Self { kind: account.account.name(), id: account.id.to_string(), available }
    }
}
