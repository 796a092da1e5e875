//! Wires `catalog`: the only file here that names an AWS client.

use catalog::{App, router};
use waybill_aws::DynamoCatalog;
use waybill_lambda::{config::text, http::serve_http};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let client = waybill_aws::dynamodb(&waybill_aws::config().await);
    let catalog = DynamoCatalog::new(client, text("CATALOG_TABLE")?);
    serve_http("catalog", router(App { catalog })).await
}
