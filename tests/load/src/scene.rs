//! A local AWS with items to order, and what its callers do.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use waybill_harness::api::{Answer, Api, Call, Method, Role, tokens};
use waybill_harness::{Error, Local, Result};

/// What one unit costs, in cents.
const PRICE: i64 = 1_000;
/// What a unit costs that support has to look at, in cents.
const DEAR: i64 = 600_000;
/// What shipping costs, in cents.
const SHIPPING: i64 = 500;
/// The site that has the goods.
pub const SITE: &str = "reno";

/// A local AWS and the items that are ordered from it. One local AWS may have several scenes, one after the other.
#[derive(Debug)]
pub struct Scene {
    /// The local AWS.
    pub local: Arc<Local>,
    /// The items; orders take them in turn.
    pub items: Vec<String>,
    /// Units of each at the beginning.
    pub units: u32,
    name: String,
    api: RwLock<Api>,
}

/// What kind of order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Nobody but the warehouse has to do anything.
    Plain,
    /// So dear that support has to look at it.
    Dear,
    /// The shopper's bank asks for 3-D Secure.
    Secured,
    /// What it is of has been announced and is not here.
    Late,
}

/// How the store fared that posted an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placed {
    /// 201, with the order's id.
    Accepted(String),
    /// Any other status.
    Refused(u16),
    /// No answer, and why.
    Unanswered(&'static str),
}

impl Scene {
    /// Makes `items` new items with `units` each. Another name is another scene, with items and orders of its own.
    ///
    /// # Errors
    /// When the API refuses an item.
    pub async fn set(local: Arc<Local>, name: &str, (items, units): (usize, u32)) -> Result<Arc<Self>> {
        let api = local.api.clone();
        let items: Vec<String> = (1..=items).map(|number| format!("{name}-{number:03}")).collect();
        for sku in &items {
            api.put(Role::Admin, &format!("/catalog/items/{sku}"), &item(sku)).await?;
            api.put(Role::Admin, &format!("/stock/{sku}/{SITE}"), &json!({"on_hand": units})).await?;
        }
        Ok(Arc::new(Self { local, items, units, name: name.to_owned(), api: RwLock::new(api) }))
    }

    /// The API with tokens that are good.
    pub fn api(&self) -> Api {
        self.api.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks for new tokens: they are good for an hour.
    ///
    /// # Errors
    /// When they are refused.
    pub async fn renew_tokens(&self) -> Result<()> {
        let Local { aws, stack, .. } = &*self.local;
        let renewed = Api::new(aws, stack, tokens(aws, stack).await?)?;
        *self.api.write().unwrap_or_else(PoisonError::into_inner) = renewed;
        Ok(())
    }

    /// The store posts the order of this number; the same number is the same order.
    pub async fn place(&self, number: usize) -> Placed {
        self.place_as(number, Wish::Plain).await
    }

    /// As [`Scene::place`], of a kind.
    pub async fn place_as(&self, number: usize, wish: Wish) -> Placed {
        let of_many = || number.checked_rem(self.items.len()).and_then(|at| self.items.get(at)).cloned();
        let sku = if wish == Wish::Late { self.late_item() } else { of_many().unwrap_or_default() };
        let call = Call::new(Method::POST, "/orders").key(format!("{}-{number}", self.name));
        let call = call.json(&cart(number, &sku, wish));
        placed(&self.api().send(Some(Role::Store), call).await)
    }

    /// The item of orders that are [`Wish::Late`].
    fn late_item(&self) -> String {
        format!("{}-LATE", self.name)
    }

    /// Makes the item of late orders, and announces `units` of it.
    ///
    /// # Errors
    /// When the API refuses.
    pub async fn announce(&self, units: u32) -> Result<()> {
        let (api, sku) = (self.api(), self.late_item());
        let mut record = item(&sku);
        record["backorder"] = "backorder".into();
        api.put(Role::Admin, &format!("/catalog/items/{sku}"), &record).await?;
        let announced = json!({"site": SITE, "due": "2027-06-01", "lines": [{"sku": sku, "quantity": units}]});
        api.post(Role::Admin, "/stock/announcements", &format!("{sku}-announced"), &announced).await.map(drop)
    }

    /// A unit of the late item comes in for the order of this id, once however often it is said.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn receive_for(&self, id: &str) -> Result<()> {
        let receipt = json!({"site": SITE, "lines": [{"sku": self.late_item(), "quantity": 1}]});
        let call = Call::new(Method::POST, "/stock/receipts").key(format!("{id}-received")).json(&receipt);
        self.api().send(Some(Role::Warehouse), call).await.map(drop)
    }

