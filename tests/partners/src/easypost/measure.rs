//! Weights and lengths as exact thousandths: JSON says `65.9`, and a price must not depend on how a float rounds.

use serde_json::{Number, Value};

/// Reads a JSON number (or a text that is one) as thousandths, rounding up what is finer; `None` if it is not above 0.
pub fn thousandths(value: &Value) -> Option<i64> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let (near, finer) = fraction.split_at(fraction.len().min(3));
    let near = format!("{near:0<3}").parse::<i64>().ok()?;
    let up = i64::from(finer.bytes().any(|digit| digit != b'0'));
    let sum = whole.parse::<i64>().ok()?.checked_mul(1_000)?.checked_add(near + up)?;
    (sum > 0).then_some(sum)
}

/// The value as a JSON number, as the API repeats it.
pub fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => serde_json::from_str(text.trim()).ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::thousandths;
    use serde_json::{Value, json};

    #[test]
    fn weights_are_read_exactly() {
        #[rustfmt::skip]
        let table = [
            (json!(65.9), Some(65_900)), (json!("65.9"), Some(65_900)), (json!(16), Some(16_000)),
            (json!(0.0001), Some(1)),    (json!(1.2345), Some(1_235)),  (json!(0), None),
            (json!(-1), None),           (json!("heavy"), None),        (json!(1e300), None),
            (Value::Null, None),         (json!(".5"), None),
        ];
        for (value, expected) in table {
            assert_eq!(thousandths(&value), expected, "{value}");
        }
    }
}
