//! What is ordered, what people do about it, and how it has to end.

use super::supply::Supply;
use serde_json::{Value, json};
use waybill_domain::catalog::Kind;
use waybill_domain::money::Money;
use waybill_domain::order::{Account, FulfillmentAxis, FulfillmentStatus, OrderAxis, PaymentAxis};
use waybill_testkit::{World, tenant};

/// When the order is called off: as soon as it is seen to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelAt {
    /// Placed, and nothing of it relayed.
    Once,
    /// To be looked at by a person.
    Review,
    /// A payment waits for the shopper or for its next time.
    Payment,
    /// All of it waits for units.
    Stock,
    /// A part of it has come this far, whatever the others do. `HandedOver` is too late.
    Part(FulfillmentStatus),
}

/// What is found on the shelves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picks {
    /// Everything.
    All,
    /// One unit less of the first line of each fulfillment order.
    OneShort,
    /// Nothing in the first fulfillment order; everything in the others.
    NothingFirst,
    /// Nothing at all.
    Nothing,
}

/// What people do.
#[expect(clippy::struct_excessive_bools, reason = "each is a question about one person, with yes or no for an answer")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Script {
    /// What a reviewer says.
    pub approves: bool,
    /// What a picker finds.
    pub picks: Picks,
    /// When it is called off.
    pub cancel: Option<CancelAt>,
    /// Do people work ahead of the workflow: pick before it waits for it, deliver before it has dispatched?
    pub eager: bool,
    /// What the shopper comes back from 3-D Secure with; `None`: never.
    pub passes: Option<bool>,
    /// The card the shopper names when asked for another one; `None`: none.
    pub card: Option<&'static str>,
    /// How many units of the first line are sent back once the order is closed, and refunded.
    pub returns: u32,
    /// How many seconds the warehouse rests before its first pick: held money may lapse meanwhile.
    pub rest: i64,
    /// Does the shopper answer only when the reservation has lapsed?
    pub is_late: bool,
    /// Does the customer's bank take money back once the order is closed, and keep it?
    pub disputes: bool,
    /// What happens to the stock besides.
    pub supply: Supply,
}

/// What is available on an account when the order is placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// Which.
    pub account: Account,
    /// How much.
    pub amount: Money,
}

/// How the order has to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ends {
    /// Closed or cancelled.
    pub order: OrderAxis,
    /// Its money.
    pub payment: PaymentAxis,
    /// Its goods.
    pub fulfillment: FulfillmentAxis,
    /// The shipments that left.
    pub shipments: usize,
}

/// A whole order.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it is about.
    pub name: &'static str,
    /// The body of `POST /orders`, or the message of a channel.
    pub body: Value,
    /// Does it come from a channel?
    pub is_of_channel: bool,
    /// What is special about the merchant.
    pub policy: Option<Value>,
    /// What customers have on accounts of the merchant's.
    pub credit: Option<Credit>,
    /// What a storefront has had confirmed at the processor: its id, and how much.
    pub confirmed: Option<(&'static str, Money)>,
    /// What is special about items and stock.
    pub prepare: fn(&World),
    /// What people do.
    pub script: Script,
    /// How it has to end.
    pub ends: Ends,
}

impl Scenario {
    /// One shipment, everything well.
    #[must_use]
    pub fn one_shipment() -> Self {
        Self {
            name: "one shipment",
            body: cart(&[("MUG-BLUE", 2, 1_800), ("TEE-M-BLACK", 1, 2_400)], "pm_card_visa"),
            is_of_channel: false,
            policy: None,
            credit: None,
            confirmed: None,
            prepare: |_| {},
            script: Script {
                approves: true,
                picks: Picks::All,
                cancel: None,
                eager: false,
                passes: None,
                card: None,
                returns: 0,
                rest: 0,
                is_late: false,
                disputes: false,
                supply: Supply::Still,
            },
            ends: shipped(1),
        }
    }

    /// Two shipments from two sites: neither has both items.
    #[must_use]
    pub fn two_shipments() -> Self {
        let body = cart(&[("IPOD2008GREEN", 2, 19_900), ("POSTER-A2", 3, 1_500)], "pm_card_visa");
        Self { name: "two shipments", body, ends: shipped(2), ..Self::one_shipment() }
    }

    /// Placed at a storefront that collects the money itself.
    #[must_use]
    pub fn of_a_channel() -> Self {
        let line = |sku: &str, price: &str| json!({"sku": sku, "title": sku, "quantity": 1, "price": price});
        let order = json!({
            "id": 9001, "name": "WEB-1001", "currency": "USD", "email": "grace@example.com",
            "financial_status": "paid", "taxes_included": false,
            "total_price": "49.68", "total_tax": "2.88", "total_discounts": "0.00",
            "line_items": [line("MUG-BLUE", "18.00"), line("TEE-M-BLACK", "24.00")],
            "shipping_lines": [{"price": "4.80"}],
            "shipping_address": {
                "name": "Grace Example", "address1": "1 Main Street", "city": "Columbus", "province_code": "OH",
                "zip": "43004", "country_code": "US",
            },
        });
        let body = json!({"tenant": tenant(), "channel": "shopify-demo", "order": order});
        Self { name: "of a channel", body, is_of_channel: true, ..Self::one_shipment() }
    }

