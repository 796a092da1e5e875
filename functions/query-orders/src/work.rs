//! Queues: what the warehouse and support have to do.

use crate::view::{ExceptionView, FulfillmentView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::order::Order;
use waybill_domain::ports::{Orders, Page, StoreError};

/// Which queue of which site.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WorkQuery {
    /// The site.
    pub site: String,
    /// `pick`, `pack` or `hand_over`.
    pub queue: String,
    /// Rows, at most 100.
    pub limit: Option<usize>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// Which exceptions.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExceptionQuery {
    /// Rows, at most 100.
    pub limit: Option<usize>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// A page of a site's queue, oldest order first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkList {
    fulfillment_orders: Vec<WorkRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A fulfillment order to work on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkRow {
    order_id: String,
    #[serde(flatten)]
    fulfillment: FulfillmentView,
}

/// A page of open exceptions, oldest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExceptionList {
    exceptions: Vec<ExceptionRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// An exception to settle.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExceptionRow {
    order_id: String,
    #[serde(flatten)]
    exception: ExceptionView,
}

impl WorkList {
    /// The rows of a page, read from the orders themselves: an index may lag, and shows keys only.
    ///
    /// # Errors
    /// The orders could not be read.
    pub async fn of(orders: &impl Orders, tenant: &TenantId, page: Page<(OrderId, u16)>) -> Result<Self, StoreError> {
        let mut rows = Vec::new();
        for (id, number) in page.rows {
            let order = orders.load(tenant, &id).await?;
            let part = order.as_ref().and_then(|order| order.fulfillment(number)).filter(|part| part.queue().is_some());
            rows.extend(part.map(|part| WorkRow { order_id: id.to_string(), fulfillment: part.into() }));
        }
        Ok(Self { fulfillment_orders: rows, next: page.next })
    }
}

impl ExceptionList {
    /// The rows of a page, read from the orders themselves.
    ///
    /// # Errors
    /// The orders could not be read.
    pub async fn of(orders: &impl Orders, tenant: &TenantId, page: Page<(OrderId, u16)>) -> Result<Self, StoreError> {
        let mut rows = Vec::new();
        for (id, number) in page.rows {
            let order = orders.load(tenant, &id).await?;
            let open = |order: &Order| {
                let case = order.cases.iter().find(|case| case.case.number == number && !case.resolved)?;
                Some(ExceptionRow { order_id: id.to_string(), exception: case.into() })
            };
            rows.extend(order.as_ref().and_then(open));
        }
        Ok(Self { exceptions: rows, next: page.next })
    }
}
