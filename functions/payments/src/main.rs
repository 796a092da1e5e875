//! Wires `payments`: the only file here that names an AWS client.

use payments::{App, router};
use waybill_aws::{DynamoCatalog, DynamoOrders, secret};
use waybill_gateways::{PartnerSecrets, Stripe};
use waybill_lambda::{config::text, http::serve_http};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let aws = waybill_aws::config().await;
    let client = waybill_aws::dynamodb(&aws);
    let catalog = DynamoCatalog::new(client.clone(), text("CATALOG_TABLE")?);
    let orders = DynamoOrders::new(client, text("ORDERS_TABLE")?, text("STOCK_TABLE")?);
    let partners = PartnerSecrets::parse(&secret(&aws, &text("PARTNER_SECRETS")?).await?)?;
    let processor = Stripe::new(&text("STRIPE_BASE_URL")?, partners.stripe_secret_key)?;
    let secrets = partners.stripe_webhook_secrets;
    serve_http("payments", router(App { orders, catalog, processor, secrets })).await
}
