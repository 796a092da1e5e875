//! Orders whose money takes another way than one card that has it.

use super::scenario::{CancelAt, Credit, Ends, Scenario, Script, cancelled, cart, shipped, usd};
use serde_json::{Value, json};
use waybill_domain::order::{Account, AccountKind, PaymentAxis, gift_card_id};
use waybill_testkit::{account, tenant, usd as money};

/// A hold lasts seven days.
const LONGER_THAN_A_HOLD: i64 = 8 * 24 * 3_600;
/// A gift card's code, as the shopper types it.
const GIFT_CARD: &str = "GIFT-2026-0001";
/// A card the bank holds money on without asking anything.
const GOOD_CARD: &str = "pm_card_visa";

impl Scenario {
    /// Two mugs, paid like this: 41.06 USD in all.
    fn paying(name: &'static str, payments: Value) -> Self {
        let mut body = cart(&[("MUG-BLUE", 2, 1_800)], GOOD_CARD);
        body["payments"] = payments;
        Self { name, body, ..Self::one_shipment() }
    }

    fn by(self, script: Script) -> Self {
        Self { script, ..self }
    }

    /// The bank declines the card for good.
    #[must_use]
    pub fn declined() -> Self {
        let ends = cancelled(PaymentAxis::Failed);
        Self { ends, ..Self::paying("declined", json!([{"method": "pm_card_chargeDeclinedStolenCard"}])) }
    }

    /// Declined twice for want of funds; the third time, by the schedule, the money is there.
    #[must_use]
    pub fn declined_then_retried() -> Self {
        Self::paying("declined, then tried again", json!([{"method": "pm_card_declines_2_insufficient_funds"}]))
    }

    /// Declined for want of funds, every time.
    #[must_use]
    pub fn declined_every_time() -> Self {
        let body = json!([{"method": "pm_card_chargeDeclinedInsufficientFunds"}]);
        Self { ends: cancelled(PaymentAxis::Failed), ..Self::paying("declined every time", body) }
    }

    /// The card has expired; the shopper names another one.
    #[must_use]
    pub fn declined_then_another_card() -> Self {
        let all = Self::paying("declined, then another card", json!([{"method": "pm_card_chargeDeclinedExpiredCard"}]));
        let script = Script { card: Some(GOOD_CARD), ..all.script };
        all.by(script)
    }

    /// The card has expired, and the shopper does not care.
    #[must_use]
    pub fn declined_and_never_answered() -> Self {
        let body = json!([{"method": "pm_card_chargeDeclinedExpiredCard"}]);
        Self { ends: cancelled(PaymentAxis::Failed), ..Self::paying("declined, never answered", body) }
    }

    /// The bank asks for 3-D Secure, and the shopper passes.
    #[must_use]
    pub fn authenticated() -> Self {
        let all = Self::paying("3-D Secure passed", authentication());
        let script = Script { passes: Some(true), ..all.script };
        all.by(script)
    }

    /// The shopper fails 3-D Secure, and names another card.
    #[must_use]
    pub fn authentication_failed() -> Self {
        let all = Self::paying("3-D Secure failed", authentication());
        let script = Script { passes: Some(false), card: Some(GOOD_CARD), ..all.script };
        all.by(script)
    }

    /// The shopper never comes back from 3-D Secure.
    #[must_use]
    pub fn authentication_abandoned() -> Self {
        let ends = cancelled(PaymentAxis::Failed);
        Self { ends, ..Self::paying("3-D Secure abandoned", authentication()) }
    }

    /// Called off while a payment waits: the card was declined.
    #[must_use]
    pub fn declined_and_called_off() -> Self {
        Self::declined_then_retried().cancelled("declined, then called off", CancelAt::Payment)
    }

    /// Called off while the shopper is at 3-D Secure, who then passes.
    #[must_use]
    pub fn called_off_at_authentication() -> Self {
        let all = Self::authenticated().cancelled("called off at 3-D Secure", CancelAt::Payment);
        Self { ends: cancelled(PaymentAxis::None), ..all }
    }

    /// Two cards pay for two shipments: the boundary between them runs through the first shipment.
    #[must_use]
    pub fn two_cards() -> Self {
        let all = Self::two_shipments();
        let mut body = all.body.clone();
        body["payments"] = json!([{"method": GOOD_CARD, "amount": usd(12_345)}, {"method": "pm_card_mastercard"}]);
        Self { name: "two cards", body, ..all }
    }

