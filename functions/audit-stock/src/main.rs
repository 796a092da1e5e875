//! Wires `audit-stock`: the only file here that names an AWS client.

use audit_stock::{Auditor, StreamEvent, handle};
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use waybill_aws::{DynamoCatalog, DynamoStatements, EventBridge};
use waybill_lambda::{Fault, Halt, config::text, report::Invocation, report::stock_drifts};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let aws = waybill_aws::config().await;
    let dynamodb = waybill_aws::dynamodb(&aws);
    let auditor = Auditor {
        statements: DynamoStatements::new(dynamodb.clone(), text("ORDERS_TABLE")?, text("STOCK_TABLE")?),
        catalog: DynamoCatalog::new(dynamodb, text("CATALOG_TABLE")?),
        bus: EventBridge::new(&aws, text("EVENT_BUS")?),
    };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<StreamEvent>| {
        let invocation = Invocation::begin("audit-stock");
        let audited = Box::pin(handle(&auditor, event.payload)).await;
        stock_drifts(audited.as_ref().map_or(0, |found| found.drifts.len()));
        invocation.end(None, &[], &audited.as_ref().map_or_else(Fault::chain, |_| "done".to_owned()), audited.is_err());
        audited.map(|_| ()).map_err(|fault| Diagnostic::from(Halt::Fault(fault)))
    }))
    .await
}
