//! The names that the API gives things, in one place.

use serde_json::{Value, json};

/// The message on the channel queue.
pub fn channel_message(tenant: &str, channel: &str, order: &Value) -> Value {
    json!({"channel": channel, "tenant": tenant, "order": order})
}

/// The ids in a page of orders.
pub fn listed(page: &Value) -> Vec<String> {
    let items = page["orders"].as_array().into_iter().flatten();
    items.filter_map(|order| order["id"].as_str()).map(str::to_owned).collect()
}

/// The id in the answer to a placed order.
pub fn placed(confirmation: &Value) -> Option<String> {
    confirmation["id"].as_str().map(str::to_owned)
}

/// One order as the API shows it.
#[derive(Debug)]
pub struct Order<'a>(pub &'a Value);

impl<'a> Order<'a> {
    /// One of `status`, `payment_status`, `fulfillment_status`.
    pub fn axis(&self, name: &str) -> &'a str {
        self.0[name].as_str().unwrap_or("unknown")
    }

    /// Whether the shopper has everything.
    pub fn is_delivered(&self) -> bool {
        self.axis("fulfillment_status") == "delivered"
    }

    /// Whether nobody is waited for anymore.
    pub fn is_over(&self) -> bool {
        matches!(self.axis("status"), "closed" | "cancelled")
    }

    /// Its fulfillment orders.
    pub fn fulfillments(&self) -> Vec<Fulfillment<'a>> {
        self.0["fulfillments"].as_array().into_iter().flatten().map(Fulfillment).collect()
    }

    /// Where it stands, in one line.
    pub fn summary(&self) -> String {
        let axes = ["status", "payment_status", "fulfillment_status"].map(|name| self.axis(name));
        let parts: Vec<String> = self
            .fulfillments()
            .iter()
            .map(|fulfillment| format!("#{} {}", fulfillment.number(), fulfillment.status()))
            .collect();
        format!("{} · {}", axes.join(", "), parts.join(", "))
    }
}

/// What one site ships of an order.
#[derive(Clone, Copy, Debug)]
pub struct Fulfillment<'a>(&'a Value);

impl<'a> Fulfillment<'a> {
    /// Its number in the order.
    pub fn number(self) -> u64 {
        self.0["number"].as_u64().unwrap_or_default()
    }

    /// Its state.
    pub fn status(self) -> &'a str {
        self.0["status"].as_str().unwrap_or("unknown")
    }

    /// The parcel's tracking code, once there is a label.
    pub fn tracking_code(self) -> Option<&'a str> {
        self.0["shipment"]["tracking_code"].as_str()
    }

    /// What staff does next with it: the last part of the path and the body.
    pub fn next_step(self) -> Option<(&'static str, Value)> {
        match self.status() {
            "open" | "picking" => Some(("pick", json!({"lines": self.picked_in_full()}))),
            "picked" | "packing" => Some(("pack", json!({"carton": "BOX-S", "weight_grams": 1234}))),
            "labeled" => Some(("hand-over", json!({"manifest": "M-1"}))),
            _ => None,
        }
    }

    fn picked_in_full(self) -> Vec<Value> {
        let lines = self.0["lines"].as_array().into_iter().flatten();
        lines.map(|line| json!({"sku": line["sku"], "picked": line["quantity"]})).collect()
    }
}

/// What support asks for when one unit of the first line came back broken.
pub fn refund_of_one_unit() -> Value {
    json!({"lines": [{"line": 1, "quantity": 1}], "reason": "arrived broken"})
}

/// What a preview says that a refund comes to.
pub fn refund_total(preview: &Value) -> Value {
    preview["refund"]["total"].clone()
}

/// The accounts of a proof that are not empty: name, minor units, currency.
pub fn balances(proof: &Value) -> Vec<(String, i64, String)> {
    let balances = proof["balances"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let row = |one: &Value| {
        let amount = &one["amount"];
        (text(&one["account"]), amount["minor"].as_i64().unwrap_or_default(), text(&amount["currency"]))
    };
    balances.map(row).collect()
}

/// What a proof comes to, in one line.
pub fn verdict(proof: &Value) -> String {
    let count = |name: &str| proof[name].as_array().map_or(0, Vec::len);
    let (entries, equations) = (count("entries"), count("equations"));
    if proof["holds"] == true {
        return format!("proven: {entries} chained entries balance, {equations} equations hold");
    }
    format!("NOT PROVEN: {}", proof["differences"])
}

/// A timeline's events.
pub fn events(timeline: &Value) -> Vec<Value> {
    timeline["events"].as_array().cloned().unwrap_or_default()
}
