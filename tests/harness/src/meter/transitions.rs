//! Counts the state transitions that AWS would bill for an order's executions.

use crate::aws::{Aws, Paging, STEP_FUNCTIONS};
use crate::error::Result;
use serde_json::{Value, json};

/// The transitions of every attempt of `order`.
///
/// AWS bills each state entered and each retry of one. The local history has no entry of a state
/// inside a Map, but it has one for each try of a task, wherever the task stands: so tasks are
/// counted by their tries and every other state by its entry.
///
/// # Errors
/// When the local AWS does not show its executions.
pub async fn transitions(aws: &Aws, machine: &str, order: &str) -> Result<u64> {
    let paging = Paging { list: "executions", asked: "nextToken", answered: "nextToken" };
    let executions = aws.pages(STEP_FUNCTIONS, "ListExecutions", json!({"stateMachineArn": machine}), paging).await?;
    let mut count = 0;
    for execution in executions {
        let name = execution["name"].as_str().unwrap_or_default();
        if name.rsplit_once('-').is_none_or(|(id, _attempt)| id != order) {
            continue;
        }
        let paging = Paging { list: "events", asked: "nextToken", answered: "nextToken" };
        let asked =
            json!({"executionArn": execution["executionArn"], "maxResults": 1000, "includeExecutionData": false});
        count += counted(&aws.pages(STEP_FUNCTIONS, "GetExecutionHistory", asked, paging).await?);
    }
    Ok(count)
}

fn counted(events: &[Value]) -> u64 {
    let is_transition = |event: &&Value| {
        let kind = event["type"].as_str().unwrap_or_default();
        kind == "TaskScheduled" || (kind.ends_with("StateEntered") && kind != "TaskStateEntered")
    };
    events.iter().filter(is_transition).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_count_by_their_tries_and_other_states_by_their_entry() {
        let kinds = [
            "ExecutionStarted",
            "TaskStateEntered",
            "TaskScheduled",
            "TaskFailed",
            "TaskScheduled",
            "TaskSucceeded",
            "TaskStateExited",
            "MapStateEntered",
            "TaskScheduled",
            "TaskScheduled",
            "MapStateExited",
            "ExecutionSucceeded",
        ];
        let events: Vec<Value> = kinds.iter().map(|kind| json!({"type": kind})).collect();
        // Two tries of a task, the Map, two tasks inside it.
        assert_eq!(counted(&events), 5);
    }
}
