//! What the workflow sends a stage. Ids only: executions and their histories carry no personal data.

use serde::{Deserialize, Serialize};
use waybill_domain::id::{OrderId, TenantId};

/// A stage of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrderInput {
    /// Whose order.
    pub tenant: TenantId,
    /// Which order.
    pub order_id: OrderId,
}

/// A stage of a fulfillment order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartInput {
    /// Whose order.
    pub tenant: TenantId,
    /// Which order.
    pub order_id: OrderId,
    /// Which fulfillment order.
    pub fulfillment: u16,
}

/// A wait of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrderWait {
    /// Whose order.
    pub tenant: TenantId,
    /// Which order.
    pub order_id: OrderId,
    /// What the wait is answered by; up to 2,048 characters on AWS.
    pub task_token: String,
}

/// A wait of a fulfillment order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartWait {
    /// Whose order.
    pub tenant: TenantId,
    /// Which order.
    pub order_id: OrderId,
    /// Which fulfillment order.
    pub fulfillment: u16,
    /// What the wait is answered by; up to 2,048 characters on AWS.
    pub task_token: String,
}

/// Something went wrong in a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Trouble {
    /// Whose order.
    pub tenant: TenantId,
    /// Which order.
    pub order_id: OrderId,
    /// Which fulfillment order, if one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fulfillment: Option<u16>,
    /// The state it happened in.
    pub stage: String,
    /// The error name and what it said.
    pub cause: String,
}

/// A stage with nothing to tell the workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {}