    /// Two cards, of which the second is declined first: the first one's hold waits for it.
    #[must_use]
    pub fn two_cards_one_declined() -> Self {
        let payments = json!([
            {"method": GOOD_CARD, "amount": usd(1_000)}, {"method": "pm_card_declines_1_insufficient_funds"},
        ]);
        Self::paying("two cards, one declined first", payments)
    }

    /// A gift card pays a part, a card the rest.
    #[must_use]
    pub fn gift_card_and_card() -> Self {
        let payments = json!([{"gift_card": GIFT_CARD, "amount": usd(1_500)}, {"method": GOOD_CARD}]);
        let credit = gift_card().map(|account| Credit { account, amount: money(2_000) });
        Self { credit, ..Self::paying("a gift card and a card", payments) }
    }

    /// A gift card pays everything.
    #[must_use]
    pub fn gift_card_alone() -> Self {
        let credit = gift_card().map(|account| Credit { account, amount: money(10_000) });
        Self { credit, ..Self::paying("a gift card alone", json!([{"gift_card": GIFT_CARD}])) }
    }

    /// There is less on the gift card than it is to pay; the shopper names a card instead.
    #[must_use]
    pub fn gift_card_too_small() -> Self {
        let payments = json!([{"gift_card": GIFT_CARD, "amount": usd(1_500)}, {"method": GOOD_CARD}]);
        let credit = gift_card().map(|account| Credit { account, amount: money(1_499) });
        let all = Self { credit, ..Self::paying("a gift card that is too small", payments) };
        let script = Script { card: Some(GOOD_CARD), ..all.script };
        all.by(script)
    }

    /// Invoiced, and paid when the invoice is there.
    #[must_use]
    pub fn net_terms() -> Self {
        let account = account(AccountKind::NetTerms, "acme");
        let payments = json!([{"account": {"account": "net_terms", "id": "acme"}}]);
        let credit = Some(Credit { account, amount: money(50_000) });
        Self { credit, ..Self::paying("net terms", payments) }
    }

    /// The storefront had the payment confirmed already.
    #[must_use]
    pub fn confirmed_by_the_storefront() -> Self {
        let all = Self::paying("confirmed by the storefront", json!([{"intent": "pi_storefront"}]));
        let total = all.body["total"]["minor"].as_i64().unwrap_or_default();
        Self { confirmed: Some(("pi_storefront", money(total))), ..all }
    }

    /// The warehouse rests for longer than money is held: it is held anew before the label is bought.
    #[must_use]
    pub fn lapsed_before_capture() -> Self {
        let all = Self::paying("lapsed before capture", json!([{"method": GOOD_CARD, "customer": "cus_ada"}]));
        let script = Script { rest: LONGER_THAN_A_HOLD, ..all.script };
        all.by(script)
    }

    /// As [`Scenario::lapsed_before_capture`], with two shipments and two cards.
    #[must_use]
    pub fn two_cards_lapsed() -> Self {
        let all = Self::two_cards();
        let script = Script { rest: LONGER_THAN_A_HOLD, ..all.script };
        Self { name: "two cards, lapsed before capture", ends: shipped(2), ..all.by(script) }
    }
}

impl Scenario {
    /// Closed; then units of the first line are sent back and refunded.
    #[must_use]
    pub fn returning(self, name: &'static str, units: u32) -> Self {
        let script = Script { returns: units, ..self.script };
        let ends = Ends { payment: PaymentAxis::PartiallyRefunded, ..self.ends.clone() };
        Self { name, ends, ..self.by(script) }
    }
}

impl Scenario {
    /// Closed; then the customer's bank takes a part of the money back, for good.
    #[must_use]
    pub fn disputed(self) -> Self {
        let script = Script { disputes: true, ..self.script };
        Self { name: "disputed", ..self.by(script) }
    }
}

fn authentication() -> Value {
    json!([{"method": "pm_card_authenticationRequired", "return_url": "https://shop.example/return"}])
}

fn gift_card() -> Option<Account> {
    Some(Account { account: AccountKind::GiftCard, id: gift_card_id(&tenant(), GIFT_CARD)? })
}
