//! Tenders: what an order is paid with, one or several.

use super::placed::Placed;
use crate::id::AccountId;
use crate::ledger;
use crate::money::Money;
use crate::text::Text;
use serde::{Deserialize, Serialize};

/// Tenders of one order.
pub const MAX_TENDERS: usize = 4;

/// What a part of an order is paid with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Tender {
    /// A payment method at our processor, authorized and captured by us.
    Card {
        /// The processor's id of the payment method.
        method: Text<128>,
        /// The processor's id of the customer the method is saved for: without it a hold that lapsed cannot be made anew.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        customer: Option<Text<128>>,
        /// Where the shopper comes back to after 3-D Secure; without it a card that asks for it is declined.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        return_url: Option<Text<500>>,
    },
    /// A payment at our processor that the storefront has confirmed already, with manual capture.
    Confirmed {
        /// The processor's id of it.
        reference: Text<128>,
    },
    /// The channel holds or has collected the money and settles with the merchant.
    Channel {
        /// The channel's own id of the order.
        reference: Text<64>,
        /// Collected already, rather than authorized.
        collected: bool,
    },
    /// An account the merchant keeps.
    Account(Account),
}

/// An account the merchant keeps for a customer: what is available on it bounds what may be paid with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Account {
    /// What it is.
    pub account: AccountKind,
    /// Which.
    pub id: AccountId,
}

/// What an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// Invoiced and paid later, up to a credit limit.
    NetTerms,
    /// Credit the merchant has given.
    StoreCredit,
    /// A gift card; its id is a digest of the code, never the code itself.
    GiftCard,
}

impl AccountKind {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NetTerms => "net_terms",
            Self::StoreCredit => "store_credit",
            Self::GiftCard => "gift_card",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::NetTerms, Self::StoreCredit, Self::GiftCard].into_iter().find(|kind| kind.name() == name)
    }
}

/// A tender of an order, and what it pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// 1, 2, ... within the order: they are used up in this order.
    pub number: u16,
    /// How much of the total.
    pub amount: Money,
    /// With what.
    #[serde(flatten)]
    pub tender: Tender,
}

impl Tender {
    /// Is it held and taken by our payment processor?
    #[must_use]
    pub fn is_processed(&self) -> bool {
        match self {
            Self::Card { .. } | Self::Confirmed { .. } => true,
            Self::Channel { .. } | Self::Account(_) => false,
        }
    }

    /// Is it invoiced now and paid later?
    #[must_use]
    pub fn is_invoiced(&self) -> bool {
        self.account().is_some_and(|account| account.account == AccountKind::NetTerms)
    }

    /// The account it draws on.
    #[must_use]
    pub fn account(&self) -> Option<&Account> {
        match self {
            Self::Account(account) => Some(account),
            Self::Card { .. } | Self::Confirmed { .. } | Self::Channel { .. } => None,
        }
    }

    /// The account of the order's ledger that money taken with it goes to.
    pub(super) fn collecting(&self) -> ledger::Account {
        match self {
            Self::Card { .. } | Self::Confirmed { .. } => ledger::Account::CashAtProcessor,
            Self::Channel { .. } => ledger::Account::ChannelReceivable,
            Self::Account(Account { account: AccountKind::NetTerms, .. }) => ledger::Account::TradeReceivable,
            Self::Account(Account { account: AccountKind::StoreCredit, .. }) => ledger::Account::StoreCredit,
            Self::Account(Account { account: AccountKind::GiftCard, .. }) => ledger::Account::GiftCards,
        }
    }
}

/// A draw on an account (`amount` below nothing), or a return to it. Bounded by a condition: never below nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    /// Which account.
    #[serde(flatten)]
    pub account: Account,
    /// What changes of what is available on it.
    pub amount: Money,
}

impl Placed {
    /// The tender of that number.
    #[must_use]
    pub fn tender(&self, number: u16) -> Option<&Part> {
        self.tenders.iter().find(|part| part.number == number)
    }
}
