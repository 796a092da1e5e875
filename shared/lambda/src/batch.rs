//! The loop behind queue consumers: every message is answered for, nothing is swallowed.

use crate::fault::Fault;
use crate::report::Invocation;
use crate::serve::now;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};

/// Which order a message was about, if that came to light.
pub type Touched = Option<String>;

/// Serves a queue: a message that fails is reported by its id and comes back; the others are done.
/// What can never succeed ends in the dead-letter queue by redrive, not by silence.
///
/// # Errors
/// The runtime could not be reached.
pub async fn serve_messages(
    function: &str,
    handle: impl AsyncFn(SqsMessage, Timestamp) -> Result<Touched, Fault>,
) -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    lambda_runtime::run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        let invocation = Invocation::begin(function);
        let mut response = SqsBatchResponse::default();
        let mut orders = Vec::new();
        for message in event.payload.records {
            let id = message.message_id.clone().unwrap_or_default();
            match Box::pin(handle(message, now())).await {
                Ok(touched) => orders.extend(touched),
                Err(fault) => {
                    tracing::warn!(message.id = id, fault = fault.name(), "message failed: {}", fault.chain());
                    response.add_failure(id);
                }
            }
        }
        let failed = response.batch_item_failures.len();
        let outcome = if failed == 0 { "done".to_owned() } else { format!("{failed} failed") };
        invocation.end(None, &orders, &outcome, failed > 0);
        Ok::<_, Error>(response)
    }))
    .await
}
