//! Wires `carrier-webhook`: the only file here that names an AWS client.

use carrier_webhook::{App, router};
use waybill_aws::{DynamoOrders, secret};
use waybill_gateways::PartnerSecrets;
use waybill_lambda::{config::text, http::serve_http};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let aws = waybill_aws::config().await;
    let secrets = PartnerSecrets::parse(&secret(&aws, &text("PARTNER_SECRETS")?).await?)?.easypost_webhook_secrets;
    let orders = DynamoOrders::new(waybill_aws::dynamodb(&aws), text("ORDERS_TABLE")?, text("STOCK_TABLE")?);
    serve_http("carrier-webhook", router(App { orders, secrets })).await
}
