//! The cart as the API documents it. The domain's own type parses it; a test holds the two together.

use serde::Serialize;
use utoipa::ToSchema;

/// An amount.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Money)]
pub struct MoneySchema {
    /// Minor units: cents for USD, yen for JPY, thousandths for KWD.
    minor: i64,
    /// ISO 4217.
    #[schema(examples("USD"))]
    currency: String,
}

/// An order as a store sends it. Unknown fields are refused.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Cart)]
pub struct CartSchema {
    /// The store's own number of the order, at most 64 characters.
    reference: Option<String>,
    /// ISO 4217; every amount must be in it.
    #[schema(examples("USD"))]
    currency: String,
    /// Who buys.
    customer: CustomerSchema,
    /// Where it goes.
    ship_to: AddressSchema,
    /// At most 500 lines and 90 distinct items, the components of bundles counted.
    lines: Vec<CartLineSchema>,
    /// How it travels.
    shipping: CartShippingSchema,
    /// Off what is paid for the whole order; it changes no tax.
    discount: Option<MoneySchema>,
    /// What the shopper agreed to pay. Verified: lines and shipping with their taxes, less discounts, must come to it.
    total: MoneySchema,
    /// How it is paid: 1 to 4 payments, used up in this order.
    #[schema(min_items = 1, max_items = 4)]
    payments: Vec<CartPaymentSchema>,
    /// What it wants where not everything is here: `fill_or_kill` everything or no order, `fill_available` what is here now
    /// and the rest when it comes, `ship_complete` nothing before everything is here. Only items that may be backordered
    /// wait.
    #[schema(default = "fill_or_kill", pattern = "^(fill_or_kill|fill_available|ship_complete)$")]
    fill: Option<String>,
}

/// Who buys.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Customer)]
pub struct CustomerSchema {
    /// Where confirmations go.
    email: String,
    /// At most 100 characters.
    name: String,
    /// For the carrier, at most 32 characters.
    phone: Option<String>,
}

/// A postal address.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Address)]
pub struct AddressSchema {
    /// Recipient or company.
    name: String,
    /// Street and number.
    line1: String,
    /// Flat, floor, building.
    line2: Option<String>,
    /// Town.
    city: String,
    /// State or province.
    region: Option<String>,
    /// Required where the country uses postal codes.
    postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[schema(examples("US"))]
    country: String,
}

/// A line.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CartLine)]
pub struct CartLineSchema {
    /// An item of the catalog. A bundle is ordered as its components.
    sku: String,
    /// Units, at least 1.
    #[schema(minimum = 1)]
    quantity: u32,
    /// Each; absent: the item's list price.
    unit_price: Option<MoneySchema>,
    /// Off the whole line, before tax.
    discount: Option<MoneySchema>,
    /// On the whole line; not together with `taxes`.
    tax: Option<MoneySchema>,
    /// `tax` is contained in the price, rather than on top of it.
    #[schema(default = false)]
    tax_included: Option<bool>,
    /// Instead of `tax`: rates that we apply to the line's price less its discount. All included in it, or none.
    #[schema(max_items = 6)]
    taxes: Option<Vec<CartTaxSchema>>,
}

/// A tax that we compute, rounded for itself to a whole minor unit, half away from zero.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CartTax)]
pub struct CartTaxSchema {
    /// What invoices call it, at most 40 characters.
    #[schema(examples("State"), max_length = 40)]
    name: String,
    /// A fraction of the price as decimal text, never a JSON number: 0 to 10, at most 6 decimals.
    #[schema(examples("0.0825"), pattern = "^[0-9]{1,2}(\\.[0-9]{1,6})?$")]
    rate: String,
    /// Contained in the price, rather than on top of it.
    #[schema(default = false)]
    included: Option<bool>,
}

/// The shipping a shopper chose.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CartShipping)]
pub struct CartShippingSchema {
    /// A service of the merchant's carrier table.
    #[schema(examples("standard"))]
    service: String,
    /// Charged for it.
    price: MoneySchema,
    /// Off that, before tax.
    discount: Option<MoneySchema>,
    /// On it; not together with `taxes`.
    tax: Option<MoneySchema>,
    /// `tax` is contained in the price, rather than on top of it.
    #[schema(default = false)]
    tax_included: Option<bool>,
    /// Instead of `tax`: rates that we apply to the price less its discount. All included in it, or none.
    #[schema(max_items = 6)]
    taxes: Option<Vec<CartTaxSchema>>,
}

