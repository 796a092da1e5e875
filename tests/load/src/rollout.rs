//! Another version is deployed while orders are on their way: one at each wait, and one whose stages are at work.

use crate::facts::facts;
use crate::judge::Facts;
use crate::processes::Processes;
use crate::scene::{Placed, Scene, Wish};
use crate::stations::{Until, work};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use waybill_harness::api::Method;
use waybill_harness::{Error, Local, Result};

/// Where orders stand when the new version comes.
const STANDS: [(Wish, Until); 7] = [
    (Wish::Secured, Until::Payment),
    (Wish::Dear, Until::Review),
    (Wish::Late, Until::Stock),
    (Wish::Plain, Until::Part("open")),
    (Wish::Plain, Until::Part("picked")),
    (Wish::Plain, Until::Part("labeled")),
    (Wish::Plain, Until::Part("handed_over")),
];

/// What the deployment changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Functions there are.
    pub functions: usize,
    /// Functions whose code is the same as before.
    pub same_code: Vec<String>,
    /// Processes that were there before and still are.
    pub old_processes: Vec<String>,
    /// What the relay is told now, `StartsPerSecond`.
    pub starts_per_second: String,
}

/// What it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RolledOut {
    /// What the deployment changed.
    pub changed: Changed,
    /// Orders that were on their way.
    pub in_flight: Vec<String>,
    /// What the books say in the end.
    pub facts: Facts,
}

/// Brings orders to their stands, deploys version `version` over them, and finishes them within `patience`. `meanwhile`
/// runs after the deployment (nothing, unless a test breaks something).
///
/// # Errors
/// When an order does not reach its stand, the deployment fails, or the books are not shown.
pub async fn roll_out(
    scene: &Arc<Scene>,
    version: &str,
    patience: Duration,
    meanwhile: impl AsyncFnOnce() -> Result<()>,
) -> Result<RolledOut> {
    let mut in_flight = Vec::new();
    scene.announce(1).await?;
    for (number, (wish, until)) in STANDS.into_iter().enumerate() {
        let id = accepted(scene.place_as(number, wish).await)?;
        if !work(scene, std::slice::from_ref(&id), until, (patience, |_| {})).await.is_empty() {
            return Err(Error::Setup(format!("{id} did not come to {until:?}")));
        }
        in_flight.push(id);
    }
    let (code, processes) = (code(&scene.local).await?, Processes::of(&scene.local.folder));
    let before: BTreeSet<u32> = processes.functions().into_iter().map(|process| process.id).collect();
    in_flight.push(accepted(scene.place(STANDS.len()).await)?);
    scene.local.deploy_again(version, &[("StartsPerSecond", "50")]).await?;
    let after = self::code(&scene.local).await?;
    meanwhile().await?;
    work(scene, &in_flight, Until::Over, (patience, |_| {})).await;
    let old = processes.functions().into_iter().filter(|process| before.contains(&process.id));
    let changed = Changed {
        functions: after.len(),
        same_code: code
            .iter()
            .filter(|(name, sha)| after.get(*name) == Some(sha))
            .map(|(name, _)| name.clone())
            .collect(),
        old_processes: old.map(|process| process.name).collect(),
        starts_per_second: told(&scene.local).await?,
    };
    let facts = facts(scene, in_flight.clone(), &in_flight.iter().cloned().collect(), |_| {}).await?;
    Ok(RolledOut { changed, in_flight, facts })
}

fn accepted(placed: Placed) -> Result<String> {
    match placed {
        Placed::Accepted(id) => Ok(id),
        Placed::Refused(_) | Placed::Unanswered(_) => Err(Error::Setup(format!("an order was not placed: {placed:?}"))),
    }
}

/// The digest of each function's code.
async fn code(local: &Local) -> Result<BTreeMap<String, String>> {
    let functions = local.aws.functions().await?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(functions.iter().map(|function| (text(&function["FunctionName"]), text(&function["CodeSha256"]))).collect())
}

/// What the relay is told of the rate.
async fn told(local: &Local) -> Result<String> {
    let path = "/2015-03-31/functions/waybill-relay/configuration";
    let relay = local.aws.rest("lambda", Method::GET, path, &Value::Null).await?;
    Ok(relay["Environment"]["Variables"]["STARTS_PER_SECOND"].as_str().unwrap_or_default().to_owned())
}
