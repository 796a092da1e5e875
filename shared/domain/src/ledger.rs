//! Double entry: every movement of money is a balanced set of postings inside the event that caused it.

use crate::money::{Money, MoneyError};
use serde::{Deserialize, Serialize};

/// An account of one order's ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// What the customer owes for what was ordered.
    CustomerReceivable,
    /// Sold, not yet shipped.
    UnearnedRevenue,
    /// Goods, less discounts, recognized at dispatch.
    Sales,
    /// Tax collected for the authorities, recognized at dispatch.
    TaxPayable,
    /// Shipping charged and other order-level amounts, recognized at dispatch.
    ShippingIncome,
    /// Captured and on its way from the payment processor.
    CashAtProcessor,
    /// Collected by the channel, which settles with the merchant.
    ChannelReceivable,
    /// Invoiced to a customer on net terms.
    TradeReceivable,
    /// Paid into the merchant's bank against an invoice.
    CashAtBank,
    /// Owed to customers as store credit.
    StoreCredit,
    /// Owed to customers as gift cards.
    GiftCards,
    /// To be given back, not yet on its way.
    RefundsPayable,
    /// Taken back by a customer's bank.
    Chargebacks,
    /// What the processor keeps for itself.
    Fees,
    /// Held on the customer's means of payment (memorandum).
    Authorizations,
    /// The other side of `Authorizations`.
    AuthorizationsHeld,
}

impl Account {
    /// Every account.
    pub const ALL: [Self; 16] = [
        Self::CustomerReceivable,
        Self::UnearnedRevenue,
        Self::Sales,
        Self::TaxPayable,
        Self::ShippingIncome,
        Self::CashAtProcessor,
        Self::ChannelReceivable,
        Self::TradeReceivable,
        Self::CashAtBank,
        Self::StoreCredit,
        Self::GiftCards,
        Self::RefundsPayable,
        Self::Chargebacks,
        Self::Fees,
        Self::Authorizations,
        Self::AuthorizationsHeld,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CustomerReceivable => "customer_receivable",
            Self::UnearnedRevenue => "unearned_revenue",
            Self::Sales => "sales",
            Self::TaxPayable => "tax_payable",
            Self::ShippingIncome => "shipping_income",
            Self::CashAtProcessor => "cash_at_processor",
            Self::ChannelReceivable => "channel_receivable",
            Self::TradeReceivable => "trade_receivable",
            Self::CashAtBank => "cash_at_bank",
            Self::StoreCredit => "store_credit",
            Self::GiftCards => "gift_cards",
            Self::RefundsPayable => "refunds_payable",
            Self::Chargebacks => "chargebacks",
            Self::Fees => "fees",
            Self::Authorizations => "authorizations",
            Self::AuthorizationsHeld => "authorizations_held",
        }
    }
}

/// One side of an entry: positive is debit, negative is credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Where.
    pub account: Account,
    /// How much: positive debits, negative credits.
    pub amount: Money,
}

/// Debits one account and credits another. Nothing, for nothing.
///
/// # Errors
/// The amount has no negative in 64 bits.
pub fn transfer(debit: Account, credit: Account, amount: Money) -> Result<Vec<Posting>, MoneyError> {
    if amount.is_zero() {
        return Ok(Vec::new());
    }
    Ok(vec![Posting { account: debit, amount }, Posting { account: credit, amount: amount.negated()? }])
}

/// What the postings leave on `account`.
///
/// # Errors
/// Mixed currencies, or beyond 64 bits.
pub fn balance<'a>(
    postings: impl IntoIterator<Item = &'a Posting>,
    account: Account,
    zero: Money,
) -> Result<Money, MoneyError> {
    let mut ours = postings.into_iter().filter(|posting| posting.account == account);
    ours.try_fold(zero, |sum, posting| sum.plus(posting.amount))
}

/// Do the postings add up to nothing?
#[must_use]
pub fn is_balanced(postings: &[Posting]) -> bool {
    let Some(first) = postings.first() else { return true };
    let zero = Money::zero(first.amount.currency());
    postings.iter().try_fold(zero, |sum, posting| sum.plus(posting.amount)).is_ok_and(Money::is_zero)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn a_transfer_balances_and_moves_exactly_its_amount() {
        let usd = Currency::try_from("USD".to_owned()).unwrap();
        let amount = Money::new(500, usd);
        let postings = transfer(Account::CashAtProcessor, Account::CustomerReceivable, amount).unwrap();
        assert!(is_balanced(&postings));
        assert_eq!(balance(&postings, Account::CashAtProcessor, Money::zero(usd)), Ok(amount));
        assert!(!is_balanced(&postings[..1]));
        assert!(transfer(Account::Sales, Account::TaxPayable, Money::zero(usd)).unwrap().is_empty());
    }
}
