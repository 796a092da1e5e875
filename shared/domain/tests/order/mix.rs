//! What random orders are paid with: one tender or several, of every kind.

use crate::sale::{Payer, Sale};
use crate::sample::{account, begin, card, channel, confirmed, other_card, paid_with};
use proptest::prelude::*;
use waybill_domain::order::{AccountKind, Order, Tender};

/// How an order of our own store is paid. Channels pay alone, with what they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    Card,
    Confirmed,
    NetTerms,
    StoreCredit,
    TwoCards,
    CreditThenCard,
    GiftCardThenConfirmed,
    ChannelThenCard,
    CardThenNetTerms,
    FourTenders,
}

const MIXES: [Mix; 10] = [
    Mix::Card,
    Mix::Confirmed,
    Mix::NetTerms,
    Mix::StoreCredit,
    Mix::TwoCards,
    Mix::CreditThenCard,
    Mix::GiftCardThenConfirmed,
    Mix::ChannelThenCard,
    Mix::CardThenNetTerms,
    Mix::FourTenders,
];

/// A mix, and what the tenders before the last pay, in thousandths of the total.
pub fn mix() -> impl Strategy<Value = (Mix, i64)> {
    (prop::sample::select(MIXES.to_vec()), 1_i64..1_000)
}

impl Mix {
    /// The tenders but the last; and the last.
    fn tenders(self) -> (Vec<Tender>, Tender) {
        let credit = || account(AccountKind::StoreCredit);
        match self {
            Self::Card => (vec![], card()),
            Self::Confirmed => (vec![], confirmed()),
            Self::NetTerms => (vec![], account(AccountKind::NetTerms)),
            Self::StoreCredit => (vec![], credit()),
            Self::TwoCards => (vec![card()], other_card()),
            Self::CreditThenCard => (vec![credit()], card()),
            Self::GiftCardThenConfirmed => (vec![account(AccountKind::GiftCard)], confirmed()),
            Self::ChannelThenCard => (vec![channel(true)], card()),
            Self::CardThenNetTerms => (vec![card()], account(AccountKind::NetTerms)),
            Self::FourTenders => (vec![account(AccountKind::GiftCard), credit(), card()], confirmed()),
        }
    }
}

/// The sale, paid like this.
pub fn order_of(sale: &Sale, (mix, thousandths): (Mix, i64)) -> Order {
    let order = sale.order();
    let (first, last) = mix.tenders();
    let all = order.placed.total.minor();
    let each = (all * thousandths / 1000) / i64::try_from(first.len().max(1)).unwrap();
    // A tender pays something, or is left out.
    if sale.tender != Payer::Card || (each == 0 && !first.is_empty()) {
        return order;
    }
    let first: Vec<(Tender, i64)> = first.into_iter().map(|tender| (tender, each)).collect();
    begin(paid_with(order.placed, &first, last))
}
