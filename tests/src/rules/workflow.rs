//! What holds of every state of the workflow by itself.

use super::Findings;
use crate::asl::{Machine, Place, camel};
use waybill_lambda::{Fault, Halt, Stage};

/// Step Functions' limit of a definition, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// What a call of a function may fail with through no fault of anybody; AWS advises to retry each.
pub const LAMBDA_TRANSIENT: [&str; 5] = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.ClientExecutionTimeoutException",
];

/// May it end an order with `Refused`? The undoing and telling stages only ever follow one.
#[must_use]
pub fn may_refuse(stage: Stage) -> bool {
    match stage {
        Stage::Screen
        | Stage::Authorize
        | Stage::AwaitPayment
        | Stage::Review
        | Stage::Route
        | Stage::AwaitStock
        | Stage::Pick
        | Stage::Pack
        | Stage::Ship
        | Stage::HandOver
        | Stage::Dispatch
        | Stage::Complete => true,
        Stage::OpenException | Stage::Abandon | Stage::VoidLabel | Stage::VoidPayment | Stage::ReleaseStock => false,
    }
}

/// Every rule of this module, and those of [`super::undo`].
#[must_use]
pub fn all(machine: &Machine) -> Findings {
    let rules: [fn(&Machine) -> Findings; 10] = [
        tasks_and_stages,
        waits,
        deadlines,
        retries,
        catches,
        error_names,
        kinds,
        what_is_pending_goes_round,
        super::undo::effects_are_undone,
        super::undo::nothing_is_undone_after_hand_over,
    ];
    rules.iter().flat_map(|rule| rule(machine)).collect()
}

fn tasks(machine: &Machine) -> impl Iterator<Item = Place<'_>> {
    machine.states().into_iter().filter(|place| place.kind() == "Task")
}

fn each<'m>(places: impl Iterator<Item = Place<'m>>, check: impl Fn(&Place<'m>) -> Findings) -> Findings {
    places.flat_map(|place| check(&place)).collect()
}

/// Every task calls a stage, and every stage is called by a task.
#[must_use]
pub fn tasks_and_stages(machine: &Machine) -> Findings {
    let mut found = each(tasks(machine), |task| match (task.placeholder(), task.stage()) {
        (_, Some(_)) => vec![],
        (Some(name), None) => vec![format!("{} calls `${{{name}FunctionArn}}`, which is no Stage", task.name)],
        (None, None) => vec![format!("{} calls no `${{…FunctionArn}}`", task.name)],
    });
    let idle = Stage::ALL.into_iter().filter(|stage| machine.states_of_stage(*stage).is_empty());
    found.extend(idle.map(|stage| format!("Stage::{} is called by no state", camel(stage.name()))));
    found
}

/// The stages that wait are called with a task token, and only they.
#[must_use]
pub fn waits(machine: &Machine) -> Findings {
    each(tasks(machine), |task| match (task.stage().is_some_and(Stage::waits), task.waits()) {
        (true, false) => vec![format!("{} must use `lambda:invoke.waitForTaskToken`: its stage waits", task.name)],
        (false, true) => vec![format!("{} must use `lambda:invoke`: its stage does not wait", task.name)],
        (true, true) | (false, false) => vec![],
    })
}

/// Every task has a deadline.
#[must_use]
pub fn deadlines(machine: &Machine) -> Findings {
    each(tasks(machine), |task| match task.body["TimeoutSeconds"].as_u64() {
        Some(1..) => vec![],
        Some(0) | None => vec![format!("{} has no TimeoutSeconds", task.name)],
    })
}

/// Every task retries what passes by itself, more than once and ever later.
#[must_use]
pub fn retries(machine: &Machine) -> Findings {
    each(tasks(machine), |task| {
        let retries = task.retries();
        let names = Fault::RETRIED.into_iter().chain(LAMBDA_TRANSIENT);
        let missing = names.filter(|name| !retries.iter().any(|retry| retry.covers(name)));
        let missing = missing.map(|name| format!("{} does not retry {name}", task.name));
        let hasty = retries.iter().filter(|retry| {
            let number = |field: &str| retry.0[field].as_u64().unwrap_or(1);
            number("MaxAttempts") < 2 || number("BackoffRate") < 2 || retry.0["MaxDelaySeconds"].is_null()
        });
        let hasty = hasty.map(|retry| {
            let errors = retry.errors().join(", ");
            format!("{} must retry {errors} at least twice, ever later, up to MaxDelaySeconds", task.name)
        });
        missing.chain(hasty).collect()
    })
}

