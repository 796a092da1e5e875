//! Wires `fill-backorders`: the only file here that names an AWS client.

use fill_backorders::{StreamEvent, handle};
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use waybill_aws::{DynamoOrders, DynamoStock};
use waybill_lambda::{Halt, config::text, now, report::Invocation};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let client = waybill_aws::dynamodb(&waybill_aws::config().await);
    let stock = DynamoStock::new(client.clone(), text("STOCK_TABLE")?);
    let orders = DynamoOrders::new(client, text("ORDERS_TABLE")?, text("STOCK_TABLE")?);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<StreamEvent>| {
        let invocation = Invocation::begin("fill-backorders");
        let filled = Box::pin(handle(&orders, &stock, event.payload, now())).await;
        let outcome = filled.as_ref().map_or_else(Halt::chain, |_| "done".to_owned());
        invocation.end(None, filled.as_deref().unwrap_or_default(), &outcome, filled.is_err());
        filled.map(|_| ()).map_err(Diagnostic::from)
    }))
    .await
}
