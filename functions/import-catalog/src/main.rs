//! Wires `import-catalog`: the only file here that names an AWS client.

use aws_lambda_events::s3::S3Event;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use waybill_aws::{DynamoCatalog, DynamoStock, Files};
use waybill_lambda::{Fault, Halt, config::text, now, report::Invocation};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let (aws, catalog) = (waybill_aws::config().await, text("CATALOG_TABLE")?);
    let catalog = DynamoCatalog::new(waybill_aws::dynamodb(&aws), catalog);
    let stock = DynamoStock::new(waybill_aws::dynamodb(&aws), text("STOCK_TABLE")?);
    let files = Files::new(&aws, text("FILES_BUCKET")?);
    let serve = async |event: LambdaEvent<S3Event>| {
        let invocation = Invocation::begin("import-catalog");
        let keys = event.payload.records.into_iter().filter_map(|record| record.s3.object.key).collect();
        let imported = Box::pin(import_catalog::import_all(&files, &catalog, &stock, keys, now())).await;
        let outcome = imported.as_ref().map_or_else(Fault::chain, |()| "done".to_owned());
        invocation.end(None, &[], &outcome, imported.is_err());
        imported.map_err(|fault| Diagnostic::from(Halt::Fault(fault)))
    };
    lambda_runtime::run(service_fn(serve)).await
}
