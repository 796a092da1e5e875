//! Wires `reconcile`: the only file here that names an AWS client.

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use reconcile::{Books, Report};
use waybill_aws::{DynamoOrders, DynamoStatements, Files, secret};
use waybill_gateways::{PartnerSecrets, Stripe};
use waybill_lambda::{Halt, config::text, now, report::Invocation, report::stock_drifts};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let aws = waybill_aws::config().await;
    let secrets = PartnerSecrets::parse(&secret(&aws, &text("PARTNER_SECRETS")?).await?)?;
    let stripe = Stripe::new(&text("STRIPE_BASE_URL")?, secrets.stripe_secret_key)?;
    let orders = DynamoOrders::new(waybill_aws::dynamodb(&aws), text("ORDERS_TABLE")?, text("STOCK_TABLE")?);
    let stock = DynamoStatements::new(waybill_aws::dynamodb(&aws), text("ORDERS_TABLE")?, text("STOCK_TABLE")?);
    let files = Files::new(&aws, text("REPORTS_BUCKET")?);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<serde_json::Value>| {
        let invocation = Invocation::begin("reconcile");
        let books = Books { orders: &orders, stock: &stock, processor: &stripe, files: &files };
        let report = Box::pin(reconcile::asked(books, &event.payload, event.context.deadline, now)).await;
        stock_drifts(report.as_ref().map_or(0, |report| report.stock.opened));
        invocation.end(None, &[], &report.as_ref().map_or_else(Halt::chain, Report::summary), report.is_err());
        report.map_err(Diagnostic::from)
    }))
    .await
}
