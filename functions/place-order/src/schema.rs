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
    /// At most 500 lines and 90 distinct items.
    lines: Vec<CartLineSchema>,
    /// How it travels.
    shipping: CartShippingSchema,
    /// Off the whole order.
    discount: Option<MoneySchema>,
    /// What the shopper agreed to pay; must equal what the lines add up to.
    total: MoneySchema,
    /// How it is paid.
    payment: CartPaymentSchema,
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
    /// An item of the catalog.
    sku: String,
    /// Units, at least 1.
    #[schema(minimum = 1)]
    quantity: u32,
    /// Each; absent: the item's list price.
    unit_price: Option<MoneySchema>,
    /// Off the whole line.
    discount: Option<MoneySchema>,
    /// On the whole line, on top of the price.
    tax: Option<MoneySchema>,
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
    /// On top of that.
    tax: Option<MoneySchema>,
}

/// How the shopper pays.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CartPayment)]
pub struct CartPaymentSchema {
    /// The processor's id of a payment method.
    #[schema(examples("pm_card_visa"))]
    method: String,
}
