//! Accounts the merchant keeps for customers.

use super::MemoryOrders;
use waybill_domain::id::TenantId;
use waybill_domain::money::Money;
use waybill_domain::order::Account;
use waybill_domain::ports::{Accounts, Adjusted, Adjustment, StoreError};

impl Accounts for MemoryOrders {
    async fn available(&self, tenant: &TenantId, account: &Account) -> Result<Vec<Money>, StoreError> {
        let key = (tenant.clone(), account.clone());
        self.0.faults.store("accounts.available", || Ok(self.0.books().balances(&key))).await
    }

    async fn adjust(&self, tenant: &TenantId, adjustment: &Adjustment) -> Result<Adjusted, StoreError> {
        let work = || {
            let mut books = self.0.books();
            let Adjustment { account, amount, request, .. } = adjustment;
            let key = (tenant.clone(), account.clone());
            let entry = (key.clone(), request.key.clone());
            if let Some(known) = books.entries.get(&entry) {
                return Ok(Adjusted::Exists(known.request.clone()));
            }
            let (minor, currency) = (amount.minor(), amount.currency());
            let available = books.available(&key, currency);
            if minor < 0 && available.is_none_or(|available| available.checked_add(minor).is_none_or(|left| left < 0)) {
                return Ok(Adjusted::Overdrawn);
            }
            books.credit(key, currency, minor);
            books.entries.insert(entry, adjustment.clone());
            Ok(Adjusted::Stored)
        };
        self.0.faults.store("accounts.adjust", work).await
    }
}
