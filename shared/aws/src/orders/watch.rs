//! The sweeper's list: a mark per order, moved and taken away only when the sweeper has looked.

use super::{DynamoOrders, head};
use crate::classify::{broken, classify};
use crate::keys::{self, key, need, text};
use jiff::Timestamp;
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::ports::{StoreError, Watch};

impl Watch for DynamoOrders {
    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<(TenantId, OrderId)>, StoreError> {
        let mut due = Vec::new();
        for shard in 0..head::DUE_SHARDS {
            let mut marks = self
                .client
                .query()
                .table_name(&self.orders)
                .index_name("by_due")
                .key_condition_expression("due_pk = :shard AND due_sk < :now")
                .expression_attribute_values(":shard", text(head::due_pk(shard)))
                .expression_attribute_values(":now", text(keys::sortable(now)))
                .into_paginator()
                .items()
                .send();
            // Each shard its share, so that a backlog in one does not starve the others.
            for _ in 0..limit.div_ceil(usize::from(head::DUE_SHARDS)) {
                let Some(mark) = marks.next().await else { break };
                let mark = mark.map_err(classify)?;
                due.push(keys::split_order(need(&mark, "pk")?).ok_or_else(|| broken("a mark of no order"))?);
            }
        }
        Ok(due)
    }

    async fn look_again(&self, tenant: &TenantId, id: &OrderId, at: Option<Timestamp>) -> Result<(), StoreError> {
        let key = key(keys::order(tenant, id), "STATE");
        let update = self.client.update_item().table_name(&self.orders).set_key(Some(key));
        // An order that is done with has no mark and gets none.
        let update = match at {
            Some(at) => update
                .condition_expression("attribute_exists(due_pk)")
                .update_expression("SET due_sk = :at")
                .expression_attribute_values(":at", text(head::due_sk(at, id))),
            // Nor does one lose it that has gone on since the sweeper looked.
            None => update
                .condition_expression("attribute_exists(due_pk) AND attribute_not_exists(#reopened)")
                .update_expression("REMOVE due_pk, due_sk")
                .expression_attribute_names("#reopened", head::REOPENED),
        };
        match update.send().await.map_err(classify) {
            Ok(_) | Err(StoreError::Conflict) => Ok(()),
            Err(error @ (StoreError::Unavailable(_) | StoreError::Broken(_))) => Err(error),
        }
    }
}
