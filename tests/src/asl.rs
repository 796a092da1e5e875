//! The state machine as a graph.

use crate::repository::{self, Result};
use serde_json::{Map, Value};
use waybill_lambda::Stage;

/// Where the definition is.
pub const DEFINITION: &str = "statemachine/order.asl.json";

/// A state machine's definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine(pub Value);

/// A state, and the `Map` whose iterations it belongs to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place<'m> {
    /// Its name, unique in the whole machine.
    pub name: &'m str,
    /// Its definition.
    pub body: &'m Value,
    /// The `Map` around it.
    pub within: Option<&'m str>,
}

/// A clause of a `Retry` or `Catch`.
#[derive(Clone, Copy, Debug)]
pub struct Clause<'m>(pub &'m Value);

impl Machine {
    /// The order's workflow.
    ///
    /// # Errors
    /// The definition cannot be read.
    pub fn read() -> Result<Self> {
        Ok(Self(repository::json(DEFINITION)?))
    }

    /// The same machine with the state called `name` changed: how the rules themselves are tested.
    #[must_use]
    pub fn with(&self, name: &str, change: impl FnOnce(&mut Value)) -> Self {
        let mut copy = self.clone();
        if let Some(state) = state_mut(&mut copy.0, name) {
            change(state);
        }
        copy
    }

    /// Every state, those inside a `Map` after it.
    #[must_use]
    pub fn states(&self) -> Vec<Place<'_>> {
        states_of(&self.0, None)
    }

    /// The state of that name.
    #[must_use]
    pub fn state(&self, name: &str) -> Option<Place<'_>> {
        self.states().into_iter().find(|place| place.name == name)
    }

    /// The states that run `stage`.
    #[must_use]
    pub fn states_of_stage(&self, stage: Stage) -> Vec<Place<'_>> {
        self.states().into_iter().filter(|place| place.stage() == Some(stage)).collect()
    }

    /// The first state.
    #[must_use]
    pub fn start(&self) -> Option<Place<'_>> {
        self.state(self.0["StartAt"].as_str()?)
    }

    /// Where it goes on after `place` has succeeded; out of a `Map` after its last state. `None`: the machine ends.
    #[must_use]
    pub fn after(&self, place: Place<'_>) -> Option<Place<'_>> {
        match (place.body["Next"].as_str(), place.within) {
            (Some(next), _) => self.state(next),
            (None, Some(around)) => self.after(self.state(around)?),
            (None, None) => None,
        }
    }

    /// Where `error` leads from `place`: to the first clause that names it or `States.ALL`. A `Map` around it catches
    /// what its states do not. `None`: the machine fails.
    #[must_use]
    pub fn caught(&self, place: Place<'_>, error: &str) -> Option<Place<'_>> {
        let clause = place.catches().into_iter().find(|clause| clause.covers(error));
        match (clause, place.within) {
            (Some(clause), _) => self.state(clause.next()?),
            (None, Some(around)) => self.caught(self.state(around)?, error),
            (None, None) => None,
        }
    }

    /// The states an order passes to which nothing happens: one iteration of each `Map`. As many as its transitions.
    #[must_use]
    pub fn happy_path(&self) -> Vec<Place<'_>> {
        let mut path: Vec<Place<'_>> = Vec::new();
        let mut here = self.start();
        while let Some(place) = here.filter(|place| path.iter().all(|passed| passed.name != place.name)) {
            path.push(place);
            here = match place.iteration() {
                Some(first) => self.state(first),
                None => self.after(place),
            };
        }
        path
    }
}

impl<'m> Place<'m> {
    /// `Task`, `Map`, ...
    #[must_use]
    pub fn kind(&self) -> &'m str {
        self.body["Type"].as_str().unwrap_or_default()
    }

    /// The name of the function's placeholder, without `FunctionArn`.
    #[must_use]
    pub fn placeholder(&self) -> Option<&'m str> {
        let function = self.body["Arguments"]["FunctionName"].as_str()?;
        function.strip_prefix("${")?.strip_suffix("FunctionArn}")
    }

    /// The stage it runs.
    #[must_use]
    pub fn stage(&self) -> Option<Stage> {
        let placeholder = self.placeholder()?;
        Stage::ALL.into_iter().find(|stage| camel(stage.name()) == placeholder)
    }

    /// Does it hand out a task token and stand still?
    #[must_use]
    pub fn waits(&self) -> bool {
        self.body["Resource"].as_str().is_some_and(|resource| resource.ends_with(".waitForTaskToken"))
    }

    /// The first state of an iteration, of a `Map`.
    #[must_use]
    pub fn iteration(&self) -> Option<&'m str> {
        self.body["ItemProcessor"]["StartAt"].as_str()
    }

    /// Its `Retry` clauses, in order.
    #[must_use]
    pub fn retries(&self) -> Vec<Clause<'m>> {
        clauses(&self.body["Retry"])
    }

    /// Its `Catch` clauses, in order.
    #[must_use]
    pub fn catches(&self) -> Vec<Clause<'m>> {
        clauses(&self.body["Catch"])
    }
}

impl<'m> Clause<'m> {
    /// The errors it names.
    #[must_use]
    pub fn errors(&self) -> Vec<&'m str> {
        self.0["ErrorEquals"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Does it apply to `error`?
    #[must_use]
    pub fn covers(&self, error: &str) -> bool {
        self.errors().into_iter().any(|named| named == error || named == "States.ALL")
    }

    /// Where it leads, of a `Catch`.
    #[must_use]
    pub fn next(&self) -> Option<&'m str> {
        self.0["Next"].as_str()
    }
}

/// The name of a folder as states and functions bear it: `hand-over` is `HandOver`.
#[must_use]
pub fn camel(folder: &str) -> String {
    folder
        .split('-')
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_uppercase() + rest
        })
        .collect()
}

fn clauses(list: &Value) -> Vec<Clause<'_>> {
    list.as_array().into_iter().flatten().map(Clause).collect()
}

fn states_of<'m>(machine: &'m Value, within: Option<&'m str>) -> Vec<Place<'m>> {
    let states = machine["States"].as_object().into_iter().flatten();
    states
        .flat_map(|(name, body)| {
            let inner = states_of(&body["ItemProcessor"], Some(name));
            std::iter::once(Place { name, body, within }).chain(inner)
        })
        .collect()
}

fn state_mut<'m>(machine: &'m mut Value, name: &str) -> Option<&'m mut Value> {
    let states: &mut Map<String, Value> = machine.get_mut("States")?.as_object_mut()?;
    for (key, state) in states {
        if key == name {
            return Some(state);
        }
        if let Some(inner) = state.get_mut("ItemProcessor").and_then(|inner| state_mut(inner, name)) {
            return Some(inner);
        }
    }
    None
}
