//! Wires `sweep`: the only file here that names an AWS client.

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use relay::{Pace, Relay};
use waybill_aws::{DynamoOrders, DynamoStock, SqsQueues, StepFunctions};
use waybill_lambda::{Halt, config::text, now, report::Invocation};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let aws = waybill_aws::config().await;
    let relay = Relay {
        orders: DynamoOrders::new(waybill_aws::dynamodb(&aws), text("ORDERS_TABLE")?, text("STOCK_TABLE")?),
        workflows: StepFunctions::new(&aws, text("STATE_MACHINE_ARN")?),
        queues: SqsQueues::new(&aws, text("NOTIFICATION_QUEUE_URL")?, text("REFUND_QUEUE_URL")?),
        // What the relay missed is little; a start every 200 ms stays far below any quota.
        pace: Pace::new(5, 1),
    };
    let stock = DynamoStock::new(waybill_aws::dynamodb(&aws), text("STOCK_TABLE")?);
    lambda_runtime::run(service_fn(async |_: LambdaEvent<serde_json::Value>| {
        let invocation = Invocation::begin("sweep");
        let swept = Box::pin(sweep::handle(&relay, &stock, now())).await;
        let outcome = swept.as_ref().map_or_else(Halt::chain, |swept| format!("{} failed", swept.failed));
        let orders = swept.as_ref().map_or(&[][..], |swept| &swept.orders);
        invocation.end(None, orders, &outcome, !swept.as_ref().is_ok_and(|swept| swept.failed == 0));
        swept.map(|_| ()).map_err(Diagnostic::from)
    }))
    .await
}
