//! The Shopify Admin REST `order`: what of it makes an order of ours.
//!
//! Shape: Shopify Admin REST API, resource Order. Older and newer versions differ in which amounts they carry; absent
//! amounts are zero, unknown fields are left alone.

use crate::Refusal;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;
use waybill_domain::address::{Address, Customer};
use waybill_domain::catalog::Channel;
use waybill_domain::id::Sku;
use waybill_domain::money::{Currency, Money};
use waybill_domain::order::{BundleError, Fill, Line, MAX_ITEMS, MAX_LINES, Part, Placed, Shipping, Tender, unbundled};
use waybill_domain::promise::promise;
use waybill_domain::text::Text;
use waybill_lambda::{Fault, Terms};

/// A Shopify order. All amounts are decimal text in `currency`.
#[derive(Clone, Debug, Deserialize)]
pub struct ShopifyOrder {
    id: u64,
    #[serde(default)]
    name: Option<String>,
    currency: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    financial_status: String,
    #[serde(default)]
    cancelled_at: Option<String>,
    total_price: Decimal,
    #[serde(default)]
    total_tax: Option<Decimal>,
    #[serde(default)]
    total_discounts: Option<Decimal>,
    #[serde(default)]
    taxes_included: bool,
    line_items: Vec<ShopifyLine>,
    #[serde(default)]
    shipping_lines: Vec<ShopifyShipping>,
    #[serde(default)]
    shipping_address: Option<ShopifyAddress>,
}

#[derive(Clone, Debug, Deserialize)]
struct ShopifyLine {
    #[serde(default)]
    sku: Option<String>,
    title: String,
    quantity: i64,
    price: Decimal,
}

#[derive(Clone, Debug, Deserialize)]
struct ShopifyShipping {
    price: Decimal,
}

#[derive(Clone, Debug, Deserialize)]
struct ShopifyAddress {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    address1: Option<String>,
    #[serde(default)]
    address2: Option<String>,
    #[serde(default)]
    city: Option<String>,
    #[serde(default)]
    province_code: Option<String>,
    #[serde(default)]
    zip: Option<String>,
    #[serde(default)]
    country_code: Option<String>,
    #[serde(default)]
    phone: Option<String>,
}

impl ShopifyOrder {
    /// The order in a payload: bare, or under `order` as the API answers it.
    ///
    /// # Errors
    /// A field that is missing or of another shape.
    pub fn read(payload: serde_json::Value) -> Result<Self, Refusal> {
        let mut payload = payload;
        let order = payload.get_mut("order").map(serde_json::Value::take).unwrap_or(payload);
        serde_path_to_error::deserialize(order).map_err(|error| {
            let missing = error.inner().to_string();
            let rule = missing.strip_prefix("missing field ").map(|field| format!("lacks {field}"));
            let at = error.path().to_string();
            let at = if at == "." { "order".to_owned() } else { format!("order.{at}") };
            Refusal::rule(&at, rule.unwrap_or_else(|| "is of another shape".to_owned()))
        })
    }

    /// The channel's own id of the order.
    #[must_use]
    pub fn own_id(&self) -> String {
        self.id.to_string()
    }

    /// The SKUs of its lines.
    ///
    /// # Errors
    /// A line without one: nothing of ours can be shipped for it.
    pub fn skus(&self) -> Result<Vec<Sku>, Refusal> {
        let sku = |(index, line): (usize, &ShopifyLine)| {
            let at = format!("line_items[{index}].sku");
            let text = line.sku.clone().ok_or_else(|| Refusal::rule(&at, "is missing"))?;
            Sku::try_from(text).map_err(|_| Refusal::rule(&at, "is no SKU"))
        };
        self.line_items.iter().enumerate().map(sku).collect()
    }