/// How the shopper pays, or a part of it. Exactly one of `method`, `intent`, `account` and `gift_card`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CartPayment)]
pub struct CartPaymentSchema {
    /// How much of the total; absent, of one payment at most: the rest.
    amount: Option<MoneySchema>,
    /// The processor's id of a payment method, which is confirmed by us.
    #[schema(examples("pm_card_visa"))]
    method: Option<String>,
    /// With `method`: the processor's id of the customer it is saved for.
    customer: Option<String>,
    /// With `method`: where the shopper comes back to after 3-D Secure, an https address.
    return_url: Option<String>,
    /// The processor's id of a payment the storefront has confirmed, with manual capture.
    #[schema(examples("pi_3MtwBwLkdIwHu7ix28a3tqPa"))]
    intent: Option<String>,
    /// An account the merchant keeps.
    account: Option<CartAccountSchema>,
    /// The code of a gift card; only a digest of it is kept.
    gift_card: Option<String>,
}

/// An account the merchant keeps for a customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CartAccount)]
pub struct CartAccountSchema {
    /// `net_terms`: invoiced and paid later, up to a credit limit. `store_credit`: credit the merchant has given.
    #[schema(examples("store_credit"), pattern = "^(net_terms|store_credit)$")]
    account: String,
    /// The merchant's id of it.
    #[schema(examples("CUST-1001"))]
    id: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::collections::BTreeSet;
    use utoipa::OpenApi;
    use waybill_domain::order::Cart;

    #[derive(OpenApi)]
    #[openapi(components(schemas(CartSchema)))]
    struct Document;

    /// Carts that together have every field there is.
    fn carts() -> Vec<Value> {
        let usd = json!({"minor": 0, "currency": "USD"});
        let taxes = json!([{"name": "VAT", "rate": "0.2", "included": true}]);
        let cart = json!({
            "reference": "WEB-1", "currency": "USD", "discount": usd, "total": usd,
            "customer": {"email": "ada@example.com", "name": "Ada", "phone": "1"},
            "ship_to": {"name": "Ada", "line1": "1 Road", "line2": "2", "city": "Reno", "region": "NV", "postal_code": "89501", "country": "US"},
            "lines": [{"sku": "A", "quantity": 1, "unit_price": usd, "discount": usd, "tax": usd, "tax_included": true, "taxes": taxes}],
            "shipping": {"service": "standard", "price": usd, "discount": usd, "tax": usd, "tax_included": true, "taxes": taxes},
            "payments": [{"amount": usd, "method": "pm_1", "customer": "cus_1", "return_url": "https://shop.example", "intent": "pi_1",
                "account": {"account": "net_terms", "id": "C-1"}, "gift_card": "G-1"}],
            "fill": "ship_complete",
        });
        let mut other = cart.clone();
        other["payments"][0]["account"]["account"] = json!("store_credit");
        vec![cart, other]
    }

    /// Every object in `cart`, with its place and the schema of it.
    fn objects(cart: &Value, schema: &Value, document: &Value, at: &str) -> Vec<(String, Value)> {
        let mut schema = schema;
        while let Some(next) = schema["$ref"].as_str() {
            schema = document.pointer(next.trim_start_matches('#')).unwrap();
        }
        if let Some(one) = schema["oneOf"].as_array().and_then(|any| any.iter().find(|one| one["type"] != "null")) {
            return objects(cart, one, document, at);
        }
        if let Some(list) = cart.as_array() {
            return objects(&list[0], &schema["items"], document, &format!("{at}/0"));
        }
        let Some(fields) = cart.as_object() else { return Vec::new() };
        let inner = fields
            .iter()
            .flat_map(|(name, value)| objects(value, &schema["properties"][name], document, &format!("{at}/{name}")));
        inner.chain([(at.to_owned(), schema.clone())]).collect()
    }

    #[test]
    fn the_document_has_the_fields_that_are_parsed_and_demands_those_that_are_needed() {
        let document = serde_json::to_value(Document::openapi()).unwrap();
        for cart in carts() {
            let parsed: Cart = serde_json::from_value(cart.clone()).unwrap();
            assert_eq!(serde_json::to_value(parsed).unwrap(), cart, "a field is missing here");
            for (at, schema) in objects(&cart, &document["components"]["schemas"]["Cart"], &document, "") {
                let names = |of: &Value| of.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
                assert_eq!(names(&schema["properties"]), names(cart.pointer(&at).unwrap()), "of {at}");
                for name in names(&schema["properties"]) {
                    let mut without = cart.clone();
                    without.pointer_mut(&at).unwrap().as_object_mut().unwrap().remove(&name);
                    let demanded = schema["required"].as_array().is_some_and(|all| all.contains(&json!(name)));
                    // One rule is of two fields: a postal code is needed where the country uses them.
                    let needed = serde_json::from_value::<Cart>(without).is_err() && name != "postal_code";
                    assert_eq!(needed, demanded, "{at}/{name}");
                }
            }
        }
    }
}
