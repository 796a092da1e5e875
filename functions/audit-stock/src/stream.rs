//! Records of the stock table's stream.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use waybill_domain::stock::audit::{Counters, Image, Spread, Write};
use waybill_domain::stock::{Counter, Place};
use waybill_lambda::Fault;

/// A batch.
pub type StreamEvent = waybill_lambda::stream::StreamEvent<Change>;

/// What was written, and over what.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Change {
    /// `pk` and `sk`.
    pub keys: Value,
    /// The item before; absent for one that is new.
    #[serde(default)]
    pub old_image: Value,
    /// The item since; absent for a deletion.
    #[serde(default)]
    pub new_image: Value,
    /// Grows from one write of an item to the next.
    pub sequence_number: String,
    /// Seconds since 1970, whole or not.
    #[serde(default)]
    pub approximate_creation_date_time: Option<serde_json::Number>,
}

/// The change of counters that a record tells of; `None`: it is of another item.
///
/// # Errors
/// `Malformed` where counters, their key or their time make no sense.
pub(crate) fn understand(change: &Change) -> Result<Option<Write>, Fault> {
    let malformed = |what: &str| Fault::Malformed(what.to_owned().into());
    let key = |name: &str| change.keys[name]["S"].as_str().ok_or_else(|| malformed("a record without its key"));
    let (pk, sk) = (key("pk")?, key("sk")?);
    if !["ATP", "SITE#", "ANNOUNCED#"].iter().any(|prefix| sk.starts_with(prefix)) {
        return Ok(None);
    }
    let odd = || malformed("counters whose key does not parse");
    let (tenant, shelf) = waybill_aws::shelf_of_key(pk, sk).ok_or_else(odd)?;
    let is_spread = |image: &Value| !image["shards"].is_null();
    let spread = match (&shelf.place, pk.rsplit_once("#SHARD#")) {
        (Place::Network, Some((_, number))) => Spread::Shard(number.parse().map_err(|_| odd())?),
        (Place::Network, None) if is_spread(&change.old_image) || is_spread(&change.new_image) => Spread::Counter,
        (Place::Network | Place::Site(_) | Place::Stow(..) | Place::Announced(_), _) => Spread::No,
    };
    let read = |side: &Value| image(side, spread).ok_or_else(|| malformed("counters that do not parse"));
    let (before, after) = (read(&change.old_image)?, read(&change.new_image)?);
    let told = after.as_ref().or(before.as_ref()).and_then(|image| image.moved_at);
    let at = taken_at(change).or(told).ok_or_else(|| malformed("a record without a time"))?;
    Ok(Some(Write { tenant, shelf, spread, sequence: change.sequence_number.clone(), at, before, after }))
}

/// When the table took it, to the second.
fn taken_at(change: &Change) -> Option<Timestamp> {
    let seconds = change.approximate_creation_date_time.as_ref()?.to_string();
    let whole = seconds.split('.').next()?.parse().ok()?;
    Timestamp::from_second(whole).ok()
}

/// The item's counters; inside `None` where there was none, outside where they make no sense.
#[expect(clippy::option_option, reason = "what is absent is not what is odd")]
fn image(item: &Value, spread: Spread) -> Option<Option<Image>> {
    if item.is_null() {
        return Some(None);
    }
    let text = |name: &str| item[name]["S"].as_str().map(str::to_owned);
    let moved_at = text("moved_at").map(|at| at.parse()).transpose().ok()?;
    let counters = match spread {
        Spread::Shard(_) => shard(item)?,
        Spread::No | Spread::Counter => {
            let there = Counter::ALL.into_iter().filter(|counter| !item[counter.name()].is_null());
            there.map(|counter| Some((counter, units(&item[counter.name()])?))).collect::<Option<_>>()?
        }
    };
    Some(Some(Image { counters, cause: text("cause"), moved_at }))
}

fn units(value: &Value) -> Option<i64> {
    value["N"].as_str()?.parse().ok()
}

