//! What we note at Stripe with a payment, in its metadata: whose it is, and what each capture took.

use super::amount::{from_wire, to_wire};
use super::nonsense;
use crate::http::Trouble;
use std::collections::BTreeMap;
use waybill_domain::money::Money;
use waybill_domain::ports::{Owner, PartnerError};

pub const TENANT: &str = "tenant";
pub const ORDER: &str = "order_id";
pub const TENDER: &str = "tender";
/// Of a refund: which effect of ours it is.
pub const EFFECT: &str = "effect";
/// What the effects of captures and their notes begin with.
const CAPTURE: &str = "capture";

/// What was noted. Stripe keeps at most 50 notes a payment, so with the three of the owner 47 captures; Stripe itself
/// allows 50.
pub type Notes = BTreeMap<String, String>;

/// What a note is called in a request.
pub fn field(name: &str) -> String {
    format!("metadata[{name}]")
}

/// Whose a payment is, from a look-up of its notes. `None` where one is missing or is no legal id: not ours.
pub fn owner<'a>(note: impl Fn(&str) -> Option<&'a str>) -> Option<Owner> {
    Some(Owner {
        tenant: note(TENANT)?.parse().ok()?,
        order: note(ORDER)?.parse().ok()?,
        tender: note(TENDER)?.parse().ok()?,
    })
}

/// The note a capture goes with: `capture-1-2` that took 12.50 USD is `metadata[capture_1_2]` with 1250.
pub fn of_capture(effect: &str, amount: Money) -> Result<(String, String), PartnerError> {
    // Any other name would not be found again.
    let name = name_of(effect).ok_or_else(|| Trouble::Uncallable("Stripe", None).broken())?;
    Ok((field(&name), to_wire(amount)?.to_string()))
}

/// What our captures took, by effect. A note that is a capture's by name and holds no amount is an error: left out,
/// the capture would look as if it had not happened.
pub fn captures(notes: &Notes, currency: &str) -> Result<BTreeMap<String, Money>, PartnerError> {
    let ours = notes.iter().filter_map(|(name, amount)| Some((effect_of(name)?, amount)));
    let read = ours.map(|(effect, amount)| {
        let amount = amount.parse().map_err(|_| nonsense("a capture noted without an amount"))?;
        Ok((effect, from_wire(amount, currency)?))
    });
    read.collect()
}

/// `capture-1-2` is noted as `capture_1_2`.
fn name_of(effect: &str) -> Option<String> {
    renamed(effect, '-', '_')
}

/// `capture_1_2` notes `capture-1-2`.
fn effect_of(name: &str) -> Option<String> {
    renamed(name, '_', '-')
}

/// `capture` and one or more numbers, with `from` between them replaced by `to`; `None` for any other text.
fn renamed(text: &str, from: char, to: char) -> Option<String> {
    let numbers = text.strip_prefix(CAPTURE)?.strip_prefix(from)?;
    let number = |part: &str| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit());
    numbers.split(from).all(number).then(|| text.replace(from, &to.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use waybill_domain::money::Currency;

    #[test]
    fn an_effect_is_found_again_by_its_note() {
        for (effect, name) in
            [("capture-1", "capture_1"), ("capture-1-2", "capture_1_2"), ("capture-65535-4", "capture_65535_4")]
        {
            assert_eq!(name_of(effect).as_deref(), Some(name));
            assert_eq!(effect_of(name).as_deref(), Some(effect));
        }
        for other in ["", "capture", "capture-", "capture-x", "capture-1-", "capture--1", "capture_1", "refund-1"] {
            assert_eq!(name_of(other), None, "{other}");
        }
        for other in ["tenant", "capture_", "capture_by", "capture_1_", "capture__1", "capture-1", "captured_1"] {
            assert_eq!(effect_of(other), None, "{other}");
        }
    }

    #[test]
    fn captures_are_noted_and_read_in_stripes_units() {
        let isk = Money::new(500, Currency::try_from("ISK".to_owned()).unwrap());
        let noted = of_capture("capture-1-2", isk).unwrap();
        assert_eq!(noted, ("metadata[capture_1_2]".to_owned(), "50000".to_owned()));
        assert!(matches!(of_capture("capture", isk), Err(PartnerError::Broken(_))));
        let with = |value: &str| Notes::from([("capture_1_2".to_owned(), value.to_owned())]);
        assert_eq!(captures(&with("50000"), "isk").unwrap(), [("capture-1-2".to_owned(), isk)].into());
        for bad in ["", "much", "1.5", "501"] {
            assert!(matches!(captures(&with(bad), "isk"), Err(PartnerError::Broken(_))), "{bad}");
        }
        assert_eq!(captures(&Notes::from([("capture_note".to_owned(), "x".to_owned())]), "isk").unwrap(), [].into());
    }

    #[test]
    fn a_payment_is_ours_when_all_three_notes_are_legal() {
        let order = format!("ord-{}", "0".repeat(32));
        let notes = [(TENANT, "acme"), (ORDER, order.as_str()), (TENDER, "2")];
        let of = |notes: &[(&str, &str)]| {
            let notes: Notes = notes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            owner(|name| notes.get(name).map(String::as_str))
        };
        let ours = of(&notes).unwrap();
        assert_eq!((ours.tenant.as_str(), ours.order.as_str(), ours.tender), ("acme", order.as_str(), 2));
        assert_eq!(of(&notes[..2]), None);
        for (note, illegal) in [(0, "Acme & Sons"), (1, "order 7"), (2, "first"), (2, "-1"), (2, "")] {
            let mut notes = notes;
            notes[note].1 = illegal;
            assert_eq!(of(&notes), None, "{illegal}");
        }
    }
}
