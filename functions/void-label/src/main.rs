//! Wires `void-label`: the only file here that names an AWS client.

use waybill_aws::{DynamoOrders, secret};
use waybill_gateways::{EasyPost, PartnerSecrets};
use waybill_lambda::{Stage, config::text};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let aws = waybill_aws::config().await;
    let client = waybill_aws::dynamodb(&aws);
    let secrets = PartnerSecrets::parse(&secret(&aws, &text("PARTNER_SECRETS")?).await?)?;
    let easypost = EasyPost::new(&text("EASYPOST_BASE_URL")?, secrets.easypost_api_key)?;
    let orders = DynamoOrders::new(client, text("ORDERS_TABLE")?, text("STOCK_TABLE")?);
    waybill_lambda::serve(Stage::VoidLabel, async |input, now| void_label::handle(&orders, &easypost, input, now).await)
        .await
}
