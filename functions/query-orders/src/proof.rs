//! The proof of an order's money: anyone can compute it anew (docs/proof.md).

use serde::Serialize;
use utoipa::ToSchema;
use waybill_domain::ledger::{Account, Posting};
use waybill_domain::money::{Money, MoneyError};
use waybill_domain::order::{Order, Recorded};
use waybill_domain::proof::{Equation, Proof};

/// An order's entries, the chain that binds them, and the equations they satisfy.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProofView {
    /// The order.
    order: String,
    /// Every event, first to last, with the money it moved.
    entries: Vec<EntryView>,
    /// What the entries leave on each account, where that is not nothing: positive is debit.
    balances: Vec<BalanceView>,
    /// What must be equal.
    equations: Vec<EquationView>,
    /// Is every entry's digest that of its content and the entry before it?
    chain_holds: bool,
    /// Does every entry balance, every equation hold, and the chain?
    holds: bool,
    /// What does not hold, in words.
    differences: Vec<String>,
}

/// An event and the money it moved.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EntryView {
    /// 1, 2, 3, ...
    version: u32,
    /// RFC 3339 UTC, as the digest has it.
    at: String,
    /// By whom.
    actor: String,
    /// The event's name.
    event: &'static str,
    /// What it moved: positive debits, negative credits, minor units; adds up to nothing.
    #[schema(value_type = Vec<Object>)]
    postings: Vec<Posting>,
    /// SHA-256 over the digest before and this entry.
    chain: String,
}

/// What the entries leave on an account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BalanceView {
    #[schema(value_type = String)]
    account: Account,
    #[schema(value_type = Object)]
    amount: Money,
}

/// Two sums that must be equal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EquationView {
    /// What it says.
    name: &'static str,
    #[schema(value_type = Object)]
    left: Money,
    #[schema(value_type = Object)]
    right: Money,
    holds: bool,
}

impl From<&Recorded> for EntryView {
    fn from(recorded: &Recorded) -> Self {
        Self {
            version: recorded.version,
            at: recorded.at.to_string(),
            actor: recorded.actor.0.clone(),
            event: recorded.event.name(),
            postings: recorded.postings.clone(),
            chain: recorded.chain.clone(),
        }
    }
}

impl From<&Equation> for EquationView {
    fn from(equation: &Equation) -> Self {
        Self { name: equation.name, left: equation.left, right: equation.right, holds: equation.holds() }
    }
}

impl ProofView {
    /// The proof of an order.
    ///
    /// # Errors
    /// Amounts in several currencies, or beyond 64 bits: no code of ours records them.
    pub fn of(order: &Order) -> Result<Self, MoneyError> {
        let proof = order.proof()?;
        let (chain_holds, holds, differences) = (proof.broken_at.is_none(), proof.holds(), proof.differences());
        let Proof { balances, equations, unbalanced: _, broken_at: _ } = proof;
        let balance = |(account, amount)| BalanceView { account, amount };
        Ok(Self {
            order: order.id.to_string(),
            entries: order.history().iter().map(EntryView::from).collect(),
            balances: balances.into_iter().map(balance).collect(),
            equations: equations.iter().map(EquationView::from).collect(),
            chain_holds,
            holds,
            differences,
        })
    }
}