    fn check(&self) -> Result<(), Refusal> {
        if self.cancelled_at.is_some() {
            return Err(Refusal::rule("cancelled_at", "is set: the order is cancelled"));
        }
        if !matches!(self.financial_status.as_str(), "authorized" | "paid") {
            return Err(Refusal::rule("financial_status", "must be authorized or paid"));
        }
        if self.line_items.is_empty() || self.line_items.len() > MAX_LINES {
            return Err(Refusal::rule("line_items", format!("must be 1 to {MAX_LINES}")));
        }
        let distinct: std::collections::BTreeSet<_> = self.skus()?.into_iter().collect();
        if distinct.len() > MAX_ITEMS {
            return Err(Refusal::rule("line_items", format!("must have at most {MAX_ITEMS} distinct items")));
        }
        Ok(())
    }

    /// The lines as they are ordered, with the parts of bundles in their places.
    fn lines(&self, terms: &Terms, currency: Currency, channel: &Channel) -> Result<Vec<Line>, Refusal> {
        let sold = self.sold(terms, currency)?;
        unbundled(sold, &channel.id, terms.items()).map_err(|BundleError { line, field, rule }| {
            let line = line.map(|index| format!("[{index}]")).unwrap_or_default();
            let field = field.map(|name| format!(".{name}")).unwrap_or_default();
            Refusal::rule(&format!("line_items{line}{field}"), rule)
        })
    }

    /// The lines as the channel sold them.
    fn sold(&self, terms: &Terms, currency: Currency) -> Result<Vec<Line>, Refusal> {
        let skus = self.skus()?;
        let numbered = self.line_items.iter().zip(skus).zip(1_u16..);
        let lines = numbered.map(|((line, sku), number)| {
            let at = |name: &str| format!("line_items[{}].{name}", number - 1);
            let item = terms.items().get(&sku).ok_or_else(|| Refusal::rule(&at("sku"), "is not in the catalog"))?;
            let quantity = u32::try_from(line.quantity).ok().filter(|quantity| *quantity > 0);
            let title = Text::try_from(line.title.clone()).unwrap_or_else(|_| item.title.clone());
            Ok(Line {
                number,
                title,
                quantity: quantity.ok_or_else(|| Refusal::rule(&at("quantity"), "must be at least 1"))?,
                unit_price: money(&at("price"), line.price, currency)?,
                discount: Money::zero(currency),
                tax: Money::zero(currency),
                tax_included: self.taxes_included,
                taxes: Vec::new(),
                part_of: None,
                leave: 0,
                backordered: 0,
                sku,
            })
        });
        self.taxed(lines.collect::<Result<Vec<_>, Refusal>>()?, currency)
    }

    /// The order's tax falls on the lines by their worth: on top of their prices, or contained in them.
    fn taxed(&self, mut lines: Vec<Line>, currency: Currency) -> Result<Vec<Line>, Refusal> {
        let tax = money("total_tax", self.total_tax.unwrap_or_default(), currency)?;
        let worth = |line: &Line| Ok(line.unit_price.times(line.quantity)?.minor().unsigned_abs());
        let weights: Result<Vec<u64>, waybill_domain::money::MoneyError> = lines.iter().map(worth).collect();
        let weights = weights.map_err(|error| Refusal::rule("line_items", error))?;
        for ((line, tax), worth) in lines.iter_mut().zip(tax.allocate(&weights)).zip(weights) {
            // The shipping's tax is in the sum too: no price contains more than itself.
            let most = i64::try_from(worth).unwrap_or(i64::MAX);
            line.tax = if self.taxes_included { Money::new(tax.minor().min(most), currency) } else { tax };
        }
        Ok(lines)
    }

    fn ship_to(&self) -> Result<Address, Refusal> {
        let address = self.shipping_address.as_ref().ok_or_else(|| Refusal::rule("shipping_address", "is missing"))?;
        let json = serde_json::json!({
            "name": address.name, "line1": address.address1, "line2": filled(address.address2.as_ref()), "city": address.city,
            "region": filled(address.province_code.as_ref()), "postal_code": filled(address.zip.as_ref()), "country": address.country_code,
        });
        serde_path_to_error::deserialize(json).map_err(|error| {
            // The one rule about the address as a whole is that its country wants a postal code.
            let at = error.path().to_string();
            let at = if at == "." { "postal_code" } else { &at };
            Refusal::rule(&format!("shipping_address ({at})"), "is missing or not legal")
        })
    }

