//! Wires `authorize`: the only file here that names an AWS client.

use waybill_aws::{DynamoOrders, secret};
use waybill_gateways::{PartnerSecrets, Stripe};
use waybill_lambda::{Stage, config::text};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let aws = waybill_aws::config().await;
    let client = waybill_aws::dynamodb(&aws);
    let secrets = PartnerSecrets::parse(&secret(&aws, &text("PARTNER_SECRETS")?).await?)?;
    let stripe = Stripe::new(&text("STRIPE_BASE_URL")?, secrets.stripe_secret_key)?;
    let orders = DynamoOrders::new(client, text("ORDERS_TABLE")?, text("STOCK_TABLE")?);
    waybill_lambda::serve(Stage::Authorize, async |input, now| {
        Box::pin(authorize::handle(&orders, &stripe, input, now)).await
    })
    .await
}
