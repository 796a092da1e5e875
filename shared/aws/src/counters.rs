//! A change of stock counters as one conditional update.

use crate::keys::{self, key, number};
use aws_sdk_dynamodb::types::Update;
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use waybill_domain::id::TenantId;
use waybill_domain::stock::Change;

/// `ADD` of every counter, with one comparison per counter that falls: conditions cannot do arithmetic, so the compared
/// number is stored. Every name is an alias: some are reserved words. `also` are further conditions.
pub(crate) fn update(table: &str, tenant: &TenantId, change: &Change, also: Option<&str>) -> UpdateBuilder {
    let (pk, sk) = (keys::sku(tenant, &change.shelf.sku), keys::shelf(change.shelf.site.as_ref()));
    let mut update = Update::builder().table_name(table).set_key(Some(key(pk, sk)));
    let mut adds = Vec::new();
    for (counter, delta) in &change.deltas {
        let name = counter.name();
        adds.push(format!("#{name} :{name}"));
        update = update
            .expression_attribute_names(format!("#{name}"), name)
            .expression_attribute_values(format!(":{name}"), number(delta));
    }
    let mut conditions: Vec<String> = also.map(str::to_owned).into_iter().collect();
    for (counter, least) in change.guards() {
        let name = counter.name();
        conditions.push(format!("#{name} >= :least_{name}"));
        update = update.expression_attribute_values(format!(":least_{name}"), number(least));
    }
    if !conditions.is_empty() {
        update = update.condition_expression(conditions.join(" AND "));
    }
    update.update_expression(format!("ADD {}", adds.join(", ")))
}
