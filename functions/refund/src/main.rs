//! Wires `refund`: the only file here that names an AWS client.

use waybill_aws::{DynamoOrders, secret};
use waybill_gateways::{PartnerSecrets, Stripe};
use waybill_lambda::{batch::serve_messages, config::text};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let aws = waybill_aws::config().await;
    let client = waybill_aws::dynamodb(&aws);
    let secrets = PartnerSecrets::parse(&secret(&aws, &text("PARTNER_SECRETS")?).await?)?;
    let stripe = Stripe::new(&text("STRIPE_BASE_URL")?, secrets.stripe_secret_key)?;
    let orders = DynamoOrders::new(client, text("ORDERS_TABLE")?, text("STOCK_TABLE")?);
    let give_back = async |message: aws_lambda_events::sqs::SqsMessage, now| {
        let body = message.body.as_deref().unwrap_or_default();
        Box::pin(refund::handle(&orders, &stripe, body, now)).await
    };
    serve_messages("refund", give_back).await
}