/// Every task catches everything, last and alone as AWS demands; a task that may refuse has a way of its own for that.
#[must_use]
pub fn catches(machine: &Machine) -> Findings {
    let catching = machine.states().into_iter().filter(|place| ["Task", "Map", "Parallel"].contains(&place.kind()));
    each(catching, |place| {
        let catches = place.catches();
        let names = |error: &str| catches.iter().any(|clause| clause.errors().contains(&error));
        let mut found = Vec::new();
        match catches.last().map(crate::asl::Clause::errors).as_deref() {
            Some(["States.ALL"]) => {}
            Some(_) | None => found.push(format!("{} must end with a Catch of States.ALL alone", place.name)),
        }
        if place.stage().is_some_and(may_refuse) && !names("Refused") {
            found.push(format!("{} has no Catch of Refused", place.name));
        }
        if place.waits() && !names("States.Timeout") {
            found.push(format!("{} has no Catch of States.Timeout: nobody would learn that it is overdue", place.name));
        }
        let missing = ROUNDS.into_iter().chain([(Stage::Authorize, "ReviewRequired", Stage::Review)]);
        let missing = missing.filter(|(stage, outcome, _)| place.stage() == Some(*stage) && !names(outcome));
        found.extend(missing.map(|(_, outcome, _)| format!("{} has no Catch of {outcome}", place.name)));
        found
    })
}

/// What is retried and caught is what somebody raises.
#[must_use]
pub fn error_names(machine: &Machine) -> Findings {
    let raised = |error: &str| {
        let ours = Fault::RETRIED.into_iter().chain(["Malformed", "Defect"]).chain(Halt::OUTCOMES);
        let theirs = ["States.", "Lambda.", "Sandbox.", "Runtime."];
        ours.into_iter().any(|name| name == error) || theirs.iter().any(|prefix| error.starts_with(prefix))
    };
    each(machine.states().into_iter(), |place| {
        let clauses = place.retries().into_iter().chain(place.catches());
        let odd = clauses.flat_map(|clause| clause.errors()).filter(|error| !raised(error));
        odd.map(|error| format!("{} waits for `{error}`, which nothing raises", place.name)).collect()
    })
}

/// Only tasks and maps: every other state costs a transition and decides what the domain should.
#[must_use]
pub fn kinds(machine: &Machine) -> Findings {
    each(machine.states().into_iter(), |place| match place.kind() {
        "Task" | "Map" => vec![],
        other => vec![format!("{} is a {other}: only Task and Map are used", place.name)],
    })
}

/// What a stage may find pending, and the stage that waits for it.
const ROUNDS: [(Stage, &str, Stage); 2] =
    [(Stage::Authorize, "PaymentPending", Stage::AwaitPayment), (Stage::Route, "StockPending", Stage::AwaitStock)];

/// What is pending leads to the wait for it, and that, once it is over, back to `Authorize`: only that stage knows whether
/// every tender is held now.
#[must_use]
pub fn what_is_pending_goes_round(machine: &Machine) -> Findings {
    let mut found = Vec::new();
    for (stage, outcome, wait) in ROUNDS {
        found.extend(each(tasks(machine).filter(|task| task.stage() == Some(stage)), |task| {
            let waits = machine.caught(*task, outcome);
            let back = waits.and_then(|waits| machine.after(waits)).and_then(|back| back.stage());
            match (waits.and_then(|waits| waits.stage()) == Some(wait), back) {
                (true, Some(Stage::Authorize)) => vec![],
                _ => vec![format!(
                    "{} on {outcome} does not lead to {} and from there to Authorize",
                    task.name,
                    camel(wait.name())
                )],
            }
        }));
    }
    found
}
