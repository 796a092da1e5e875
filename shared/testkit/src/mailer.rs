//! Outgoing mail, which goes nowhere.

use crate::faults::{Faults, copied, locked};
use std::sync::{Arc, Mutex};
use waybill_domain::ports::{Mail, Mailer, StoreError};

/// Outgoing mail.
#[derive(Clone, Debug, Default)]
pub struct MemoryMailer {
    sent: Arc<Mutex<Vec<Mail>>>,
    faults: Faults,
}

impl MemoryMailer {
    /// Nothing sent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing sent; fails when `faults` say so.
    #[must_use]
    pub fn failing(faults: Faults) -> Self {
        Self { sent: Arc::default(), faults }
    }

    pub(crate) fn copy(&self, faults: &Faults) -> Self {
        Self { sent: copied(&self.sent), faults: faults.clone() }
    }

    /// What was sent, in order.
    #[must_use]
    pub fn sent(&self) -> Vec<Mail> {
        locked(&self.sent).clone()
    }
}

impl Mailer for MemoryMailer {
    async fn send(&self, mail: &Mail) -> Result<(), StoreError> {
        let work = || {
            locked(&self.sent).push(mail.clone());
            Ok(())
        };
        self.faults.store("mailer.send", work).await
    }
}
