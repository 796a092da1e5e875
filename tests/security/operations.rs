//! What the API's document says may be called, and calls made from it. A route added later joins by itself, or fails here
//! because nobody said which record its path names.

use serde_json::{Map, Value, json};
use waybill_tests::openapi::{self, resolved};
use waybill_tests::repository;

/// A record for each parameter of a path, and what else a sample names.
#[derive(Clone, Debug)]
pub struct Records {
    pub order: String,
    pub document: String,
    pub announcement: String,
    pub count: String,
    pub account: String,
    pub sku: String,
    pub site: String,
    pub tenant: String,
}

/// An operation of the document.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `POST`.
    pub method: String,
    /// `/orders/{id}/cancel`.
    pub path: String,
    /// Of which one suffices; none for a webhook.
    pub scopes: Vec<String>,
    parameters: Vec<Value>,
    /// The body's schema, if it takes one.
    pub schema: Option<Value>,
}

pub fn document() -> Value {
    serde_json::to_value(openapi::document().unwrap()).unwrap()
}

/// Every operation of `document`.
pub fn operations(document: &Value) -> Vec<Operation> {
    let routes = openapi::routes(document, "").into_iter();
    let operation = |route: waybill_tests::template::Route| {
        let (method, path) = route.key.split_once(' ').unwrap();
        let told = &document["paths"][path][method.to_lowercase()];
        let content = told["requestBody"]["content"].as_object();
        Operation {
            method: method.to_owned(),
            path: path.to_owned(),
            scopes: route.scopes,
            parameters: told["parameters"].as_array().cloned().unwrap_or_default(),
            schema: content.and_then(|kinds| kinds.values().next()).map(|kind| kind["schema"].clone()),
        }
    };
    routes.map(operation).collect()
}

impl Operation {
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub fn is_webhook(&self) -> bool {
        self.path.starts_with("/webhooks/")
    }

    pub fn needs_key(&self) -> bool {
        self.parameters.iter().any(|one| one["name"] == "Idempotency-Key")
    }

    /// The parameters of its query.
    pub fn query(&self) -> Vec<&str> {
        let of_query = self.parameters.iter().filter(|one| one["in"] == "query");
        of_query.map(|one| one["name"].as_str().unwrap()).collect()
    }

    /// The parameters of its path.
    pub fn holes(&self) -> Vec<&str> {
        self.path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    /// Which record a parameter of the path names.
    ///
    /// # Panics
    /// For a parameter nobody has said this of.
    pub fn record<'r>(&self, hole: &str, records: &'r Records) -> &'r str {
        let root = self.path.trim_start_matches('/').split('/').next().unwrap();
        match (root, hole) {
            ("orders", "id") => &records.order,
            ("stock", "id") if self.path.starts_with("/stock/announcements/") => &records.announcement,
            ("stock", "id") if self.path.starts_with("/stock/counts/") => &records.count,
            ("stock", "id") => &records.document,
            ("accounts", "id") => &records.account,
            ("catalog", "id") | (_, "sku") => &records.sku,
            (_, "site") => &records.site,
            (_, "tenant") => &records.tenant,
            ("accounts", "kind") => "store_credit",
            ("catalog", "kind") => "items",
            (_, "n") => "1",
            _ => panic!("{}: say in Operation::record which record {{{hole}}} names", self.path),
        }
    }

    /// The path with its parameters filled in.
    pub fn path_of(&self, fill: impl Fn(&str) -> String) -> String {
        let filled = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(hole) => fill(hole),
            None => part.to_owned(),
        };
        self.path.split('/').map(filled).collect::<Vec<_>>().join("/")
    }

    /// What must be asked for, as a query; empty, or with its question mark.
    pub fn required_query(&self, records: &Records) -> String {
        let required = self.parameters.iter().filter(|one| one["in"] == "query" && one["required"] == true);
        let pairs: Vec<String> = required
            .map(|one| {
                let name = one["name"].as_str().unwrap();
                format!("{name}={}", known(name, records).unwrap_or_else(|| panic!("{}?{name}: of what?", self.path)))
            })
            .collect();
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    }

    /// A body that is read without complaint.
    pub fn body(&self, document: &Value, records: &Records) -> Option<Value> {
        let schema = self.schema.as_ref()?;
        if self.key() == "POST /orders" {
            // Its amounts must add up, which no schema says.
            return repository::json("tests/events/place-order-body.json").ok();
        }
        if self.path.starts_with("/catalog/") {
            return Some(json!({"sku": records.sku, "title": "An item", "length_mm": 100, "width_mm": 80,
                "height_mm": 60, "weight_grams": 250}));
        }
        Some(sample(document, schema, "", records))
    }
}

/// What a field of that name holds in any sample.
fn known(name: &str, records: &Records) -> Option<String> {
    let text = match name {
        "sku" => &records.sku,
        "site" | "from" => &records.site,
        "to" => "columbus",
        "queue" => "pick",
        "carton" => "BOX-S",
        "currency" => "USD",
        _ => return None,
    };
    Some(text.to_owned())
}

/// A value of `schema`: what is required, what the document gives an example of, and the item it is about.
fn sample(document: &Value, schema: &Value, name: &str, records: &Records) -> Value {
    let example = schema["examples"].get(0).or(schema["enum"].get(0)).cloned();
    let schema = resolved(document, schema);
    if let Some(value) = example.or_else(|| schema["enum"].get(0).cloned()) {
        return value;
    }
    match kind(schema) {
        "object" => match schema["properties"].as_object() {
            None if schema["additionalProperties"] == false => json!({}),
            None => json!({"minor": 100, "currency": "USD"}),
            Some(fields) => {
                let required: Vec<&str> =
                    schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                let wanted = |name: &str, field: &Value| {
                    required.contains(&name) || field.get("examples").is_some() || name == "sku"
                };
                let fields = fields.iter().filter(|(name, field)| wanted(name, field));
                Value::Object(
                    fields
                        .map(|(name, field)| (name.clone(), sample(document, field, name, records)))
                        .collect::<Map<_, _>>(),
                )
            }
        },
        "array" => json!([sample(document, &schema["items"], name, records)]),
        // What a small carton with something in it weighs.
        "integer" if name == "weight_grams" => json!(900),
        "integer" => json!(schema["minimum"].as_i64().unwrap_or(1).max(1)),
        "boolean" => json!(true),
        "string" if schema["format"] == "date" => json!("2027-06-01"),
        "string" => json!(known(name, records).unwrap_or_else(|| "text".to_owned())),
        other => panic!("{name}: a sample of {other}"),
    }
}

/// The type of a schema; of several, the first that is not null.
pub fn kind(schema: &Value) -> &str {
    let told = &schema["type"];
    let several = told.as_array().map_or(std::slice::from_ref(told), Vec::as_slice);
    several.iter().filter_map(Value::as_str).find(|one| *one != "null").unwrap_or("")
}

/// May a value of `schema` be null?
pub fn is_nullable(schema: &Value) -> bool {
    let null = |one: &Value| *one == "null" || one["type"] == "null";
    schema["type"].as_array().or(schema["oneOf"].as_array()).is_some_and(|several| several.iter().any(null))
}
