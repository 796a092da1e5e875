//! The examples of states, held to the state machine on one side and to the functions' types on the other.

use super::Findings;
use crate::asl::{Machine, Place};
use crate::jsonata::evaluate;
use crate::repository::{self, Result};
use crate::stages::{Retold, visit};
use serde_json::{Value, json};
use waybill_testkit::{World, at};

/// Where the examples are.
pub const EXAMPLES: &str = "statemachine/examples";

/// An example of a state.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// The state's name.
    pub state: String,
    /// `input`, `payload` or `items`, `answer`, `output`, `caught`.
    pub body: Value,
}

impl Example {
    /// Every example.
    ///
    /// # Errors
    /// One cannot be read.
    pub fn all() -> Result<Vec<Self>> {
        let read = |file: String| {
            let state = file.trim_end_matches(".json").to_owned();
            Ok(Self { state, body: repository::json(&format!("{EXAMPLES}/{file}"))? })
        };
        repository::entries(EXAMPLES)?.into_iter().map(read).collect()
    }

    /// What `$states` is in it, with these fields besides.
    fn states(&self, more: &Value) -> Value {
        let token = &self.body["payload"]["taskToken"];
        let mut states = json!({"input": self.body["input"], "context": {"Task": {"Token": token}}});
        if let (Some(states), Some(more)) = (states.as_object_mut(), more.as_object()) {
            states.extend(more.clone());
        }
        states
    }

    fn expect(&self, what: &str, template: &Value, states: &Value, shown: &Value) -> Findings {
        match evaluate(template, states) {
            Ok(value) if value == *shown => vec![],
            Ok(value) => vec![format!("{}: {what} is {value}, the example shows {shown}", self.state)],
            Err(error) => vec![format!("{}: {what}: {error}", self.state)],
        }
    }
}

/// Every state has an example, and every example a state.
#[must_use]
pub fn one_per_state(machine: &Machine, examples: &[Example]) -> Findings {
    let states = machine.states();
    let without = states.iter().filter(|place| examples.iter().all(|example| example.state != place.name));
    let without = without.map(|place| format!("{} has no example", place.name));
    let astray = examples.iter().filter(|example| states.iter().all(|place| place.name != example.state));
    without.chain(astray.map(|example| format!("{} is no state, but has an example", example.state))).collect()
}

/// What the machine makes of an example's input, answer and errors is what the example shows.
#[must_use]
pub fn agree_with_the_machine(machine: &Machine, examples: &[Example]) -> Findings {
    let known = examples.iter().filter_map(|example| Some((example, machine.state(&example.state)?)));
    known.flat_map(|(example, place)| of_state(machine, example, place)).collect()
}

fn of_state(machine: &Machine, example: &Example, place: Place<'_>) -> Findings {
    let body = &example.body;
    let mut found = Vec::new();
    if place.kind() == "Map" {
        found.extend(of_map(example, place));
    } else {
        let payload = &place.body["Arguments"]["Payload"];
        found.extend(example.expect("the payload", payload, &example.states(&json!({})), &body["payload"]));
    }
    let states = example.states(&json!({"result": {"Payload": body["answer"]}}));
    found.extend(example.expect("the output", &place.body["Output"], &states, &body["output"]));
    for caught in body["caught"].as_array().into_iter().flatten() {
        let error = caught["error"]["Error"].as_str().unwrap_or_default();
        let Some(clause) = place.catches().into_iter().find(|clause| clause.covers(error)) else {
            found.push(format!("{} does not catch {error}, which its example shows", place.name));
            continue;
        };
        let states = example.states(&json!({"errorOutput": caught["error"]}));
        found.extend(example.expect(
            &format!("the output on {error}"),
            &clause.0["Output"],
            &states,
            &caught["output"],
        ));
        if caught["next"].as_str() != machine.caught(place, error).map(|next| next.name) {
            found.push(format!("{} does not lead to {} on {error}", place.name, caught["next"]));
        }
    }
    found
}

fn of_map(example: &Example, place: Place<'_>) -> Findings {
    let items = evaluate(&place.body["Items"], &example.states(&json!({})));
    let items = items.map(|items| items.as_array().cloned().unwrap_or_default());
    let shown = example.body["items"].as_array().cloned().unwrap_or_default();
    match items {
        Ok(items) if items.len() == shown.len() => {
            let each = items.iter().zip(&shown).flat_map(|(item, shown)| {
                let states = example.states(&json!({"context": {"Map": {"Item": {"Value": item}}}}));
                example.expect("an iteration's input", &place.body["ItemSelector"], &states, shown)
            });
            each.collect()
        }
        Ok(items) => vec![format!("{} has {} iterations, its example shows {}", place.name, items.len(), shown.len())],
        Err(error) => vec![format!("{}: {error}", place.name)],
    }
}

/// What an example shows being sent and answered are the function's own types, field for field.
#[must_use]
pub fn agree_with_the_functions(machine: &Machine, examples: &[Example]) -> Findings {
    let world = World::new();
    let mut found = Vec::new();
    for example in examples {
        let Some(stage) = machine.state(&example.state).and_then(|place| place.stage()) else { continue };
        let (payload, answer) = (&example.body["payload"], &example.body["answer"]);
        match visit(&world, stage, at(0), Retold { payload, answer }) {
            Ok((sent, said)) if sent == *payload && said == *answer => {}
            Ok((sent, said)) => found.push(format!("{}: read and written again: {sent}, {said}", example.state)),
            Err(error) => found.push(format!("{}: {} does not take it: {error}", example.state, stage.name())),
        }
    }
    found
}

/// What a state hands on is what the next one's example is handed.
#[must_use]
pub fn hand_on(machine: &Machine, examples: &[Example]) -> Findings {
    let example_of = |name: &str| examples.iter().find(|example| example.state == name);
    let mut found = Vec::new();
    for example in examples {
        let Some(next) = machine.state(&example.state).and_then(|place| place.body["Next"].as_str()) else { continue };
        let known = ["tenant", "orderId", "fulfillment", "fulfillments"];
        let Some(handed) = example_of(next).map(|next| &next.body["input"]) else { continue };
        let differs = known.iter().filter(|field| handed.get(**field).is_some());
        let differs = differs.filter(|field| handed[**field] != example.body["output"][**field]);
        found
            .extend(differs.map(|field| format!("{} hands on another `{field}` than {next} is handed", example.state)));
    }
    found
}