    /// One order as support sees it.
    ///
    /// # Errors
    /// When it is not shown.
    pub async fn order(&self, id: &str) -> Result<Value> {
        self.api().get(Role::Support, &format!("/orders/{id}")).await
    }

    /// Every order there is, answered to its caller or not: its id, and when its first event was, in milliseconds since
    /// the epoch.
    ///
    /// # Errors
    /// When the table is not shown.
    pub async fn first_events(&self) -> Result<BTreeMap<String, i64>> {
        let table = self.local.stack.output("OrdersTableName")?;
        let items = self.local.aws.scan(table).await?;
        let first = items.iter().filter(|item| item["sk"]["S"] == "EVENT#000001");
        first.map(first_event).collect()
    }
}

fn first_event(item: &Value) -> Result<(String, i64)> {
    let odd = || Error::Setup(format!("a first event of another shape: {}", item["pk"]));
    let (_, id) = item["pk"]["S"].as_str().and_then(|pk| pk.rsplit_once("#ORDER#")).ok_or_else(odd)?;
    let body: Value = serde_json::from_str(item["body"]["S"].as_str().unwrap_or_default()).map_err(|_| odd())?;
    let at: jiff::Timestamp = body["at"].as_str().and_then(|at| at.parse().ok()).ok_or_else(odd)?;
    Ok((id.to_owned(), at.as_millisecond()))
}

fn placed(answer: &Result<Answer>) -> Placed {
    match answer {
        Ok(answer) if answer.status == 201 => match answer.json()["id"].as_str() {
            Some(id) => Placed::Accepted(id.to_owned()),
            None => Placed::Unanswered("an answer without an id"),
        },
        Ok(answer) => Placed::Refused(answer.status),
        Err(Error::Http { source, .. }) if source.is_timeout() => Placed::Unanswered("timed out"),
        Err(Error::Http { source, .. }) if source.is_connect() => Placed::Unanswered("no connection"),
        Err(_) => Placed::Unanswered("connection cut"),
    }
}

fn usd(minor: i64) -> Value {
    json!({"minor": minor, "currency": "USD"})
}

/// One unit of `sku`.
fn item(sku: &str) -> Value {
    json!({"sku": sku, "title": "An item under load", "length_mm": 100, "width_mm": 80, "height_mm": 60,
           "weight_grams": 250, "prices": [usd(PRICE)]})
}

fn cart(number: usize, sku: &str, wish: Wish) -> Value {
    let (price, payment) = match wish {
        Wish::Plain | Wish::Late => (PRICE, json!({"method": "pm_card_visa"})),
        Wish::Dear => (DEAR, json!({"method": "pm_card_visa"})),
        Wish::Secured => {
            (PRICE, json!({"method": "pm_card_authenticationRequired", "return_url": "https://shop.example.com/back"}))
        }
    };
    let fill = if wish == Wish::Late { "ship_complete" } else { "fill_or_kill" };
    json!({
        "reference": format!("{sku}-{number}"),
        "fill": fill,
        "currency": "USD",
        "customer": {"email": format!("shopper{number}@example.com"), "name": "Ada Example"},
        "ship_to": {"name": "Ada Example", "line1": "92 Chestnut Street", "city": "Louisville", "region": "KY",
                    "postal_code": "40202", "country": "US"},
        "lines": [{"sku": sku, "quantity": 1, "unit_price": usd(price)}],
        "shipping": {"service": "standard", "price": usd(SHIPPING)},
        "total": usd(price + SHIPPING),
        "payments": [payment],
    })
}
