//! The workflow service: one execution of the state machine. The iterations of a `Map` go side by side, each until it waits.

use crate::asl::{Clause, Machine, Place};
use crate::jsonata::evaluate;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use waybill_domain::order::Answer;
use waybill_lambda::Stage;
use waybill_testkit::Started;

/// Why a state did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its name.
    pub error: String,
    /// In words.
    pub cause: String,
}

impl Failure {
    /// A failure of that name.
    pub fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { error: error.into(), cause: cause.into() }
    }
}

/// What an execution asks of the world around it.
pub trait Surroundings {
    /// Calls a stage's function.
    fn invoke(&mut self, stage: Stage, payload: Value) -> Result<Value, Failure>;

    /// A task token nobody has had before.
    fn token(&mut self) -> String;

    /// What was said to a token.
    fn answer(&self, token: &str) -> Option<Answer>;

    /// Nobody will ever say anything to this token: its deadline is over.
    fn is_late(&mut self, token: &str) -> bool;

    /// Lets time pass.
    fn pass(&mut self, seconds: i64);
}

/// Where a line of an execution stands: the execution itself, or an iteration of a `Map`.
#[derive(Clone, Debug)]
struct Line {
    at: String,
    input: Value,
    item: Value,
    tries: BTreeMap<usize, u64>,
    stands: Stands,
}

#[derive(Clone, Debug, PartialEq)]
enum Stands {
    /// About to do its state.
    Ready,
    /// For an answer to its token.
    Waiting(String),
    /// For the iterations of its `Map`: the lines of these numbers.
    Joining(Vec<usize>),
    /// Ended.
    Over(Result<Value, Failure>),
}

/// One execution.
#[derive(Clone, Debug)]
pub struct Execution {
    /// Whose, which, the how manieth.
    pub started: Started,
    lines: Vec<Line>,
    /// The states that were entered, in order.
    pub entered: Vec<String>,
}

impl Execution {
    /// At its beginning.
    #[must_use]
    pub fn new(machine: &Machine, started: Started) -> Self {
        let input = json!({"tenant": started.tenant.as_str(), "orderId": started.id.as_str()});
        let at = machine.start().map(|place| place.name.to_owned()).unwrap_or_default();
        let mut execution = Self { started, lines: Vec::new(), entered: Vec::new() };
        execution.enter(at, input, Value::Null);
        execution
    }

    /// How it ended, if it has.
    #[must_use]
    pub fn ended(&self) -> Option<&Result<Value, Failure>> {
        match &self.lines.first()?.stands {
            Stands::Over(end) => Some(end),
            Stands::Ready | Stands::Waiting(_) | Stands::Joining(_) => None,
        }
    }

    /// Does a line stand in this state, waiting for an answer?
    #[must_use]
    pub fn waits_in(&self, state: &str) -> bool {
        self.lines.iter().any(|line| line.at == state && matches!(line.stands, Stands::Waiting(_)))
    }

    /// Goes one step: `false` when every line waits or has ended.
    pub fn step(&mut self, machine: &Machine, world: &mut impl Surroundings) -> bool {
        for index in 0..self.lines.len() {
            let moved = match self.lines[index].stands.clone() {
                Stands::Ready => {
                    self.do_state(machine, world, index);
                    true
                }
                Stands::Waiting(token) => self.hear(machine, world, index, &token),
                Stands::Joining(iterations) => self.join(machine, world, index, &iterations),
                Stands::Over(_) => false,
            };
            if moved {
                return true;
            }
        }
        false
    }

    fn enter(&mut self, at: String, input: Value, item: Value) -> usize {
        self.entered.push(at.clone());
        self.lines.push(Line { at, input, item, tries: BTreeMap::new(), stands: Stands::Ready });
        self.lines.len() - 1
    }

    fn states(&self, index: usize, more: &Value) -> Value {
        let line = &self.lines[index];
        let context = json!({"Map": {"Item": {"Value": line.item}}, "Task": {"Token": more["token"]}});
        json!({"input": line.input, "context": context, "result": more["result"], "errorOutput": more["error"]})
    }

    fn do_state(&mut self, machine: &Machine, world: &mut impl Surroundings, index: usize) {
        let Some(place) = machine.state(&self.lines[index].at) else {
            self.lines[index].stands = Stands::Over(Err(Failure::new("States.Runtime", "no such state")));
            return;
        };
        if place.kind() == "Map" {
            return self.open(place, index);
        }
        let token = world.token();
        let states = self.states(index, &json!({"token": token}));
        let payload = evaluate(&place.body["Arguments"]["Payload"], &states);
        let payload = payload.map_err(|error| Failure::new("States.QueryEvaluationError", error.to_string()));
        let called = payload.and_then(|payload| match place.stage() {
            Some(stage) => world.invoke(stage, payload),
            None => Err(Failure::new("States.Runtime", "a state of no stage")),
        });
        match called {
            Ok(_) if place.waits() => self.lines[index].stands = Stands::Waiting(token),
            Ok(answer) => self.succeed(machine, place, index, &json!({"result": {"Payload": answer}})),
            Err(failure) => self.fail(machine, world, place, index, &failure),
        }
    }

