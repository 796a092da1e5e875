//! Random orders: one to three lines, discounts down to nothing, taxes on top of prices or in them, three currencies of
//! different digits, three tenders.

use crate::sample::{begin, card, currency, line, placed};
use proptest::prelude::*;
use waybill_domain::money::Money;
use waybill_domain::order::{Fill, Order, Tender};

/// What is sold, in small numbers that shrink well. Fractions are per thousand of the most they could be.
#[derive(Clone, Debug)]
pub struct Sale {
    pub currency: &'static str,
    pub lines: Vec<SaleLine>,
    pub shipping: i64,
    pub shipping_discount: i64,
    pub shipping_tax: i64,
    pub shipping_tax_included: bool,
    pub discount: i64,
    /// Channels only: the channel's total, against what the lines add up to; 1000 is the same.
    pub channel_total: i64,
    pub tender: Payer,
    pub terms: Terms,
}

/// What is promised of the stock, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    pub fill: Fill,
    /// Of every line, per thousand: units that are not here.
    pub backordered: u32,
    pub reserve_minutes: Option<u32>,
}

fn terms() -> impl Strategy<Value = Terms> {
    let fill = prop::sample::select(vec![Fill::FillOrKill, Fill::FillAvailable, Fill::ShipComplete]);
    let minutes = prop::option::of(prop::sample::select(vec![5_u32, 240, 1_440, 10_080]));
    (fill, prop_oneof![Just(0_u32), 0_u32..=1000], minutes).prop_map(|(fill, backordered, reserve_minutes)| Terms {
        backordered: if fill == Fill::FillOrKill { 0 } else { backordered },
        fill,
        reserve_minutes,
    })
}

#[derive(Clone, Debug)]
pub struct SaleLine {
    pub sku: &'static str,
    pub quantity: u32,
    pub price: i64,
    pub discount: i64,
    /// On top: minor units. Included: per thousand of the price.
    pub tax: i64,
    pub tax_included: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payer {
    Card,
    ChannelHolds,
    ChannelCollected,
}

fn sale_line() -> impl Strategy<Value = SaleLine> {
    let sku = prop::sample::select(vec!["A", "B", "C"]);
    let per_mille = prop_oneof![3 => Just(0_i64), 2 => 0_i64..=1000, 1 => Just(1000)];
    let line = (sku, 1_u32..8, 0_i64..5_000, per_mille, (0_i64..700, any::<bool>()));
    line.prop_map(|(sku, quantity, price, discount, (tax, tax_included))| SaleLine {
        sku,
        quantity,
        price,
        discount,
        tax,
        tax_included,
    })
}

/// Any sale.
pub fn sale() -> impl Strategy<Value = Sale> {
    let currency = prop::sample::select(vec!["USD", "JPY", "KWD"]);
    let payer = prop::sample::select(vec![Payer::Card, Payer::ChannelHolds, Payer::ChannelCollected]);
    let lines = prop::collection::vec(sale_line(), 1..=3);
    let discount = prop_oneof![3 => Just(0_i64), 2 => 0_i64..=1000, 1 => Just(1000)];
    let shipping = (0_i64..1_500, discount.clone(), 0_i64..200, any::<bool>());
    let amounts = (shipping, discount, prop_oneof![Just(1000_i64), 0_i64..2_000]);
    (currency, lines, amounts, payer, terms()).prop_map(|(currency, lines, amounts, tender, terms)| {
        let ((shipping, shipping_discount, shipping_tax, shipping_tax_included), discount, channel_total) = amounts;
        Sale {
            currency,
            lines,
            shipping,
            shipping_discount,
            shipping_tax,
            shipping_tax_included,
            discount,
            channel_total,
            tender,
            terms,
        }
    })
}

impl Sale {
    /// The order as it is placed.
    pub fn order(&self) -> Order {
        let money = |minor| Money::new(minor, currency(self.currency));
        let lines = self.lines.iter().zip(1_u16..).map(|(sold, number)| {
            let mut line = line(number, sold.sku, sold.quantity, money(sold.price));
            line.backordered = sold.quantity * self.terms.backordered / 1000;
            line.discount = money(sold.price * i64::from(sold.quantity) * sold.discount / 1000);
            line.tax_included = sold.tax_included;
            let part = |tax: i64| line.price().unwrap().minor() * tax / 1000;
            line.tax = money(if sold.tax_included { part(sold.tax) } else { sold.tax });
            line
        });
        let channel = |collected| Tender::Channel { reference: "450789469".to_owned().try_into().unwrap(), collected };
        let tender = match self.tender {
            Payer::Card => card(),
            Payer::ChannelHolds => channel(false),
            Payer::ChannelCollected => channel(true),
        };
        let mut body = placed(lines.collect(), tender);
        body.fill = self.terms.fill;
        body.reserve_minutes = self.terms.reserve_minutes.map(|minutes| minutes.try_into().unwrap());
        body.shipping.price = money(self.shipping);
        body.shipping.discount = money(self.shipping * self.shipping_discount / 1000);
        body.shipping.tax_included = self.shipping_tax_included;
        let most = self.shipping - body.shipping.discount.minor();
        body.shipping.tax =
            money(if self.shipping_tax_included { self.shipping_tax.min(most) } else { self.shipping_tax });
        body.discount = money(body.computed_total().unwrap().minor() * self.discount / 1000);
        body.total = body.computed_total().unwrap();
        if self.tender != Payer::Card {
            let computed = body.total;
            body.total = money(computed.minor() * self.channel_total / 1000);
            body.adjustment = body.total.minus(computed).unwrap();
        }
        begin(body)
    }
}
