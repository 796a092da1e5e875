//! How the demo's orders come in.

use super::fields::{channel_message, listed, placed};
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;
use waybill_harness::api::{Role, poll_until};
use waybill_harness::workspace::Workspace;
use waybill_harness::{Error, Local};

const CHANNEL: &str = "shopify-demo";
/// A real order where the collection of real documents is beside the checkout, else our own sample.
const SHOPIFY: [&str; 2] = ["../shared/fixtures/shopify/order.json", "tests/events/shopify-order.json"];
const BODY: &str = "tests/events/place-order-body.json";
const PATIENCE: Duration = Duration::from_secs(30);

/// Puts a Shopify order on the channel queue and waits until it can be found.
pub async fn through_channel(local: &Local) -> Result<String, Error> {
    let workspace = Workspace::find()?;
    let files = SHOPIFY.map(|file| workspace.path(file));
    let [real, sample] = &files;
    let mut order = read(if real.is_file() { real } else { sample })?;
    // Shopify's own webhook has the order at the top; a saved API answer wraps it.
    if order["order"].is_object() {
        order = order["order"].take();
    }
    let message = channel_message(&local.tenant, CHANNEL, &order).to_string();
    local.aws.send_message(local.stack.output("ChannelQueueUrl")?, &message, &[]).await?;
    let path = format!("/orders?channel={CHANNEL}");
    poll_until(PATIENCE, "the Shopify order", async || {
        if let Some(reason) = refused(local).await? {
            return Err(Error::Setup(format!("the Shopify order was refused: {reason}")));
        }
        let page = local.api.get(Role::Support, &path).await?;
        Ok(listed(&page).into_iter().next().ok_or_else(|| page.to_string()))
    })
    .await
}

/// Why the channel refused a message, if it did.
async fn refused(local: &Local) -> Result<Option<String>, Error> {
    let queue = local.stack.output("ChannelDeadLettersUrl")?;
    let messages = local.aws.receive_messages(queue).await?;
    let reasons = messages.into_iter().flat_map(|message| message.attributes);
    Ok(reasons.into_iter().find(|(name, _)| name == "reason").map(|(_, reason)| reason))
}

/// Posts an order as the store.
pub async fn through_api(local: &Local, number: u32) -> Result<String, Error> {
    let body = read(&Workspace::find()?.path(BODY))?;
    let key = format!("demo-order-{number}");
    let confirmation = local.api.post(Role::Store, "/orders", &key, &body).await?;
    placed(&confirmation).ok_or_else(|| Error::Setup(format!("a confirmation without an id: {confirmation}")))
}

fn read(path: &PathBuf) -> Result<Value, Error> {
    let text = std::fs::read_to_string(path).map_err(Error::at("read", path))?;
    serde_json::from_str(&text).map_err(Error::json(path.display().to_string()))
}
