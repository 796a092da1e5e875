//! The whole API as one OpenAPI 3.1 document, merged from what each HTTP function says of itself.

use crate::repository::Result;
use crate::template::Route;
use serde_json::{Value, json};
use utoipa::OpenApi as _;
use utoipa::openapi::security::{ClientCredentials, Flow, OAuth2, Scopes, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ContactBuilder, Info, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, ServerBuilder};

/// Where the document is kept.
pub const DOCUMENT: &str = "docs/openapi.json";

/// The header that makes a call repeatable.
const KEY: &str = "Idempotency-Key";

/// The methods OpenAPI knows.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Each HTTP function, by its folder, with its own document.
#[must_use]
pub fn parts() -> Vec<(&'static str, OpenApi)> {
    vec![
        ("place-order", place_order::Api::openapi()),
        ("query-orders", query_orders::Api::openapi()),
        ("command-orders", command_orders::Api::openapi()),
        ("catalog", catalog::Api::openapi()),
        ("stock", stock::Api::openapi()),
        ("accounts", accounts::Api::openapi()),
        ("carrier-webhook", carrier_webhook::Api::openapi()),
        ("payments", payments::Api::openapi()),
    ]
}

/// The document.
///
/// # Errors
/// Two functions describe one name differently: merging would lose one of them without a word.
pub fn document() -> Result<OpenApi> {
    let parts: Vec<OpenApi> = parts().into_iter().map(|(_, part)| part).collect();
    agree(&parts)?;
    let mut whole = parts.into_iter().fold(frame(), OpenApi::merge_from);
    whole.components.get_or_insert_default().add_security_scheme("oauth2", oauth2());
    let mut whole = serde_json::to_value(whole)?;
    for operation in operations_mut(&mut whole) {
        complete(operation);
    }
    Ok(serde_json::from_value(whole)?)
}

/// The document as it is kept: pretty, with a last line break.
///
/// # Errors
/// As [`document`].
pub fn text() -> Result<String> {
    Ok(document()?.to_pretty_json()? + "\n")
}

fn operations_mut(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten();
    let items = paths.filter_map(|(_, item)| item.as_object_mut());
    items.flatten().filter(|(method, _)| METHODS.contains(&method.as_str())).map(|(_, operation)| operation)
}

/// What every operation may answer besides what it says of itself, and a description wherever it gave none.
fn complete(operation: &mut Value) {
    let has_body = operation.get("requestBody").is_some();
    let is_secured = operation.get("security").is_some();
    let needs_key = operation["parameters"].as_array().is_some_and(|all| all.iter().any(|one| one["name"] == KEY));
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    let common = [
        ("400", has_body || needs_key, "A header or the body cannot be read"),
        (
            "401",
            is_secured,
            "No valid token, or a client nobody knows; without a token the answer is the gateway's own",
        ),
        (
            "403",
            is_secured,
            "The token's scopes or the client do not allow it; for scopes the answer is the gateway's own",
        ),
        ("413", has_body, "More than 200 KB"),
        ("default", true, "Not available now, and the same call may be repeated; or our mistake, which is logged"),
    ];
    for (status, applies, description) in common {
        if applies {
            let problem = json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
            let response = json!({"description": description, "content": problem});
            responses.entry(status).or_insert(response);
        }
    }
    for (status, response) in responses {
        if response["description"].as_str().unwrap_or_default().is_empty() {
            response["description"] = json!(meaning(status));
        }
    }
}

fn meaning(status: &str) -> &'static str {
    match status {
        "200" => "Done, or as it is",
        "201" => "Made",
        "400" => "The request cannot be read",
        "401" => "The caller is not known",
        "404" => "There is none, or it is another tenant's",
        "409" => "Not allowed in the present state",
        "422" => "A field breaks a rule, or the Idempotency-Key was used with another body",
        _ => "A problem",
    }
}

