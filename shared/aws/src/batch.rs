//! Many items by their keys, in as few requests as they take.

use crate::classify::{broken, classify};
use crate::keys::Item;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use std::time::Duration;
use waybill_domain::ports::StoreError;

/// Items that one request may ask for.
const MOST: usize = 100;
/// How often DynamoDB is asked again for what it left out, twice as late each time.
const ROUNDS: u32 = 6;
/// The first wait.
const PAUSE: Duration = Duration::from_millis(20);

/// The items that are there, read consistently, in no order.
pub(crate) async fn items(client: &Client, table: &str, keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
    read(client, table, keys, true).await
}

/// The items that are there, as they were a moment ago: for half the price.
pub(crate) async fn lagging(client: &Client, table: &str, keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
    read(client, table, keys, false).await
}

async fn read(client: &Client, table: &str, keys: Vec<Item>, consistently: bool) -> Result<Vec<Item>, StoreError> {
    let mut found = Vec::new();
    for chunk in keys.chunks(MOST) {
        let wanted = KeysAndAttributes::builder().consistent_read(consistently).set_keys(Some(chunk.to_vec()));
        let mut wanted = wanted.build().map_err(|error| broken(error.to_string()))?;
        for round in 0.. {
            let got = client.batch_get_item().request_items(table, wanted).send().await.map_err(classify)?;
            let mut tables = got.responses.unwrap_or_default();
            found.extend(tables.remove(table).unwrap_or_default());
            let left = got.unprocessed_keys.and_then(|mut tables| tables.remove(table));
            match left.filter(|left| !left.keys.is_empty()) {
                None => break,
                Some(_) if round == ROUNDS => return Err(StoreError::Unavailable("keys were left unread".into())),
                Some(left) => wanted = left,
            }
            tokio::time::sleep(PAUSE * 2_u32.pow(round)).await;
        }
    }
    Ok(found)
}