/// A shard's units, and those it holds for orders, are available, promisable and fillable.
fn shard(item: &Value) -> Option<Counters> {
    let mut all = if item["available"].is_null() { 0 } else { units(&item["available"])? };
    for hold in item["holds"]["M"].as_object().into_iter().flat_map(|holds| holds.values()) {
        all += units(&hold["M"]["units"])?;
    }
    Some([Counter::Available, Counter::Promisable, Counter::Fillable].map(|counter| (counter, all)).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record(pk: &str, sk: &str, old: &Value, new: &Value) -> Change {
        let keys = json!({"pk": {"S": pk}, "sk": {"S": sk}});
        let told = json!({"Keys": keys, "OldImage": old, "NewImage": new, "SequenceNumber": "7",
            "ApproximateCreationDateTime": 1_793_610_000});
        serde_json::from_value(told).unwrap()
    }

    #[test]
    fn a_record_of_counters_is_a_write_of_them() {
        let new = json!({"pk": {"S": "x"}, "available": {"N": "-3"}, "promisable": {"N": "4"},
            "cause": {"S": "ord-1#2"}, "moved_at": {"S": "2026-11-02T10:00:00Z"}});
        let write = understand(&record("T#acme#SKU#A", "ATP", &Value::Null, &new)).unwrap().unwrap();
        assert_eq!((write.tenant.as_str(), write.shelf.sku.as_str(), write.sequence.as_str()), ("acme", "A", "7"));
        assert_eq!((write.spread, write.before.clone()), (Spread::No, None));
        assert_eq!(write.of(Counter::Available), (0, -3));
        assert_eq!(write.after.unwrap().counters.len(), 2);
        assert_eq!(write.at.as_second(), 1_793_610_000);
    }

    #[test]
    fn a_shard_has_the_units_it_holds_too() {
        let hold = json!({"M": {"ord-1": {"M": {"units": {"N": "3"}, "since": {"N": "1"}}}}});
        let new = json!({"available": {"N": "4"}, "holds": hold, "cause": {"S": "hold#ord-1"}});
        let write = understand(&record("T#acme#SKU#A#SHARD#04", "ATP", &Value::Null, &new)).unwrap().unwrap();
        assert_eq!((write.spread, write.shelf.sku.as_str()), (Spread::Shard(4), "A"));
        assert_eq!([Counter::Available, Counter::Promisable, Counter::Fillable].map(|c| write.of(c).1), [7; 3]);
        let hot = json!({"available": {"N": "4"}, "shards": {"N": "10"}});
        let counter = understand(&record("T#acme#SKU#A", "ATP", &hot, &hot)).unwrap().unwrap();
        assert_eq!(counter.spread, Spread::Counter);
    }

    #[test]
    fn other_items_are_passed_over_and_odd_ones_are_told() {
        assert!(understand(&record("T#acme#SKU#A", "BACKORDER#x", &Value::Null, &json!({}))).unwrap().is_none());
        for (pk, sk, new) in [
            ("acme", "ATP", json!({})),
            ("T#acme#SKU#A", "SITE#Main Street", json!({})),
            ("T#acme#SKU#A", "ATP", json!({"available": {"N": "1.5"}})),
            ("T#acme#SKU#A", "ATP", json!({"moved_at": {"S": "today"}})),
        ] {
            assert!(matches!(understand(&record(pk, sk, &Value::Null, &new)), Err(Fault::Malformed(_))), "{pk} {sk}");
        }
    }

    #[test]
    fn a_time_may_come_as_a_fraction() {
        let mut change = record("T#acme#SKU#A", "ATP", &Value::Null, &json!({}));
        change.approximate_creation_date_time = serde_json::from_str("1793610000.75").ok();
        assert_eq!(taken_at(&change).map(Timestamp::as_second), Some(1_793_610_000));
        change.approximate_creation_date_time = None;
        assert!(matches!(understand(&change), Err(Fault::Malformed(_))));
    }
}
