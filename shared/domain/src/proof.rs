//! The proof of an order's money: its entries, the chain that binds them, and the equations they satisfy.

use crate::id::digest_of;
use crate::ledger::{Account, Posting, balance, is_balanced};
use crate::money::{Money, MoneyError};
use crate::order::{Order, Recorded};

/// An equation of the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equation {
    /// What it says.
    pub name: &'static str,
    /// Its left side.
    pub left: Money,
    /// Its right side.
    pub right: Money,
}

impl Equation {
    /// Are both sides the same?
    #[must_use]
    pub fn holds(&self) -> bool {
        self.left == self.right
    }
}

/// The proof of an order's money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Every account's balance, where there is one: positive is debit.
    pub balances: Vec<(Account, Money)>,
    /// The equations.
    pub equations: Vec<Equation>,
    /// Versions whose entry does not balance.
    pub unbalanced: Vec<u32>,
    /// The first version whose digest is not that of its content and the entry before it.
    pub broken_at: Option<u32>,
}

impl Proof {
    /// Does everything hold?
    #[must_use]
    pub fn holds(&self) -> bool {
        self.differences().is_empty()
    }

    /// What does not hold, in words; never personal data.
    #[must_use]
    pub fn differences(&self) -> Vec<String> {
        let broken = self.equations.iter().filter(|equation| !equation.holds());
        let mut said: Vec<String> =
            broken.map(|equation| format!("{}: {} is not {}", equation.name, equation.left, equation.right)).collect();
        said.extend(self.unbalanced.iter().map(|version| format!("entry {version} does not balance")));
        said.extend(self.broken_at.iter().map(|version| format!("the chain is broken at entry {version}")));
        said
    }
}

impl Recorded {
    /// With its digest: SHA-256, in hexadecimal, over length-prefixed `previous digest, version, time, actor, name of the
    /// event` and every posting as `account:minor units:currency`, in order.
    #[must_use]
    pub(crate) fn chained(mut self, previous: &str) -> Self {
        self.chain = self.digest(previous);
        self
    }

    fn digest(&self, previous: &str) -> String {
        let (version, at) = (self.version.to_string(), self.at.to_string());
        let posting = |posting: &Posting| {
            let Posting { account, amount } = posting;
            format!("{}:{}:{}", account.name(), amount.minor(), amount.currency().code())
        };
        let postings: Vec<String> = self.postings.iter().map(posting).collect();
        let mut parts = vec![previous, &version, &at, &self.actor.0, self.event.name()];
        parts.extend(postings.iter().map(String::as_str));
        digest_of(&parts)
    }
}

impl Order {
    /// The digest of the last entry.
    #[must_use]
    pub fn chain(&self) -> &str {
        self.history().last().map_or("", |last| last.chain.as_str())
    }

    /// The proof of the order's money, from its entries alone and against what the fold made of them.
    ///
    /// # Errors
    /// Mixed currencies, or beyond 64 bits.
    pub fn proof(&self) -> Result<Proof, MoneyError> {
        let zero = Money::zero(self.placed.currency());
        let on = |account| balance(self.history().iter().flat_map(|entry| &entry.postings), account, zero);
        let mut balances = Vec::new();
        for account in Account::ALL {
            let left = on(account)?;
            if !left.is_zero() {
                balances.push((account, left));
            }
        }
        let unbalanced = self.history().iter().filter(|entry| !is_balanced(&entry.postings));
        Ok(Proof {
            equations: self.equations(on)?,
            unbalanced: unbalanced.map(|entry| entry.version).collect(),
            broken_at: self.broken_at(),
            balances,
        })
    }

    fn broken_at(&self) -> Option<u32> {
        let mut previous = "";
        for entry in self.history() {
            if entry.chain != entry.digest(previous) {
                return Some(entry.version);
            }
            previous = &entry.chain;
        }
        None
    }

    fn equations(&self, on: impl Fn(Account) -> Result<Money, MoneyError>) -> Result<Vec<Equation>, MoneyError> {
        let zero = Money::zero(self.placed.currency());
        let payment = &self.payment;
        let all = Account::ALL.into_iter().try_fold(zero, |sum, account| sum.plus(on(account)?))?;
        let held = Money::new(payment.capturable(), zero.currency());
        let collecting = [
            Account::CashAtProcessor,
            Account::ChannelReceivable,
            Account::TradeReceivable,
            Account::CashAtBank,
            Account::StoreCredit,
            Account::GiftCards,
            Account::Chargebacks,
            Account::Fees,
        ];
        let collected = collecting.into_iter().try_fold(zero, |sum, account| sum.plus(on(account)?))?;
        let under_way = payment.refunds_under_way()?;
        let given_back = payment.refunded().minus(under_way)?;
        let earned = [Account::UnearnedRevenue, Account::Sales, Account::TaxPayable, Account::ShippingIncome];
        let earned = earned.into_iter().try_fold(zero, |sum, account| sum.minus(on(account)?))?;
        let credited = payment.credited()?;
        let receivable = self.owed()?.minus(payment.captured())?.plus(payment.returned_unowed()?)?;
        Ok(vec![
            Equation { name: "all accounts add up to nothing", left: all, right: zero },
            Equation {
                name: "what is held is what may still be taken",
                left: on(Account::Authorizations)?,
                right: held,
            },
            Equation {
                name: "what was collected is what was taken less what was given back",
                left: collected,
                right: payment.captured().minus(given_back)?,
            },
            Equation {
                name: "what is to be given back is what was asked for and has not arrived",
                left: on(Account::RefundsPayable)?.negated()?,
                right: payment.refunds_owed()?,
            },
            Equation {
                name: "what was sold is what is owed less what was credited",
                left: earned,
                right: self.owed()?.minus(credited)?,
            },
            Equation {
                name: "what the customer owes is the order less what was taken",
                left: on(Account::CustomerReceivable)?,
                right: receivable,
            },
        ])
    }
}
