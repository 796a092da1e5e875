//! The event bus.

use crate::classify::{broken, classify};
use aws_config::SdkConfig;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use waybill_domain::ports::{BusEvent, EventBus, StoreError};

/// One bus of `EventBridge`.
#[derive(Clone, Debug)]
pub struct EventBridge {
    client: Client,
    bus: String,
}

impl EventBridge {
    /// The bus of that name.
    #[must_use]
    pub fn new(config: &SdkConfig, bus: impl Into<String>) -> Self {
        Self { client: Client::new(config), bus: bus.into() }
    }
}

impl EventBus for EventBridge {
    async fn publish(&self, event: &BusEvent) -> Result<(), StoreError> {
        let detail = serde_json::to_string(event).map_err(|error| broken(error.to_string()))?;
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(event.source)
            .detail_type(event.kind.name())
            .detail(detail)
            .build();
        let put = self.client.put_events().entries(entry).send().await.map_err(classify)?;
        // The call succeeds even where the bus took nothing.
        match put.entries().first().and_then(|entry| entry.error_code()) {
            None => Ok(()),
            Some(code) => Err(StoreError::Unavailable(code.to_owned().into())),
        }
    }
}
