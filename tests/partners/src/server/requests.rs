//! The count of every call, by endpoint and by idempotency key: how a test sees that something was asked only once.

use serde::Serialize;
use std::collections::BTreeMap;

/// How often one endpoint was called.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// All calls, also those refused.
    pub total: u64,
    /// Calls that carried an idempotency key, by the key.
    pub by_key: BTreeMap<String, u64>,
}

/// Counts by endpoint, such as `POST /v1/payment_intents/{id}/capture`.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Requests(BTreeMap<String, Count>);

impl Requests {
    /// Counts one call.
    pub fn count(&mut self, endpoint: String, key: Option<String>) {
        let count = self.0.entry(endpoint).or_default();
        count.total += 1;
        if let Some(key) = key {
            *count.by_key.entry(key).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Requests;

    #[test]
    fn a_call_is_counted_by_its_endpoint_and_by_its_key() {
        let mut requests = Requests::default();
        requests.count("POST /v1/refunds".into(), Some("a".into()));
        requests.count("POST /v1/refunds".into(), Some("a".into()));
        requests.count("POST /v1/refunds".into(), None);
        assert_eq!(
            serde_json::to_value(&requests).unwrap(),
            serde_json::json!({"POST /v1/refunds": {"total": 3, "by_key": {"a": 2}}})
        );
    }
}