    /// The processor thinks that a person should look.
    #[must_use]
    pub fn reviewed(approves: bool) -> Self {
        let body = cart(&[("MUG-BLUE", 2, 1_800)], "pm_card_riskLevelElevated");
        let (name, ends) = if approves {
            ("review approved", shipped(1))
        } else {
            ("review rejected", cancelled(PaymentAxis::Voided))
        };
        let script = Script { approves, ..Self::one_shipment().script };
        Self { name, body, script, ends, ..Self::one_shipment() }
    }

    /// The merchant does not sell to that country any more.
    #[must_use]
    pub fn screened_out() -> Self {
        let policy = json!({"id": "default", "review_from": [], "blocked_countries": ["US"], "carrier": "parcel"});
        let ends = cancelled(PaymentAxis::None);
        Self { name: "screened out", policy: Some(policy), ends, ..Self::one_shipment() }
    }

    /// Nothing to pay.
    #[must_use]
    pub fn free() -> Self {
        let mut body = cart(&[("MUG-BLUE", 2, 1_800)], "pm_card_visa");
        body["discount"] = body["total"].clone();
        body["total"] = usd(0);
        Self { name: "free", body, ..Self::one_shipment() }
    }

    /// Not everything is found.
    #[must_use]
    pub fn short(self, picks: Picks) -> Self {
        let (name, ends) = match picks {
            Picks::All => (self.name, self.ends),
            Picks::OneShort => ("a unit short", self.ends),
            Picks::NothingFirst => ("one shipment short", shipped(1)),
            Picks::Nothing => ("nothing found", cancelled(PaymentAxis::Voided)),
        };
        let script = Script { picks, ..self.script };
        Self { name, script, ends, ..self }
    }

    /// Called off.
    #[must_use]
    pub fn cancelled(self, name: &'static str, at: CancelAt) -> Self {
        let ends = match at {
            CancelAt::Once => cancelled(PaymentAxis::None),
            CancelAt::Part(FulfillmentStatus::HandedOver) => self.ends,
            CancelAt::Payment => cancelled(PaymentAxis::Failed),
            CancelAt::Review | CancelAt::Stock | CancelAt::Part(_) => cancelled(PaymentAxis::Voided),
        };
        let script = Script { cancel: Some(at), ..self.script };
        Self { name, script, ends, ..self }
    }

    /// People work ahead of the workflow.
    #[must_use]
    pub fn eagerly(self) -> Self {
        let script = Script { eager: true, ..self.script };
        Self { script, ..self }
    }

    /// A world in which it can happen.
    #[must_use]
    pub fn world(&self) -> World {
        let world = World::seeded();
        (self.prepare)(&world);
        if let Some(policy) = &self.policy {
            world.catalog.keep(&tenant(), Kind::Policy, "default", policy.clone());
        }
        if let Some(Credit { account, amount }) = &self.credit {
            world.memory.credit(&tenant(), account, *amount);
        }
        if let Some((reference, amount)) = self.confirmed {
            world.processor.confirmed(reference, amount);
        }
        world
    }
}

pub(super) fn shipped(shipments: usize) -> Ends {
    Ends { order: OrderAxis::Closed, payment: PaymentAxis::Paid, fulfillment: FulfillmentAxis::Delivered, shipments }
}

pub(super) fn cancelled(payment: PaymentAxis) -> Ends {
    Ends { order: OrderAxis::Cancelled, payment, fulfillment: FulfillmentAxis::Unfulfilled, shipments: 0 }
}

pub(super) fn usd(minor: i64) -> Value {
    json!({"minor": minor, "currency": "USD"})
}

/// A cart of SKUs, units and prices, 4.99 USD of shipping and 7 cents of tax on each line: an amount that no number of
/// units divides, so that cents must be shared out.
pub(super) fn cart(lines: &[(&str, i64, i64)], method: &str) -> Value {
    let goods: i64 = lines.iter().map(|(_, units, price)| units * price + 7).sum();
    let line = |(sku, units, price): &(&str, i64, i64)| json!({"sku": sku, "quantity": units, "unit_price": usd(*price), "tax": usd(7)});
    json!({
        "reference": "WEB-1001",
        "currency": "USD",
        "customer": {"email": "ada@example.com", "name": "Ada Lovelace"},
        "ship_to": {
            "name": "Ada Lovelace", "line1": "12 River Road", "city": "Louisville", "region": "KY",
            "postal_code": "40202", "country": "US",
        },
        "lines": lines.iter().map(line).collect::<Vec<_>>(),
        "shipping": {"service": "standard", "price": usd(499)},
        "total": usd(goods + 499),
        "payments": [{"method": method}],
    })
}
