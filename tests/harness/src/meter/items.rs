//! `DynamoDB` items as their wire form has them: their size and what kind of item a key names.

use base64::Engine as _;
use serde_json::Value;

/// The size that `DynamoDB` bills: the lengths of attribute names and values.
#[must_use]
pub fn size(item: &Value) -> u64 {
    let Some(attributes) = item.as_object() else {
        return 0;
    };
    attributes.iter().map(|(name, value)| length(name) + value_size(value)).sum()
}

fn value_size(value: &Value) -> u64 {
    let Some((kind, inner)) = value.as_object().and_then(|fields| fields.iter().next()) else {
        return 0;
    };
    match (kind.as_str(), inner) {
        ("S", Value::String(text)) => length(text),
        ("N", Value::String(text)) => number_size(text),
        ("B", Value::String(text)) => binary_size(text),
        ("SS", Value::Array(set)) => set.iter().filter_map(Value::as_str).map(length).sum(),
        ("NS", Value::Array(set)) => set.iter().filter_map(Value::as_str).map(number_size).sum(),
        ("BS", Value::Array(set)) => set.iter().filter_map(Value::as_str).map(binary_size).sum(),
        ("L", Value::Array(list)) => 3 + list.iter().map(|inner| 1 + value_size(inner)).sum::<u64>(),
        ("M", Value::Object(map)) => {
            3 + map.iter().map(|(name, inner)| 1 + length(name) + value_size(inner)).sum::<u64>()
        }
        // BOOL and NULL.
        _ => 1,
    }
}

fn length(text: &str) -> u64 {
    text.len() as u64
}

fn binary_size(text: &str) -> u64 {
    let bytes = base64::engine::general_purpose::STANDARD.decode(text);
    bytes.map_or(length(text), |bytes| bytes.len() as u64)
}

/// One byte, one for each two significant digits, one for a minus.
fn number_size(text: &str) -> u64 {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_matches('0').len() as u64;
    1 + significant.div_ceil(2) + u64::from(text.starts_with('-'))
}

/// What kind of item a key names: the sort key's first word in the tables of orders and stock, the
/// partition key's own word where each item has a partition to itself, its last word in the catalog.
#[must_use]
pub fn kind(key: &Value) -> String {
    let text = |name: &str| key[name]["S"].as_str().unwrap_or_default();
    let (pk, sk) = (text("pk"), text("sk"));
    let word = match pk.split('#').nth(2) {
        Some("ORDER" | "SKU" | "RESERVATION") => sk.split('#').next(),
        Some(own @ ("TRACKING" | "PAYMENT" | "ACCOUNT" | "REQUEST")) => Some(own),
        Some(_) | None => pk.rsplit('#').next(),
    };
    match (word, pk.starts_with("CLIENT#")) {
        (_, true) => "CLIENT".to_owned(),
        (Some(word), _) if !word.is_empty() => word.to_owned(),
        _ => "other".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sizes_follow_the_published_rules() {
        let item =
            json!({"pk": {"S": "abc"}, "n": {"N": "-120.5"}, "b": {"BOOL": true}, "m": {"M": {"k": {"S": "vv"}}}});
        // 2+3, 1+(1+2+1), 1+1, 1+(3+1+1+2)
        assert_eq!(size(&item), 5 + 5 + 2 + 8);
        assert_eq!(size(&json!({"l": {"L": [{"S": "a"}, {"N": "100"}]}})), 1 + 3 + (1 + 1) + (1 + 2));
    }

    #[test]
    fn kinds_are_the_first_word_of_the_sort_key_or_the_catalogs_table() {
        let key = |pk: &str, sk: &str| kind(&json!({"pk": {"S": pk}, "sk": {"S": sk}}));
        assert_eq!(key("T#demo#ORDER#1", "EVENT#000001"), "EVENT");
        assert_eq!(key("T#demo#ORDER#1", "STATE"), "STATE");
        assert_eq!(key("T#demo#SKU#A-1", "SITE#east"), "SITE");
        assert_eq!(key("T#demo#PAYMENT#pi_1", "ORDER"), "PAYMENT");
        assert_eq!(key("T#demo#ACCOUNT#gift_card#ab12", "BALANCE#USD"), "ACCOUNT");
        assert_eq!(key("T#demo#ITEM", "A-1"), "ITEM");
        assert_eq!(key("CLIENT#abc", "CLIENT"), "CLIENT");
    }
}
