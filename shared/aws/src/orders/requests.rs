//! Leased records of calls that are done once per key.

use super::DynamoOrders;
use crate::classify::{broken, classify};
use crate::keys::{self, Item, count, need, number, text};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld;
use jiff::{SignedDuration, Timestamp};
use waybill_domain::id::TenantId;
use waybill_domain::ports::{Begun, Requests, StoreError};

/// How long a record is kept.
const KEEP_SECONDS: i64 = 60 * 60 * 24 * 30;
/// Nobody has it; or this call's first holder did not finish in time.
const FREE: &str =
    "attribute_not_exists(pk) OR (attribute_not_exists(#status) AND leased_until < :now AND #body = :body)";

fn record(tenant: &TenantId, key: &str) -> Item {
    keys::key(keys::request(tenant, key), "REQUEST")
}

/// What the record that stands in the way says about a call with this body.
fn begun(item: &Item, body: &str) -> Result<Begun, StoreError> {
    if need(item, "body")? != body {
        return Ok(Begun::Reused);
    }
    if !item.contains_key("status") {
        return Ok(Begun::Running);
    }
    let status = u16::try_from(count(item, "status")?).map_err(|_| broken("a record's status is no HTTP status"))?;
    Ok(Begun::Done { status, answer: need(item, "answer")?.to_owned() })
}

impl Requests for DynamoOrders {
    async fn begin(
        &self,
        tenant: &TenantId,
        key: &str,
        body: &str,
        lease: SignedDuration,
        at: Timestamp,
    ) -> Result<Begun, StoreError> {
        let until = at.checked_add(lease).map_err(|_| broken("a lease beyond all time"))?;
        let mut item = record(tenant, key);
        item.insert("body".to_owned(), text(body));
        item.insert("leased_until".to_owned(), text(keys::sortable(until)));
        item.insert("expires_at".to_owned(), number(at.as_second() + KEEP_SECONDS));
        let put = self
            .client
            .put_item()
            .table_name(&self.orders)
            .set_item(Some(item))
            .condition_expression(FREE)
            .expression_attribute_names("#status", "status")
            .expression_attribute_names("#body", "body")
            .expression_attribute_values(":now", text(keys::sortable(at)))
            .expression_attribute_values(":body", text(body))
            .return_values_on_condition_check_failure(AllOld);
        let Err(error) = put.send().await else { return Ok(Begun::Ours) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                begun(failed.item().ok_or_else(|| broken("a record was not returned"))?, body)
            }
            _ => Err(classify(error)),
        }
    }

    async fn finish(
        &self,
        tenant: &TenantId,
        key: &str,
        status: u16,
        answer: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.orders)
            .set_key(Some(record(tenant, key)))
            .condition_expression("attribute_exists(pk) AND attribute_not_exists(#status)")
            .update_expression("SET #status = :status, answer = :answer, expires_at = :expires REMOVE leased_until")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":status", number(status))
            .expression_attribute_values(":answer", text(answer))
            .expression_attribute_values(":expires", number(at.as_second() + KEEP_SECONDS))
            .return_values_on_condition_check_failure(AllOld);
        let Err(error) = update.send().await else { return Ok(()) };
        match error.as_service_error() {
            // Two have done it, one after the other's lease: the first answer stands.
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) if failed.item().is_some() => Ok(()),
            _ => Err(classify(error)),
        }
    }

    async fn give_up(&self, tenant: &TenantId, key: &str) -> Result<(), StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.orders)
            .set_key(Some(record(tenant, key)))
            .condition_expression("attribute_not_exists(#status)")
            .expression_attribute_names("#status", "status");
        match delete.send().await.map_err(classify) {
            // Done meanwhile: there is nothing to give up.
            Ok(_) | Err(StoreError::Conflict) => Ok(()),
            Err(error @ (StoreError::Unavailable(_) | StoreError::Broken(_))) => Err(error),
        }
    }
}
