//! A process that dies right after it has held a unit.

use aws_sdk_dynamodb::config::interceptors::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use std::sync::atomic::{AtomicBool, Ordering};

/// Lets nothing through once an update has succeeded; its requests come one after the other.
#[derive(Debug, Default)]
pub struct Dying {
    is_update: AtomicBool,
    is_dead: AtomicBool,
}

impl Intercept for Dying {
    fn name(&self) -> &'static str {
        "Dying"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let target = context.request().headers().get("x-amz-target").unwrap_or_default();
        self.is_update.store(target.ends_with(".UpdateItem"), Ordering::SeqCst);
        if self.is_dead.load(Ordering::SeqCst) { Err("the process is dead".into()) } else { Ok(()) }
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.is_update.load(Ordering::SeqCst) && context.response().status().is_success() {
            self.is_dead.store(true, Ordering::SeqCst);
        }
        Ok(())
    }
}