fn frame() -> OpenApi {
    let tag = |name: &str, description: &str| TagBuilder::new().name(name).description(Some(description)).build();
    let server = ServerBuilder::new()
        .url("https://{api}.execute-api.{region}.amazonaws.com")
        .description(Some("The stack's ApiUrl output"))
        .parameter("api", utoipa::openapi::server::ServerVariableBuilder::new().default_value("api-id"))
        .parameter("region", utoipa::openapi::server::ServerVariableBuilder::new().default_value("us-east-1"));
    OpenApiBuilder::new()
        .info(info())
        .servers(Some([server.build()]))
        .tags(Some([
            tag("orders", "Placing, reading and cancelling orders"),
            tag("warehouse", "Work of the stations: pick, pack, hand over"),
            tag("support", "Reviews, refunds and exceptions"),
            tag("accounts", "Net terms, store credit and gift cards"),
            tag("catalog", "Master data"),
            tag("stock", "What there is, comes in, leaves for another site, is put right and counted"),
            tag("webhooks", "News from partners, signed by them"),
        ]))
        .build()
}

fn info() -> Info {
    let description = "Order processing from placed to delivered.\n\nEvery error our code answers is problem+json \
        (RFC 9457) with a stable `type`; the gateway's own 401, 403 and 413 are plain. Every POST with an effect needs an \
        `Idempotency-Key`: the same key with the same body gets the same answer, byte for byte; with another body 422. \
        Unknown fields are refused. Amounts are integers in minor units.";
    InfoBuilder::new()
        .title("Waybill")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(description))
        .contact(Some(ContactBuilder::new().name(Some("Waybill")).build()))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build()
}

fn oauth2() -> SecurityScheme {
    let scopes = Scopes::from_iter([
        ("waybill/store", "Places orders and reads them"),
        ("waybill/warehouse", "Picks, packs and hands over"),
        ("waybill/support", "Reviews, cancels, refunds and resolves"),
        ("waybill/admin", "Keeps the master data"),
    ]);
    let token = "https://{domain}.auth.{region}.amazoncognito.com/oauth2/token";
    let flow = Flow::ClientCredentials(ClientCredentials::new(token, scopes));
    SecurityScheme::OAuth2(OAuth2::with_description([flow], "App clients of the stack's user pool; TokenUrl output"))
}

/// Components of one name are one thing.
fn agree(parts: &[OpenApi]) -> Result<()> {
    let mut known = serde_json::Map::new();
    for part in parts {
        let part = serde_json::to_value(part)?;
        for (name, schema) in part["components"]["schemas"].as_object().into_iter().flatten() {
            match known.get(name) {
                Some(earlier) if earlier != schema => {
                    return Err(format!("two functions describe the schema {name} differently").into());
                }
                Some(_) => {}
                None => {
                    known.insert(name.clone(), schema.clone());
                }
            }
        }
    }
    Ok(())
}

/// The routes a document describes, sorted, as answered by `function`.
#[must_use]
pub fn routes(document: &Value, function: &str) -> Vec<Route> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, item)| {
        let methods = METHODS.into_iter().filter(|method| item.get(*method).is_some());
        methods.map(move |method| (path, method, &item[method]))
    });
    let mut routes: Vec<Route> = operations
        .map(|(path, method, operation)| Route {
            key: format!("{} {path}", method.to_uppercase()),
            function: function.to_owned(),
            scopes: scopes(operation),
        })
        .collect();
    routes.sort();
    routes
}

/// The scopes of which one suffices. An alternative that needs two scopes at once would show as one with a space.
fn scopes(operation: &Value) -> Vec<String> {
    let alternatives = operation["security"].as_array().into_iter().flatten();
    let mut scopes: Vec<String> = alternatives
        .map(|alternative| {
            let needed = alternative["oauth2"].as_array().into_iter().flatten().filter_map(Value::as_str);
            needed.collect::<Vec<_>>().join(" ")
        })
        .collect();
    scopes.sort();
    scopes
}

/// A schema with its reference followed.
#[must_use]
pub fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => document.pointer(pointer).unwrap_or(&Value::Null),
        // `Option<T>` of a component is `oneOf: [null, $ref]`.
        None => match schema["oneOf"].as_array().and_then(|any| any.iter().find(|one| one["type"] != "null")) {
            Some(one) => resolved(document, one),
            None => schema,
        },
    }
}
