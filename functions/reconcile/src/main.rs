//! Wires `reconcile`: the only file here that names an AWS client.

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use reconcile::Report;
use waybill_aws::{DynamoOrders, Files, secret};
use waybill_gateways::{PartnerSecrets, Stripe};
use waybill_lambda::{Halt, config::text, now, report::Invocation};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let aws = waybill_aws::config().await;
    let secrets = PartnerSecrets::parse(&secret(&aws, &text("PARTNER_SECRETS")?).await?)?;
    let stripe = Stripe::new(&text("STRIPE_BASE_URL")?, secrets.stripe_secret_key)?;
    let orders = DynamoOrders::new(waybill_aws::dynamodb(&aws), text("ORDERS_TABLE")?, text("STOCK_TABLE")?);
    let files = Files::new(&aws, text("REPORTS_BUCKET")?);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<serde_json::Value>| {
        let invocation = Invocation::begin("reconcile");
        let (event, deadline) = (&event.payload, event.context.deadline);
        let report = Box::pin(reconcile::asked(&orders, &stripe, &files, event, deadline, now)).await;
        invocation.end(None, &[], &report.as_ref().map_or_else(Halt::chain, Report::summary), report.is_err());
        report.map_err(Diagnostic::from)
    }))
    .await
}
