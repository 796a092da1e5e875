//! The issuer: asked about a card, it approves, declines, or wants to see the shopper.

use super::cards::{Card, Outcome};
use super::declines::Decline;
use crate::ids::Ids;
use std::collections::BTreeMap;

/// The metadata that tells one order's tender from another's; what is not sent does not count.
const ORDER: [&str; 5] = ["tenant", "order_id", "order", "tender", "tender_id"];

/// How often each card was tried for each order and tender.
#[derive(Debug, Default)]
pub struct Tries(BTreeMap<String, u32>);

impl Tries {
    /// Counts one more try, and says how many came before it.
    fn count(&mut self, card: &Card, metadata: &BTreeMap<String, String>) -> u32 {
        let order: Vec<_> = ORDER.iter().map(|key| metadata.get(*key).map_or("", String::as_str)).collect();
        let tries = self.0.entry(format!("{} {}", card.id, order.join("\u{1f}"))).or_default();
        *tries += 1;
        *tries - 1
    }
}

/// What the issuer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The amount is held.
    Approved,
    /// No money moves.
    Declined(Decline),
    /// Ask the shopper first.
    ActionRequired,
}

/// Everything it takes to charge a card.
#[derive(Debug)]
pub struct Issuer<'a> {
    /// Mints the charge's id.
    pub ids: &'a mut Ids,
    /// Earlier tries.
    pub tries: &'a mut Tries,
    /// Seconds since 1970.
    pub now: i64,
}

impl Issuer<'_> {
    /// Asks about `card`.
    pub fn ask(&mut self, card: &Card, metadata: &BTreeMap<String, String>) -> Verdict {
        match card.outcome {
            Outcome::Declined(decline) => Verdict::Declined(decline),
            Outcome::ActionRequired(_) => Verdict::ActionRequired,
            Outcome::DeclinedAtFirst(times, decline) if self.tries.count(card, metadata) < times => {
                Verdict::Declined(decline)
            }
            Outcome::Approved | Outcome::DeclinedAtFirst(..) => Verdict::Approved,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Card, Ids, Issuer, Tries, Verdict};
    use std::collections::BTreeMap;

    #[test]
    fn declines_are_counted_for_each_order_and_tender() {
        let (mut ids, mut tries) = (Ids::default(), Tries::default());
        let mut issuer = Issuer { ids: &mut ids, tries: &mut tries, now: 0 };
        let card = Card::find("pm_card_declines_1_times_try_again_later").unwrap();
        let mut ask = |tender: &str| {
            let metadata = [("order_id", "o"), ("tender", tender)].map(|(key, value)| (key.into(), value.into()));
            issuer.ask(&card, &BTreeMap::from(metadata)) == Verdict::Approved
        };
        assert_eq!([ask("1"), ask("2"), ask("1"), ask("1"), ask("2")], [false, false, true, true, true]);
    }
}
