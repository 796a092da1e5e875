//! Which package may depend on which: `functions → {lambda, aws, gateways} → domain`, and `functions → payments → lambda`.

use super::Findings;
use crate::repository::{self, Result};
use std::collections::BTreeSet;

/// What the domain may use: values, text formats, hashing. Nothing that talks.
pub const DOMAIN_MAY_USE: [&str; 8] =
    ["email_address", "jiff", "keshvar", "rusty-money", "serde", "serde_json", "sha2", "thiserror"];

/// The one function another may use: the sweeper repeats what the relay missed, by the relay's own code.
const FUNCTION_TO_FUNCTION: [(&str, &str); 1] = [("sweep", "relay")];

/// A package and what it depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// `functions/relay`.
    pub folder: String,
    /// Its name.
    pub name: String,
    /// What it ships with.
    pub uses: BTreeSet<String>,
    /// What only its tests use.
    pub tests_use: BTreeSet<String>,
}

/// What a package is in the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Domain,
    Lambda,
    /// What several functions decide about money: it stands between them and what every entry point shares.
    Payments,
    Aws,
    Gateways,
    Testkit,
    Function,
    Partners,
    Harness,
    Tests,
    Xtask,
}

/// Every package of the workspace.
///
/// # Errors
/// A manifest cannot be read.
pub fn packages() -> Result<Vec<Package>> {
    let mut folders: Vec<String> =
        ["tests", "tests/faults", "tests/flash", "tests/harness", "tests/load", "tests/partners", "xtask"]
            .map(str::to_owned)
            .into();
    for group in ["functions", "shared"] {
        folders.extend(repository::folders(group)?.into_iter().map(|name| format!("{group}/{name}")));
    }
    folders.into_iter().map(|folder| package(&folder)).collect()
}

fn package(folder: &str) -> Result<Package> {
    let manifest = repository::toml(&format!("{folder}/Cargo.toml"))?;
    let name = manifest.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
    let name = name.ok_or_else(|| format!("{folder}/Cargo.toml names no package"))?.to_owned();
    let table = |key: &str| {
        let table = manifest.get(key).and_then(toml::Value::as_table);
        table.map(|table| table.keys().cloned().collect::<BTreeSet<_>>()).unwrap_or_default()
    };
    let uses = table("dependencies").union(&table("build-dependencies")).cloned().collect();
    Ok(Package { folder: folder.to_owned(), name, uses, tests_use: table("dev-dependencies") })
}

/// Every edge that is not allowed.
#[must_use]
pub fn forbidden_edges(packages: &[Package]) -> Findings {
    let kind_of = |name: &str| packages.iter().find(|package| package.name == name).and_then(Package::kind);
    let mut found = Vec::new();
    for package in packages {
        let Some(kind) = package.kind() else {
            found.push(format!("{} stands in no known folder", package.folder));
            continue;
        };
        for used in &package.uses {
            let excepted = FUNCTION_TO_FUNCTION.contains(&(package.name.as_str(), used.as_str()));
            let fine = match kind_of(used) {
                Some(target) => excepted || may_use(kind, target),
                None => may_use_outside(kind, used),
            };
            if !fine {
                found.push(format!("{} must not depend on {used}", package.name));
            }
        }
        let tests_use =
            package.tests_use.iter().filter(|used| kind_of(used).is_some_and(|to| !tests_may_use(kind, to)));
        found.extend(tests_use.map(|used| format!("the tests of {} must not depend on {used}", package.name)));
    }
    found
}

fn may_use(from: Kind, to: Kind) -> bool {
    match from {
        Kind::Domain | Kind::Partners => false,
        // What cuts the fake partners' connections cuts the proxy's too.
        Kind::Harness => to == Kind::Partners,
        Kind::Lambda | Kind::Aws | Kind::Gateways | Kind::Testkit => to == Kind::Domain,
        Kind::Payments => matches!(to, Kind::Domain | Kind::Lambda),
        Kind::Function => matches!(to, Kind::Domain | Kind::Lambda | Kind::Payments | Kind::Aws | Kind::Gateways),
        Kind::Tests => to != Kind::Xtask,
        Kind::Xtask => matches!(to, Kind::Harness | Kind::Tests),
    }
}

/// Unit tests may use the in-memory ports; those of the gateways talk to the fake partners.
fn tests_may_use(from: Kind, to: Kind) -> bool {
    let partners = from == Kind::Gateways && to == Kind::Partners;
    let testkit = to == Kind::Testkit && from != Kind::Domain;
    may_use(from, to) || partners || testkit
}

fn may_use_outside(from: Kind, name: &str) -> bool {
    let is_aws = name.starts_with("aws-sdk-") || name == "aws-config";
    let is_runtime = name.starts_with("lambda_") || name == "axum";
    match from {
        Kind::Domain => DOMAIN_MAY_USE.contains(&name),
        Kind::Aws => !is_runtime,
        Kind::Gateways | Kind::Testkit | Kind::Payments => !is_aws && !is_runtime,
        Kind::Lambda | Kind::Function => !is_aws,
        Kind::Partners | Kind::Harness | Kind::Tests | Kind::Xtask => true,
    }
}

impl Package {
    fn kind(&self) -> Option<Kind> {
        Some(match self.folder.as_str() {
            "shared/domain" => Kind::Domain,
            "shared/lambda" => Kind::Lambda,
            "shared/payments" => Kind::Payments,
            "shared/aws" => Kind::Aws,
            "shared/gateways" => Kind::Gateways,
            "shared/testkit" => Kind::Testkit,
            "tests" | "tests/faults" | "tests/flash" | "tests/load" => Kind::Tests,
            "tests/partners" => Kind::Partners,
            "tests/harness" => Kind::Harness,
            "xtask" => Kind::Xtask,
            folder if folder.starts_with("functions/") => Kind::Function,
            _ => return None,
        })
    }
}
