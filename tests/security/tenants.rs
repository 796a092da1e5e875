//! Tenants and their tokens: genuine ones, and those that are not.

use crate::world::number;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use waybill_harness::Local;
use waybill_harness::api::{Role, Tokens, token};
use waybill_harness::aws::COGNITO;
use waybill_harness::seed;
use waybill_harness::tools::Tools;
use waybill_harness::workspace::Workspace;

/// Signs what it reads with the RSA key in the file named, as RS256 has it, with the local AWS's own library.
const SIGNER: &str = "
import base64, sys
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
with open(sys.argv[1], 'rb') as file:
    key = serialization.load_pem_private_key(file.read(), None)
signature = key.sign(sys.stdin.buffer.read(), padding.PKCS1v15(), hashes.SHA256())
sys.stdout.write(base64.urlsafe_b64encode(signature).rstrip(b'=').decode())
";

/// A merchant with a token for each role.
#[derive(Clone, Debug)]
pub struct Tenant {
    pub name: String,
    pub tokens: Tokens,
}

/// What an operator does for a second merchant: app clients of its own, let in by the authorizer and known to the catalog,
/// and its master data.
pub async fn onboard(local: &Local, name: &str) -> Tenant {
    let table = local.stack.output("CatalogTableName").unwrap();
    let (mut tokens, mut clients) = (Tokens::new(), Vec::new());
    for role in Role::ALL {
        let client = app_client(local, role).await;
        let record = json!({"id": client, "tenant": name, "role": role.name(), "store": "demo"});
        let item = json!({"pk": {"S": format!("CLIENT#{client}")}, "sk": {"S": "CLIENT"},
                          "body": {"S": record.to_string()}});
        local.aws.put_item(table, &item).await.unwrap();
        tokens.insert(role, token(&local.aws, &local.stack, role, &client).await.unwrap());
        clients.push(client);
    }
    let_in(local, &clients).await;
    let workspace = Workspace::find().unwrap();
    seed::catalog(&local.aws, &workspace, &local.stack, name).await.unwrap();
    Tenant { name: name.to_owned(), tokens }
}

/// A new app client of the pool with the scope of `role`.
pub async fn app_client(local: &Local, role: Role) -> String {
    let asked = json!({
        "UserPoolId": local.stack.output("UserPoolId").unwrap(), "ClientName": format!("{role}-{}", number()),
        "GenerateSecret": true, "AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthFlows": ["client_credentials"],
        "AllowedOAuthScopes": [format!("waybill/{role}")],
    });
    let made = local.aws.call(COGNITO, "CreateUserPoolClient", &asked).await.unwrap();
    made["UserPoolClient"]["ClientId"].as_str().unwrap().to_owned()
}

/// Adds app clients to the authorizer's audience.
async fn let_in(local: &Local, clients: &[String]) {
    let api = local.stack.output("ApiId").unwrap();
    let path = format!("/v2/apis/{api}/authorizers");
    let ask = async |method, path: &str, body: &Value| local.aws.rest("apigateway", method, path, body).await.unwrap();
    let found = ask(reqwest::Method::GET, &path, &Value::Null).await;
    let authorizer = found["items"].get(0).or(found["Items"].get(0)).unwrap_or_else(|| panic!("{found}")).clone();
    let field = |name: &str| authorizer.get(name).cloned().unwrap_or_default();
    let mut configuration = field("jwtConfiguration");
    let audience = if configuration["audience"].is_array() { "audience" } else { "Audience" };
    configuration[audience].as_array_mut().unwrap().extend(clients.iter().map(|client| json!(client)));
    let path = format!("{path}/{}", field("authorizerId").as_str().unwrap());
    ask(reqwest::Method::PATCH, &path, &json!({"jwtConfiguration": configuration})).await;
}

/// Tokens that must not let anybody in, each with what is wrong with it.
pub async fn false_tokens(local: &Local, role: Role) -> Vec<(&'static str, String)> {
    let good = local.api.tokens()[&role].clone();
    let (head, claims) = opened(&good);
    let with = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        claims
    };
    let (iat, exp) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    let mut old = with("exp", json!(iat - 1));
    old["iat"] = json!(iat - 3_600);
    old["auth_time"] = json!(iat - 3_600);
    let early = with("iat", json!(exp));
    let signature = good.rsplit('.').next().unwrap().to_owned();
    let unsigned = |head: &Value, claims: &Value, signature: &str| format!("{}.{signature}", written(head, claims));
    let unknown = app_client(local, role).await;
    let admin = with("scope", json!("waybill/store waybill/warehouse waybill/support waybill/admin"));
    vec![
        ("a forged signature", format!("{}AAAA", &good[..good.len() - 4])),
        ("no signature", unsigned(&head, &claims, "")),
        ("claims changed after signing", unsigned(&head, &admin, &signature)),
        ("the algorithm none", unsigned(&json!({"alg": "none", "kid": head["kid"]}), &claims, "")),
        ("an unknown key", unsigned(&json!({"alg": "RS256", "kid": "nobody's"}), &claims, &signature)),
        ("an expired token, rightly signed", signed(local, &head, &old)),
        ("a token of tomorrow, rightly signed", signed(local, &head, &early)),
        ("another pool's, rightly signed", signed(local, &head, &with("iss", json!("https://example.com/pool")))),
        ("a client the authorizer does not admit", token(&local.aws, &local.stack, role, &unknown).await.unwrap()),
        ("no token at all", "nonsense".to_owned()),
    ]
}

/// The same token, signed anew by the same means as the false ones: it must let in.
pub fn signed_anew(local: &Local, role: Role) -> String {
    let (head, claims) = opened(&local.api.tokens()[&role]);
    signed(local, &head, &claims)
}

fn opened(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap_or_default());
    let mut next = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (next(), next())
}

fn written(head: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(head), part(claims))
}

/// Signed with the pool's own key, which the local AWS keeps in a file.
fn signed(local: &Local, head: &Value, claims: &Value) -> String {
    let workspace = Workspace::find().unwrap();
    let run = workspace.local("run").join(local.logs.file_name().unwrap());
    let pool = local.stack.output("UserPoolId").unwrap();
    let key = run.join("state/cognito-pool-keys").join(format!("{pool}-access.pem"));
    assert!(key.is_file(), "{} is not there", key.display());
    let python: PathBuf = Tools::of(&workspace).folder().join("local/bin/python3");
    let mut signer = Command::new(python);
    let signer = signer.arg("-c").arg(SIGNER).arg(key).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut signer = signer.spawn().unwrap();
    let text = written(head, claims);
    signer.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let told = signer.wait_with_output().unwrap();
    assert!(told.status.success());
    format!("{text}.{}", String::from_utf8(told.stdout).unwrap())
}
