//! One table from SDK failures to ours.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use waybill_domain::ports::{Cause, StoreError};

/// Sorts a failed call by what its caller can do: a condition that failed is somebody else's success; our own mistakes
/// are broken; everything else (time-outs, throttling, no route, a write that ran into a transaction) may work later. A
/// write that ran into a transaction is not one whose condition failed: nobody has done it.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
pub(crate) fn classify<E, R>(error: SdkError<E, R>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let cause: Cause = explain(&error).into();
    match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        Some("ConditionalCheckFailedException") => StoreError::Conflict,
        Some(
            "ValidationException"
            | "ResourceNotFoundException"
            | "AccessDeniedException"
            | "AccessDenied"
            | "UnrecognizedClientException"
            | "NoSuchKey"
            | "NoSuchBucket"
            | "StateMachineDoesNotExist"
            | "InvalidName"
            | "InvalidExecutionInput"
            | "MessageRejected"
            | "AWS.SimpleQueueService.NonExistentQueue",
        ) => StoreError::Broken(cause),
        _ => StoreError::Unavailable(cause),
    }
}

/// Service code and message where there are any; never the request.
fn explain<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    match error.as_service_error() {
        Some(service) => {
            format!("{}: {}", service.code().unwrap_or("no code"), service.message().unwrap_or("no message"))
        }
        None => error.to_string(),
    }
}

/// Stored data or a request of ours that makes no sense.
pub(crate) fn broken(what: impl Into<String>) -> StoreError {
    StoreError::Broken(what.into().into())
}