    /// Begins the iterations of a `Map`.
    fn open(&mut self, place: Place<'_>, index: usize) {
        let states = self.states(index, &json!({}));
        let items = evaluate(&place.body["Items"], &states).ok().and_then(|items| items.as_array().cloned());
        let first = place.iteration().unwrap_or_default().to_owned();
        let mut iterations = Vec::new();
        for item in items.unwrap_or_default() {
            let context = json!({"input": states["input"], "context": {"Map": {"Item": {"Value": item}}}});
            let input = evaluate(&place.body["ItemSelector"], &context).unwrap_or(Value::Null);
            iterations.push(self.enter(first.clone(), input, item));
        }
        self.lines[index].stands = Stands::Joining(iterations);
    }

    fn join(&mut self, machine: &Machine, world: &mut impl Surroundings, index: usize, iterations: &[usize]) -> bool {
        let ends = iterations.iter().map(|iteration| match &self.lines[*iteration].stands {
            Stands::Over(end) => Some(end.clone()),
            Stands::Ready | Stands::Waiting(_) | Stands::Joining(_) => None,
        });
        let Some(ends) = ends.collect::<Option<Vec<_>>>() else { return false };
        let Some(place) = machine.state(&self.lines[index].at.clone()) else { return false };
        match ends.into_iter().collect::<Result<Vec<_>, _>>() {
            Ok(outputs) => self.succeed(machine, place, index, &json!({"result": outputs})),
            Err(failure) => self.fail(machine, world, place, index, &failure),
        }
        true
    }

    /// Looks whether the wait is over.
    fn hear(&mut self, machine: &Machine, world: &mut impl Surroundings, index: usize, token: &str) -> bool {
        let Some(place) = machine.state(&self.lines[index].at.clone()) else { return false };
        match world.answer(token) {
            Some(Answer::Success) => self.succeed(machine, place, index, &json!({"result": {}})),
            Some(Answer::Refused) => self.fail(machine, world, place, index, &Failure::new("Refused", "refused")),
            None if world.is_late(token) => {
                world.pass(place.body["TimeoutSeconds"].as_i64().unwrap_or(0));
                self.fail(machine, world, place, index, &Failure::new("States.Timeout", "nobody answered"));
            }
            None => return false,
        }
        true
    }

    fn succeed(&mut self, machine: &Machine, place: Place<'_>, index: usize, more: &Value) {
        let output = evaluate(&place.body["Output"], &self.states(index, more));
        let line = &mut self.lines[index];
        match (output, place.body["Next"].as_str()) {
            (Err(error), _) => {
                line.stands = Stands::Over(Err(Failure::new("States.QueryEvaluationError", error.to_string())));
            }
            (Ok(output), Some(next)) => self.go(machine, index, next, output),
            (Ok(output), None) => line.stands = Stands::Over(Ok(output)),
        }
    }

    /// Tries again, or goes where it is caught, or ends.
    fn fail(
        &mut self,
        machine: &Machine,
        world: &mut impl Surroundings,
        place: Place<'_>,
        index: usize,
        failure: &Failure,
    ) {
        let retries = place.retries();
        let retry = retries.iter().enumerate().find(|(_, retry)| retry.covers(&failure.error));
        if let Some((number, retry)) = retry
            && let Some(pause) = pause(*retry, *self.lines[index].tries.entry(number).or_default())
        {
            world.pass(pause);
            let line = &mut self.lines[index];
            *line.tries.entry(number).or_default() += 1;
            line.stands = Stands::Ready;
            return;
        }
        let clause = place.catches().into_iter().find(|clause| clause.covers(&failure.error));
        let error = json!({"error": {"Error": failure.error, "Cause": failure.cause}});
        let caught = clause.and_then(|clause| {
            let output = evaluate(&clause.0["Output"], &self.states(index, &error)).ok()?;
            Some((clause.next()?, output))
        });
        match caught {
            Some((next, output)) => self.go(machine, index, next, output),
            None => self.lines[index].stands = Stands::Over(Err(failure.clone())),
        }
    }

    fn go(&mut self, machine: &Machine, index: usize, next: &str, input: Value) {
        let known = machine.state(next).is_some();
        self.entered.push(next.to_owned());
        let line = &mut self.lines[index];
        (line.at, line.input, line.tries) = (next.to_owned(), input, BTreeMap::new());
        let lost = || Stands::Over(Err(Failure::new("States.Runtime", "no such state")));
        line.stands = if known { Stands::Ready } else { lost() };
    }
}

/// How long the next try is put off, without jitter; `None` when there was the last.
fn pause(retry: Clause<'_>, tries: u64) -> Option<i64> {
    let number = |field: &str, default: i64| retry.0[field].as_i64().unwrap_or(default);
    let most = retry.0["MaxAttempts"].as_u64().unwrap_or(3);
    let factor = number("BackoffRate", 2).checked_pow(u32::try_from(tries).ok()?).unwrap_or(i64::MAX);
    let pause = number("IntervalSeconds", 1).saturating_mul(factor).min(number("MaxDelaySeconds", i64::MAX));
    (tries < most).then_some(pause)
}
