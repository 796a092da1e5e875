//! Records of a table's stream, as the event source hands them over.

use serde::Deserialize;
use serde_json::Value;

/// A batch of writes; `C` is what its reader wants to know of each.
#[derive(Clone, Debug, Deserialize)]
pub struct StreamEvent<C = Change> {
    /// In order per item.
    #[serde(rename = "Records")]
    pub records: Vec<Record<C>>,
}

/// One write to the table.
#[derive(Clone, Debug, Deserialize)]
pub struct Record<C = Change> {
    /// What was written.
    pub dynamodb: C,
}

/// What was written, for who looks only at how things are now.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Change {
    /// `pk` and `sk`.
    pub keys: Value,
    /// The item since; absent for a deletion.
    #[serde(default)]
    pub new_image: Value,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_deletion_has_no_item_since() {
        let keys = json!({"pk": {"S": "a"}, "sk": {"S": "b"}});
        let told = json!({"Records": [
            {"eventName": "REMOVE", "dynamodb": {"Keys": keys, "OldImage": {}, "SequenceNumber": "1"}},
        ]});
        let event: StreamEvent = serde_json::from_value(told).unwrap();
        assert_eq!(event.records[0].dynamodb.keys["pk"]["S"], "a");
        assert!(event.records[0].dynamodb.new_image.is_null());
    }

    #[test]
    fn a_record_without_keys_is_refused() {
        assert!(serde_json::from_value::<StreamEvent>(json!({"Records": [{"dynamodb": {}}]})).is_err());
    }
}
