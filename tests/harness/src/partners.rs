//! The fake partners: their process, their books and their back doors.

mod processor;

use crate::error::{Error, Result};
use crate::processes::{Group, Log};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

pub use processor::Delivery;

const PATIENCE: Duration = Duration::from_secs(20);
/// What the carrier signs its webhooks with.
const WEBHOOK_SECRET: &str = "local-webhook-secret";
/// What the payment processor signs its webhooks with, and what it signed them with before: both are live, as while a
/// secret is rotated.
pub const STRIPE_WEBHOOK_SECRETS: [&str; 2] = ["whsec_local", "whsec_local_before"];

/// Where the fake partners answer.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Addresses {
    /// The payment processor.
    pub stripe: String,
    /// The carrier.
    pub easypost: String,
}

/// The running fake partners.
#[derive(Debug)]
pub struct Partners {
    addresses: Addresses,
    http: reqwest::Client,
    _group: Group,
}

impl Partners {
    /// Starts the program and waits until it tells its addresses.
    ///
    /// # Errors
    /// When it is not built, ends, or tells nothing.
    pub async fn start(program: &Path, logs: &Path) -> Result<Self> {
        if !program.is_file() {
            let said = format!("{} is not built: run cargo build --workspace first", program.display());
            return Err(Error::Setup(said));
        }
        let log = Log::Files(logs.join("partners"));
        let mut command = Command::new(program);
        command.args(["--stripe-port", "0", "--easypost-port", "0"]);
        let mut group = Group::start("partners", &command, log.clone())?;
        let addresses = told(&mut group, &log).await?;
        Ok(Self { addresses, http: crate::aws::client()?, _group: group })
    }

    /// Where they answer.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// The document that the functions find in Secrets Manager.
    #[must_use]
    pub fn secrets() -> Value {
        json!({
            "stripe_secret_key": "sk_test_local",
            "stripe_webhook_secrets": STRIPE_WEBHOOK_SECRETS,
            "easypost_api_key": "EZTKlocal",
            "easypost_webhook_secrets": [WEBHOOK_SECRET],
        })
    }

    /// Tells the carrier where its webhooks go.
    ///
    /// # Errors
    /// When it does not take it.
    pub async fn send_webhooks_to(&self, url: &str) -> Result<()> {
        let hook = json!({"url": url, "secret": WEBHOOK_SECRET});
        self.control(&self.addresses.easypost, "webhook", &hook).await.map(drop)
    }

    /// Moves a parcel to a status, step by step, each told by a webhook that must be taken.
    ///
    /// # Errors
    /// When the carrier does not know the parcel, or a webhook was refused.
    pub async fn track(&self, tracking_code: &str, status: &str) -> Result<Value> {
        let asked = json!({"tracking_code": tracking_code, "status": status});
        self.control(&self.addresses.easypost, "track", &asked).await
    }

    /// Plans a one-shot fault at a partner, in its own words (see the partners' README).
    ///
    /// # Errors
    /// When the partner does not take it.
    pub async fn plan_fault(&self, partner: &str, fault: &Value) -> Result<Value> {
        self.control(partner, "next", fault).await
    }

    /// The carrier's own books.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn easypost_books(&self) -> Result<Value> {
        self.books(&self.addresses.easypost).await
    }

    async fn books(&self, partner: &str) -> Result<Value> {
        self.look(partner, "books").await
    }

    async fn look(&self, partner: &str, door: &str) -> Result<Value> {
        let url = format!("{partner}/_control/{door}");
        let text = crate::aws::text(&url, self.http.get(&url)).await?;
        serde_json::from_str(&text).map_err(Error::json(url))
    }

    async fn control(&self, partner: &str, door: &str, body: &Value) -> Result<Value> {
        let url = format!("{partner}/_control/{door}");
        let text = crate::aws::text(&url, self.http.post(&url).json(body)).await?;
        serde_json::from_str(&text).map_err(Error::json(url))
    }
}

/// The first line of its output, once it is whole.
async fn told(group: &mut Group, log: &Log) -> Result<Addresses> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let said = log.out().and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
        if let Some((line, _)) = said.split_once('\n') {
            return serde_json::from_str(line).map_err(Error::json("the partners' addresses"));
        }
        group.expect_running()?;
        if Instant::now() > deadline {
            return Err(Error::Late { what: "the partners".into(), seconds: PATIENCE.as_secs(), last: said });
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
