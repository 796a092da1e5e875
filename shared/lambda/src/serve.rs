//! The loop behind every stage.

use crate::fault::{Fault, Halt};
use crate::report::Invocation;
use crate::stage::Stage;
use jiff::Timestamp;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The clock, read once per invocation and handed down.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Serves a stage: parses its input, calls it, and tells Step Functions by name what stopped it.
///
/// # Errors
/// The runtime could not be reached.
pub async fn serve<I, O>(stage: Stage, handle: impl AsyncFn(I, Timestamp) -> Result<O, Halt>) -> Result<(), Error>
where
    I: DeserializeOwned,
    O: Serialize,
{
    lambda_runtime::tracing::init_default_subscriber();
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let invocation = Invocation::begin(stage.name());
        let text = |name: &str| event.payload[name].as_str().map(str::to_owned);
        let (tenant, order) = (text("tenant"), text("orderId"));
        // Boxed: the future of a generic handler within the runtime's own overflows rustc's query depth.
        let answer = Box::pin(async {
            let input = serde_json::from_value(event.payload).map_err(|error| Fault::Malformed(error.into()))?;
            handle(input, now()).await
        });
        let answer = answer.await;
        let (outcome, fault) = match &answer {
            Ok(_) => ("done".to_owned(), false),
            Err(Halt::Fault(fault)) => (format!("{}: {}", fault.name(), fault.chain()), true),
            Err(halt @ (Halt::Refused(_) | Halt::ReviewRequired | Halt::PaymentPending | Halt::StockPending)) => {
                (halt.name().to_owned(), false)
            }
        };
        invocation.end(tenant.as_deref(), order.as_slice(), &outcome, fault);
        answer.map_err(Diagnostic::from)
    }))
    .await
}
