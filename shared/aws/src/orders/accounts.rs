//! Accounts the merchant keeps for customers: a balance per currency, and an entry per adjustment.

use super::DynamoOrders;
use super::commit::ours;
use super::money;
use crate::classify::broken;
use crate::keys::{self, Item, count, key, need, number, text};
use crate::transaction::{Sent, missed, transact};
use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use waybill_domain::id::TenantId;
use waybill_domain::money::{Currency, Money};
use waybill_domain::order::{Account, RequestRecord};
use waybill_domain::ports::{Accounts, Adjusted, Adjustment, StoreError};

/// The adjustment as its own record, which holds the answer of its call.
fn entry(tenant: &TenantId, adjustment: &Adjustment) -> Item {
    let Adjustment { account, amount, reason, actor, request, at } = adjustment;
    let mut item = key(keys::account(tenant, account), format!("ENTRY#{}", request.key));
    let mut set = |name: &str, value| item.insert(name.to_owned(), value);
    set("amount", number(amount.minor()));
    set("currency", text(amount.currency().code()));
    set("reason", text(reason));
    set("actor", text(actor));
    set("at", text(at.to_string()));
    set("status", number(request.status));
    set("body", text(&request.body));
    set("answer", text(&request.answer));
    item
}

/// The call recorded in an entry.
fn request(item: &Item) -> Result<RequestRecord, StoreError> {
    let odd = || broken("an account's entry does not parse");
    Ok(RequestRecord {
        key: need(item, "sk")?.strip_prefix("ENTRY#").ok_or_else(odd)?.to_owned(),
        body: need(item, "body")?.to_owned(),
        status: u16::try_from(count(item, "status")?).map_err(|_| odd())?,
        answer: need(item, "answer")?.to_owned(),
    })
}

fn available(item: &Item) -> Result<Money, StoreError> {
    let code = need(item, "sk")?.strip_prefix("BALANCE#").unwrap_or_default();
    let currency = Currency::try_from(code.to_owned()).map_err(|error| broken(error.to_string()))?;
    Ok(Money::new(count(item, "available")?, currency))
}

impl Accounts for DynamoOrders {
    async fn available(&self, tenant: &TenantId, account: &Account) -> Result<Vec<Money>, StoreError> {
        let balances = self.items(keys::account(tenant, account), "BALANCE#").await?;
        balances.iter().map(available).collect()
    }

    async fn adjust(&self, tenant: &TenantId, adjustment: &Adjustment) -> Result<Adjusted, StoreError> {
        let Adjustment { account, amount, .. } = adjustment;
        let put = Put::builder()
            .table_name(&self.orders)
            .set_item(Some(entry(tenant, adjustment)))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let key = key(keys::account(tenant, account), keys::balance(amount.currency()));
        let update = money::balance(&self.orders, *amount).set_key(Some(key));
        let items = [
            TransactWriteItem::builder().put(put.build().map_err(ours)?).build(),
            TransactWriteItem::builder().update(update.build().map_err(ours)?).build(),
        ];
        match transact(&self.client, &items).await? {
            Sent::Written => Ok(Adjusted::Stored),
            Sent::Refused(reasons) => match reasons.first().filter(|reason| missed(reason)) {
                Some(first) => {
                    let item = first.item().ok_or_else(|| broken("an account's entry was not returned"))?;
                    Ok(Adjusted::Exists(request(item)?))
                }
                None => Ok(Adjusted::Overdrawn),
            },
        }
    }
}
