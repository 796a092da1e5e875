//! The order workflow on Step Functions.

use crate::classify::classify;
use aws_config::SdkConfig;
use aws_sdk_sfn::Client;
use aws_sdk_sfn::error::ProvideErrorMetadata;
use aws_sdk_sfn::operation::start_execution::StartExecutionError;
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::ports::{StoreError, Workflows};

/// One state machine.
#[derive(Clone, Debug)]
pub struct StepFunctions {
    client: Client,
    machine: String,
}

impl StepFunctions {
    /// The state machine `machine` (an ARN).
    #[must_use]
    pub fn new(config: &SdkConfig, machine: impl Into<String>) -> Self {
        Self { client: Client::new(config), machine: machine.into() }
    }
}

/// The wait is over: answered before, timed out, or its execution has ended.
fn is_over(code: Option<&str>) -> bool {
    matches!(code, Some("TaskTimedOut" | "TaskDoesNotExist" | "InvalidToken"))
}

impl Workflows for StepFunctions {
    async fn start(&self, tenant: &TenantId, id: &OrderId, attempt: u32) -> Result<(), StoreError> {
        let input = serde_json::json!({"tenant": tenant, "orderId": id}).to_string();
        let start = self.client.start_execution().state_machine_arn(&self.machine).name(format!("{id}-{attempt}"));
        match start.input(input).send().await {
            Ok(_) => Ok(()),
            // The name is the attempt: running or ended, this attempt was started. (AWS answers a running one with
            // success; the local AWS does not. Both keep the names of ended ones.)
            Err(error) if error.as_service_error().is_some_and(StartExecutionError::is_execution_already_exists) => {
                Ok(())
            }
            Err(error) => Err(classify(error)),
        }
    }

    async fn succeed(&self, token: &str) -> Result<(), StoreError> {
        match self.client.send_task_success().task_token(token).output("{}").send().await {
            Ok(_) => Ok(()),
            Err(error) if is_over(error.as_service_error().and_then(ProvideErrorMetadata::code)) => Ok(()),
            Err(error) => Err(classify(error)),
        }
    }

    async fn refuse(&self, token: &str) -> Result<(), StoreError> {
        let refusal = self.client.send_task_failure().task_token(token).error("Refused");
        match refusal.cause("the order, or this part of it, has ended").send().await {
            Ok(_) => Ok(()),
            Err(error) if is_over(error.as_service_error().and_then(ProvideErrorMetadata::code)) => Ok(()),
            Err(error) => Err(classify(error)),
        }
    }
}
