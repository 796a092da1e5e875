//! Wires `ship`: the only file here that names an AWS client.

use waybill_aws::{DynamoCatalog, DynamoOrders, secret};
use waybill_gateways::{EasyPost, PartnerSecrets, Stripe};
use waybill_lambda::{Stage, config::text};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let aws = waybill_aws::config().await;
    let client = waybill_aws::dynamodb(&aws);
    let catalog = DynamoCatalog::new(client.clone(), text("CATALOG_TABLE")?);
    let secrets = PartnerSecrets::parse(&secret(&aws, &text("PARTNER_SECRETS")?).await?)?;
    let stripe = Stripe::new(&text("STRIPE_BASE_URL")?, secrets.stripe_secret_key)?;
    let easypost = EasyPost::new(&text("EASYPOST_BASE_URL")?, secrets.easypost_api_key)?;
    let orders = DynamoOrders::new(client, text("ORDERS_TABLE")?, text("STOCK_TABLE")?);
    let ship = async |input, now| Box::pin(ship::handle(&orders, &stripe, &catalog, &easypost, input, now)).await;
    waybill_lambda::serve(Stage::Ship, ship).await
}
