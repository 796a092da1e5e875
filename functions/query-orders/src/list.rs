//! Lists of orders.

use crate::{MAX_ROWS, ROWS};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use waybill_domain::address::Email;
use waybill_domain::money::Money;
use waybill_domain::order::{FulfillmentAxis, OrderAxis, PaymentAxis};
use waybill_domain::ports::{Filter, Page, Summary};
use waybill_domain::text::Text;
use waybill_lambda::http::Problem;

/// How far back a list without `from` goes.
const DAYS: i32 = 30;

/// Which orders.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Order axis: `placed`, `cancelled`, `closed`.
    pub status: Option<String>,
    /// Payment axis.
    pub payment_status: Option<String>,
    /// Fulfillment axis.
    pub fulfillment_status: Option<String>,
    /// How they came in.
    pub channel: Option<String>,
    /// The customer's e-mail address.
    pub customer: Option<String>,
    /// The caller's own number.
    pub reference: Option<String>,
    /// Placed on this UTC day or later; 30 days back if absent.
    pub from: Option<String>,
    /// Placed on this UTC day or earlier; today if absent.
    pub to: Option<String>,
    /// Rows, at most 100.
    pub limit: Option<usize>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// A page of orders, newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderList {
    orders: Vec<OrderRow>,
    /// The cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// An order in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderRow {
    id: String,
    status: &'static str,
    payment_status: &'static str,
    fulfillment_status: &'static str,
    channel: String,
    reference: Option<String>,
    placed_at: String,
    #[schema(value_type = Object)]
    total: Money,
}

impl From<Page<Summary>> for OrderList {
    fn from(page: Page<Summary>) -> Self {
        let row = |summary: Summary| OrderRow {
            id: summary.id.to_string(),
            status: summary.axes.order.name(),
            payment_status: summary.axes.payment.name(),
            fulfillment_status: summary.axes.fulfillment.name(),
            channel: summary.channel.to_string(),
            reference: summary.reference,
            placed_at: summary.placed_at.to_string(),
            total: summary.total,
        };
        Self { orders: page.rows.into_iter().map(row).collect(), next: page.next }
    }
}

impl ListQuery {
    /// Rows to answer.
    ///
    /// # Errors
    /// 400 for none or too many.
    pub fn rows(limit: Option<usize>) -> Result<usize, Problem> {
        let limit = limit.unwrap_or(ROWS);
        if (1..=MAX_ROWS).contains(&limit) {
            return Ok(limit);
        }
        Err(Problem::bad_request("query/limit", format!("must be 1 to {MAX_ROWS}")))
    }

    /// The criteria.
    ///
    /// # Errors
    /// 400 for a status, day, channel or customer that does not exist as such.
    pub fn filter(&self, now: Timestamp) -> Result<Filter, Problem> {
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let far = today.checked_sub(DAYS.days()).unwrap_or(today);
        let wrong = |name: &str| Problem::bad_request(format!("query/{name}"), "is none of its values");
        let customer = |text: &String| Email::try_from(text.clone()).map_err(|_| wrong("customer"));
        // As an order keeps it: of another shape, no order has it, and no table takes it for a key.
        let reference =
            |text: &String| Text::<64>::try_from(text.clone()).map(String::from).map_err(|_| wrong("reference"));
        Ok(Filter {
            order: known(self.status.as_deref(), OrderAxis::from_name).ok_or_else(|| wrong("status"))?,
            payment: known(self.payment_status.as_deref(), PaymentAxis::from_name)
                .ok_or_else(|| wrong("payment_status"))?,
            fulfillment: known(self.fulfillment_status.as_deref(), FulfillmentAxis::from_name)
                .ok_or_else(|| wrong("fulfillment_status"))?,
            channel: known(self.channel.as_deref(), |text| text.parse().ok()).ok_or_else(|| wrong("channel"))?,
            customer: self.customer.as_ref().map(customer).transpose()?.map(|email| email.customer_key()),
            reference: self.reference.as_ref().map(reference).transpose()?,
            from: day(self.from.as_deref(), far).ok_or_else(|| wrong("from"))?,
            to: day(self.to.as_deref(), today).ok_or_else(|| wrong("to"))?,
        })
    }
}

/// Absent is fine; present must be one.
#[expect(clippy::option_option, reason = "absent, known and unknown are three things")]
fn known<T>(text: Option<&str>, parse: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    match text {
        None => Some(None),
        Some(text) => parse(text).map(Some),
    }
}

fn day(text: Option<&str>, otherwise: Date) -> Option<Date> {
    text.map_or(Some(otherwise), |text| text.parse().ok())
}
