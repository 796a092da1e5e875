//! Plays a flow as people would: each does their part once the order is ready for it, and says it again, under the same key,
//! until they are answered.

use crate::flow::{Flow, PRICE, Step};
use crate::hub::{Hub, Seen};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use waybill_harness::Local;
use waybill_harness::api::{Call, Method, Role};

/// Between two tries of a call that was not answered.
const PAUSE: Duration = Duration::from_millis(300);
/// How often a call is said again that is turned away because something else is under way.
const TURNS: u32 = 20;

/// A run of a flow.
#[derive(Debug)]
pub struct Player<'a> {
    /// Where.
    pub local: &'a Local,
    /// What sees the run.
    pub hub: &'a Hub,
    /// Which flow.
    pub flow: &'static Flow,
    /// The run's number.
    pub run: u32,
    /// The run's own item.
    pub sku: String,
    /// How long one step may take.
    pub patience: Duration,
}

/// The item of a run.
#[must_use]
pub fn sku_of(run: u32) -> String {
    format!("RUN-{run:06}")
}

/// What somebody could not do.
pub type Stuck = String;

impl Player<'_> {
    /// From the first step to the last.
    ///
    /// # Errors
    /// Who could not do what, as far as it got.
    pub async fn play(&self) -> Result<(), Stuck> {
        if self.flow.announced > 0 {
            let lines = json!([{"sku": self.sku, "quantity": self.flow.announced}]);
            let body = json!({"site": "reno", "due": "2027-01-15", "lines": lines});
            self.post(Role::Admin, "/stock/announcements", &format!("{}-announced", self.sku), &body).await?;
        }
        for (number, step) in self.flow.steps.iter().enumerate() {
            let said = self.step(*step, &format!("{}-{number}", self.sku)).await;
            said.map_err(|stuck| format!("step {} of {}, {step:?}: {stuck}", number + 1, self.flow.name))?;
        }
        Ok(())
    }

    async fn step(&self, step: Step, key: &str) -> Result<(), Stuck> {
        match step {
            Step::Place { quantity, price, card } => {
                self.post(Role::Store, "/orders", key, &self.cart(quantity, price, card)).await.map(drop)
            }
            Step::Channel => self.channel().await,
            Step::NameCard(card) => {
                self.wait("await-payment#0").await?;
                let path = self.order_path("/payments/1/method")?;
                self.post(Role::Store, &path, key, &json!({"method": card})).await.map(drop)
            }
            Step::Review(approve) => {
                self.wait("review#0").await?;
                let decision = if approve { "approve" } else { "reject" };
                let body = json!({"decision": decision, "note": "by the flow"});
                self.post(Role::Support, &self.order_path("/review")?, key, &body).await.map(drop)
            }
            Step::Fulfill(part) => {
                self.pick(part, None, &format!("{key}-pick")).await?;
                self.pack(part, &format!("{key}-pack")).await?;
                self.hand_over(part, &format!("{key}-hand-over")).await?;
                self.deliver(part).await
            }
            Step::Pick(part, found) => self.pick(part, found, key).await,
            Step::Pack(part) => self.pack(part, key).await,
            Step::HandOver(part) => self.hand_over(part, key).await,
            Step::Deliver(part) => self.deliver(part).await,
            Step::Cancel(event) => {
                self.event(event).await?;
                self.cancel(key).await
            }
            Step::CancelWaiting(wait) => {
                self.wait(wait).await?;
                self.cancel(key).await
            }
            Step::Refund => self.refund(key).await,
            Step::Dispute => self.dispute().await,
            Step::Receive(units) => {
                self.wait("await-stock#0").await?;
                let body = json!({"site": "reno", "lines": [{"sku": self.sku, "quantity": units}]});
                self.post(Role::Warehouse, "/stock/receipts", key, &body).await.map(drop)
            }
            Step::End(event) => self.event(event).await,
        }
    }

    fn cart(&self, quantity: u32, price: i64, card: &str) -> Value {
        let usd = |minor: i64| json!({"minor": minor, "currency": "USD"});
        let fill = if self.flow.announced > 0 { "ship_complete" } else { "fill_or_kill" };
        json!({
            "reference": format!("F-{}", self.run),
            "fill": fill,
            "currency": "USD",
            "customer": {"email": format!("shopper{}@example.com", self.run), "name": "Ada Example"},
            "ship_to": {"name": "Ada Example", "line1": "92 Chestnut Street", "city": "Louisville", "region": "KY",
                        "postal_code": "40202", "country": "US"},
            "lines": [{"sku": self.sku, "quantity": quantity, "unit_price": usd(price)}],
            "shipping": {"service": "standard", "price": usd(500)},
            "total": usd(price * i64::from(quantity) + 500),
            "payments": [{"method": card}],
        })
    }

    async fn channel(&self) -> Result<(), Stuck> {
        let id = 9_000_000 + self.run;
        let order = json!({
            "id": id, "name": format!("#F{}", self.run), "currency": "USD", "email": "grace@example.com",
            "financial_status": "authorized", "cancelled_at": null, "taxes_included": false, "total_price": "15.00",
            "total_tax": "0.00", "total_discounts": "0.00",
            "line_items": [{"sku": self.sku, "title": "An item", "quantity": 1, "price": "10.00"}],
            "shipping_lines": [{"price": "5.00"}],
            "shipping_address": {"name": "Grace Example", "address1": "1 Main Street", "address2": "", "city": "Columbus",
                "province_code": "OH", "zip": "43004", "country_code": "US", "phone": "614-555-0142"},
        });
        let message = json!({"tenant": self.local.tenant, "channel": "shopify-demo", "order": order}).to_string();
        let queue = self.local.stack.output("ChannelQueueUrl").map_err(|error| error.to_string())?;
        self.local.aws.send_message(queue, &message, &[]).await.map_err(|error| error.to_string())
    }

    async fn pick(&self, part: u16, found: Option<u32>, key: &str) -> Result<(), Stuck> {
        self.wait(&format!("pick#{part}")).await?;
        let order = self.order().await?;
        let parts = order["fulfillments"].as_array().cloned().unwrap_or_default();
        let lines = parts.iter().find(|known| known["number"] == part).map(|known| known["lines"].clone());
        let picked = |line: &Value| {
            let quantity = found.map_or_else(|| line["quantity"].clone(), Value::from);
            json!({"line": line["line"], "picked": quantity})
        };
        let lines: Vec<Value> = lines.as_ref().and_then(Value::as_array).into_iter().flatten().map(picked).collect();
        self.station(part, "pick", key, &json!({"lines": lines})).await
    }

    async fn pack(&self, part: u16, key: &str) -> Result<(), Stuck> {
        self.wait(&format!("pack#{part}")).await?;
        self.station(part, "pack", key, &json!({"carton": "BOX-S", "weight_grams": 900})).await
    }

    async fn hand_over(&self, part: u16, key: &str) -> Result<(), Stuck> {
        self.wait(&format!("hand-over#{part}")).await?;
        self.station(part, "hand-over", key, &json!({"manifest": "M-1"})).await
    }

    async fn station(&self, part: u16, step: &str, key: &str, body: &Value) -> Result<(), Stuck> {
        let path = self.order_path(&format!("/fulfillments/{part}/{step}"))?;
        self.post(Role::Warehouse, &path, key, body).await.map(drop)
    }

    async fn deliver(&self, part: u16) -> Result<(), Stuck> {
        let dispatched = |seen: &Seen| seen.events.iter().any(|event| is(event, "dispatched") && of(event) == part);
        self.until("dispatched", dispatched).await?;
        let labeled = |event: &&Value| is(event, "labeled") && of(event) == part;
        let code = self.hub.seen(self.run).events.iter().find(labeled).map(|event| event["event"]["label"].clone());
        let code = code.and_then(|label| label["tracking_code"].as_str().map(str::to_owned));
        let code = code.ok_or("the label has no tracking code")?;
        let deadline = Instant::now() + self.patience;
        // The carrier tries a webhook three times; staff of the carrier push the button again after that.
        while let Err(error) = self.local.partners.track(&code, "delivered").await {
            if Instant::now() > deadline {
                return Err(format!("the carrier's news are not taken: {error}"));
            }
            tokio::time::sleep(PAUSE).await;
        }
        let delivered = |seen: &Seen| {
            let tracked = |event: &&Value| is(event, "tracked") && event["event"]["status"] == "delivered";
            seen.events.iter().filter(tracked).any(|event| of(event) == part)
        };
        self.until("delivered", delivered).await
    }

    async fn cancel(&self, key: &str) -> Result<(), Stuck> {
        let body = json!({"reason": "changed their mind"});
        self.post(Role::Support, &self.order_path("/cancel")?, key, &body).await.map(drop)
    }

    async fn refund(&self, key: &str) -> Result<(), Stuck> {
        self.event("closed").await?;
        let total = json!({"minor": PRICE, "currency": "USD"});
        let body = json!({"lines": [{"line": 1, "quantity": 1}], "reason": "it was broken", "total": total});
        self.post(Role::Support, &self.order_path("/refunds")?, key, &body).await.map(drop)
    }

    async fn dispute(&self) -> Result<(), Stuck> {
        self.event("closed").await?;
        let order = self.hub.order(self.run).unwrap_or_default();
        let books = self.local.partners.stripe_books().await.map_err(|error| error.to_string())?;
        let intents = books["intents"].as_array().cloned().unwrap_or_default();
        let ours = |intent: &&Value| intent["metadata"]["order_id"] == order.as_str() && intent["captured"] != 0;
        let payment = intents.iter().find(ours).and_then(|intent| intent["id"].as_str()).unwrap_or_default();
        let opened = self.local.partners.dispute(payment, None).await.map_err(|error| error.to_string())?;
        self.event("dispute_opened").await?;
        let id = opened["id"].as_str().unwrap_or_default();
        self.local.partners.close_dispute(id, true).await.map_err(|error| error.to_string()).map(drop)
    }

    /// The order as support sees it.
    pub(crate) async fn order(&self) -> Result<Value, Stuck> {
        self.look(Role::Support, &self.order_path("")?).await
    }

    /// Reads a document; looks again while it is not answered.
    pub(crate) async fn look(&self, role: Role, path: &str) -> Result<Value, Stuck> {
        let mut last = String::new();
        for _ in 0..TURNS {
            match self.local.api.get(role, path).await {
                Ok(found) => return Ok(found),
                Err(error) => last = error.to_string(),
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(last)
    }

    /// Says something until it is answered.
    async fn post(&self, role: Role, path: &str, key: &str, body: &Value) -> Result<Value, Stuck> {
        let deadline = Instant::now() + self.patience;
        let mut turned_away = 0;
        loop {
            let call = Call::new(Method::POST, path).key(key).json(body);
            let last = match self.local.api.send(Some(role), call).await {
                Ok(answer) if (200..300).contains(&answer.status) => return Ok(answer.json()),
                Ok(answer) if answer.status >= 500 || answer.status == 429 => answer.text,
                Ok(answer) if answer.status == 409 && turned_away < TURNS => {
                    turned_away += 1;
                    answer.text
                }
                Ok(answer) => return Err(format!("POST {path} answered {}: {}", answer.status, answer.text)),
                Err(error) => error.to_string(),
            };
            if Instant::now() > deadline {
                return Err(format!("POST {path} was never answered: {last}"));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn order_path(&self, rest: &str) -> Result<String, Stuck> {
        let order = self.hub.order(self.run).ok_or("there is no order")?;
        Ok(format!("/orders/{order}{rest}"))
    }

    async fn wait(&self, wait: &str) -> Result<(), Stuck> {
        self.until(wait, |seen| seen.events.iter().any(|event| event["wait"] == wait)).await
    }

    async fn event(&self, kind: &str) -> Result<(), Stuck> {
        self.until(kind, |seen| seen.events.iter().any(|event| is(event, kind))).await
    }

    async fn until(&self, what: &str, wanted: impl Fn(&Seen) -> bool) -> Result<(), Stuck> {
        if self.hub.until(self.run, self.patience, wanted).await {
            return Ok(());
        }
        let seen = self.hub.seen(self.run);
        let last: Vec<String> =
            seen.events.iter().rev().take(3).map(|event| event["event"]["type"].to_string()).collect();
        Err(format!("waited in vain for {what}; last events: {}", last.join(", ")))
    }
}

/// Is it an event of that type?
pub(crate) fn is(event: &Value, kind: &str) -> bool {
    event["event"]["type"] == kind
}

/// The fulfillment order that an event is about.
fn of(event: &Value) -> u16 {
    event["event"]["fulfillment"].as_u64().and_then(|number| number.try_into().ok()).unwrap_or_default()
}
