//! Screening: does an order pass, wait for a person, or end here?

use crate::catalog::Policy;
use crate::order::Placed;
use serde::{Deserialize, Serialize};

/// What screening found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing odd.
    Pass,
    /// A person must look.
    Review,
    /// Not to be sold.
    Reject,
}

/// The verdict of the merchant's policy on an order, with the rules that led to it.
#[must_use]
pub fn screen(placed: &Placed, policy: &Policy) -> (Verdict, Vec<String>) {
    if policy.blocked_countries.contains(&placed.ship_to.country) {
        let reason = format!("orders to {} are blocked", placed.ship_to.country.as_str());
        return (Verdict::Reject, vec![reason]);
    }
    let mut reasons = Vec::new();
    let limit = policy.review_from.iter().find(|limit| limit.currency() == placed.total.currency());
    if let Some(limit) = limit.filter(|limit| placed.total.minor() >= limit.minor()) {
        reasons.push(format!("total {} is at least {limit}", placed.total));
    }
    if let Some(most) = policy.review_quantity_over {
        let over = placed.lines.iter().filter(|line| line.quantity > most.get());
        reasons.extend(over.map(|line| format!("{} of {} is over {most}", line.quantity, line.sku)));
    }
    let verdict = if reasons.is_empty() { Verdict::Pass } else { Verdict::Review };
    (verdict, reasons)
}
