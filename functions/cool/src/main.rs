//! Wires `cool`: the only file here that names an AWS client.

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use waybill_aws::DynamoStock;
use waybill_lambda::{Halt, config::text, now, report::Invocation};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let stock = DynamoStock::new(waybill_aws::dynamodb(&waybill_aws::config().await), text("STOCK_TABLE")?);
    lambda_runtime::run(service_fn(async |_: LambdaEvent<serde_json::Value>| {
        let invocation = Invocation::begin("cool");
        let cooled = Box::pin(cool::handle(&stock, now())).await;
        let outcome = cooled.as_ref().map_or_else(Halt::chain, ToString::to_string);
        invocation.end(None, &[], &outcome, !cooled.as_ref().is_ok_and(|cooled| cooled.failed == 0));
        cooled.map(|_| ()).map_err(Diagnostic::from)
    }))
    .await
}