    fn customer(&self, ship_to: &Address) -> Result<Customer, Refusal> {
        let email = self.email.clone().ok_or_else(|| Refusal::rule("email", "is missing"))?;
        let email = email.try_into().map_err(|_| Refusal::rule("email", "is no e-mail address"))?;
        let phone = self
            .shipping_address
            .as_ref()
            .and_then(|address| filled(address.phone.as_ref()))
            .or(filled(self.phone.as_ref()));
        let phone = phone.and_then(|phone| Text::try_from(phone).ok());
        Ok(Customer { email, name: ship_to.name.clone(), phone })
    }
}

/// An amount of the payload in minor units.
fn money(name: &str, amount: Decimal, currency: Currency) -> Result<Money, Refusal> {
    let scale = Decimal::from(10_u64.pow(currency.exponent()));
    let minor = amount.checked_mul(scale).filter(|minor| minor.fract().is_zero());
    let minor = minor.and_then(|minor| i64::try_from(minor).ok());
    let minor = minor.ok_or_else(|| Refusal::rule(name, format!("is no amount of {}", currency.code())))?;
    if minor < 0 { Err(Refusal::rule(name, "must not be negative")) } else { Ok(Money::new(minor, currency)) }
}

fn filled(text: Option<&String>) -> Option<String> {
    text.cloned().filter(|text| !text.trim().is_empty())
}

/// The order of ours that a Shopify order makes.
///
/// # Errors
/// `Never` naming the field and the rule.
pub fn placed(order: &ShopifyOrder, channel: &Channel, terms: &Terms, now: Timestamp) -> Result<Placed, Refusal> {
    order.check()?;
    // Without the text itself: nothing of a payload is repeated in a reason.
    let currency =
        Currency::try_from(order.currency.clone()).map_err(|_| Refusal::rule("currency", "is no ISO 4217 currency"))?;
    let ship_to = order.ship_to()?;
    let seller = terms.seller(channel.id.clone(), channel.service.as_str(), &ship_to.country);
    if !seller.store.currencies.contains(&currency) {
        return Err(Refusal::rule("currency", "is not a currency of this store"));
    }
    let service =
        seller.service.ok_or_else(|| Refusal::rule("shipping_address", "is not served by the channel's service"))?;
    let shipping = order.shipping_lines.iter().try_fold(Money::zero(currency), |sum, line| {
        let price = money("shipping_lines", line.price, currency)?;
        sum.plus(price).map_err(|error| Refusal::rule("shipping_lines", error))
    })?;
    let total = money("total_price", order.total_price, currency)?;
    let tender = Tender::Channel {
        reference: Text::try_from(order.own_id()).map_err(|e| Refusal::rule("id", e))?,
        collected: order.financial_status == "paid",
    };
    let zero = Money::zero(currency);
    let mut placed = Placed {
        store: seller.store.id.clone(),
        channel: channel.id.clone(),
        reference: order.name.clone().and_then(|name| Text::try_from(name).ok()),
        customer: order.customer(&ship_to)?,
        ship_to,
        lines: order.lines(terms, currency, channel)?,
        shipping: Shipping {
            service: channel.service.clone(),
            price: shipping,
            discount: zero,
            tax: zero,
            tax_included: order.taxes_included,
            taxes: Vec::new(),
        },
        discount: money("total_discounts", order.total_discounts.unwrap_or_default(), currency)?,
        adjustment: zero,
        total,
        tenders: vec![Part { number: 1, amount: total, tender }],
        promise: promise(seller.site, service, now).map_err(|error| Fault::Defect(error.into()))?,
        fill: Fill::FillOrKill,
        reserve_minutes: Some(seller.policy.reservation_minutes),
    };
    let computed = placed.computed_total().map_err(|error| Refusal::rule("line_items", error))?;
    placed.adjustment = placed.total.minus(computed).map_err(|error| Refusal::rule("total_price", error))?;
    Ok(placed)
}
