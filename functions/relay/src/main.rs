//! Wires `relay`: the only file here that names an AWS client.

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use relay::{Pace, Relay, StreamEvent, handle};
use waybill_aws::{DynamoOrders, SqsQueues, StepFunctions};
use waybill_lambda::{Fault, Halt, config::number, config::text, report::Invocation};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let aws = waybill_aws::config().await;
    let relay = Relay {
        orders: DynamoOrders::new(waybill_aws::dynamodb(&aws), text("ORDERS_TABLE")?, text("STOCK_TABLE")?),
        workflows: StepFunctions::new(&aws, text("STATE_MACHINE_ARN")?),
        queues: SqsQueues::new(&aws, text("NOTIFICATION_QUEUE_URL")?, text("REFUND_QUEUE_URL")?),
        pace: Pace::new(number("STARTS_PER_SECOND")?, number("RELAY_CONCURRENCY")?),
    };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<StreamEvent>| {
        let invocation = Invocation::begin("relay");
        let relayed = Box::pin(handle(&relay, event.payload)).await;
        let outcome = relayed.as_ref().map_or_else(Fault::chain, |_| "done".to_owned());
        invocation.end(None, relayed.as_deref().unwrap_or_default(), &outcome, relayed.is_err());
        relayed.map(|_| ()).map_err(|fault| Diagnostic::from(Halt::Fault(fault)))
    }))
    .await
}
