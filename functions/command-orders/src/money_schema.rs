//! Bodies of the commands about money.

use serde::Deserialize;
use utoipa::ToSchema;
use waybill_domain::id::TenantId;
use waybill_domain::money::Money;
use waybill_domain::order::{CartError, CartPayment, RefundLine, RefundWish, Tender, named_tender};
use waybill_domain::text::Text;
use waybill_lambda::Fault;
use waybill_lambda::http::Problem;

/// What is to be given back. Amounts are integers in minor units, in the order's currency.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundBody {
    /// Units that were shipped: their price and tax, less their share of discounts.
    #[serde(default)]
    #[schema(value_type = Vec<RefundLineBody>)]
    lines: Vec<RefundLine>,
    /// Of what was charged for shipping, its tax included.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    shipping: Option<Money>,
    /// Beyond that, for the customer's goodwill.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    goodwill: Option<Money>,
    /// What was taken and is not owed.
    #[serde(default)]
    overcharge: bool,
    /// Why, in words for the timeline; at most 200 characters, and nothing personal.
    #[schema(value_type = String)]
    reason: Text<200>,
    /// What the preview said; must be what the refund comes to.
    #[schema(value_type = Object)]
    pub total: Money,
}

/// What a refund is to be previewed of: as the refund, without `total`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewBody {
    /// Units that were shipped.
    #[serde(default)]
    #[schema(value_type = Vec<RefundLineBody>)]
    lines: Vec<RefundLine>,
    /// Of what was charged for shipping, its tax included.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    shipping: Option<Money>,
    /// Beyond that, for the customer's goodwill.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    goodwill: Option<Money>,
    /// What was taken and is not owed.
    #[serde(default)]
    overcharge: bool,
    /// Why; at most 200 characters.
    #[schema(value_type = String)]
    reason: Text<200>,
}

/// Units of a line.
#[derive(Debug, ToSchema)]
pub struct RefundLineBody {
    /// The order line.
    #[expect(dead_code, reason = "documentation only")]
    line: u16,
    /// Units, at least 1.
    #[expect(dead_code, reason = "documentation only")]
    #[schema(minimum = 1)]
    quantity: u32,
}

impl PreviewBody {
    /// In the order's terms.
    pub fn wish(&self) -> RefundWish {
        let Self { lines, shipping, goodwill, overcharge, reason } = self.clone();
        RefundWish { lines, shipping, goodwill, overcharge, reason }
    }
}

impl RefundBody {
    /// In the order's terms.
    pub fn wish(&self) -> RefundWish {
        let Self { lines, shipping, goodwill, overcharge, reason, total: _ } = self.clone();
        RefundWish { lines, shipping, goodwill, overcharge, reason }
    }
}

/// Another payment method: one to charge, or (`intent`) a payment the storefront has confirmed with manual capture.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MethodBody {
    /// The processor's id of a payment method.
    #[serde(default)]
    #[schema(value_type = Option<String>, examples("pm_card_visa"))]
    method: Option<Text<128>>,
    /// With `method`: the processor's id of the customer it is saved for.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    customer: Option<Text<128>>,
    /// With `method`: where the shopper comes back to after 3-D Secure, an https address.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    return_url: Option<Text<500>>,
    /// The processor's id of a payment.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    intent: Option<Text<128>>,
}

impl MethodBody {
    /// What is paid with from now on.
    ///
    /// # Errors
    /// 422 for neither or both, or an address that is not https.
    pub fn tender(&self, tenant: &TenantId) -> Result<Tender, Problem> {
        let Self { method, customer, return_url, intent } = self.clone();
        if method.is_some() == intent.is_some() {
            return Err(Problem::invalid("", "must have exactly one of method and intent"));
        }
        let (amount, account, gift_card) = (None, None, None);
        let payment = CartPayment { amount, method, customer, return_url, intent, account, gift_card };
        named_tender(&payment, tenant).map_err(|error| match error {
            CartError::Field { pointer, rule } => Problem::invalid(pointer, rule),
            CartError::Money(error) => Problem::invalid("", error.to_string()),
            CartError::NeverShips(error) => Fault::Defect(error.into()).into(),
        })
    }
}

/// An empty object: there is nothing to say.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryBody {}

/// An invoice's payment.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaidBody {
    /// How much was paid: minor units, in the order's currency, at most what is open of the invoice.
    #[schema(value_type = Object)]
    pub amount: Money,
    /// The payer's or the bank's reference; at most 64 characters.
    #[schema(value_type = String)]
    pub reference: Text<64>,
}
