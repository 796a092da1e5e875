//! A pair of calls at once, in every order there is.

use crate::ground::Ground;
use crate::judge::wrong;
use crate::schedule::{Call, Said, Schedule, Who, run};
use crate::state::State;
use waybill_testkit::{Sabotage, World};

/// A call, made anew for each run.
pub type Make = fn(&Ground) -> Call<'_>;

/// How often a call that was not answered is repeated.
const REPEATED: u32 = 5;
/// How many schedules with two switches are tried.
const MOST: usize = 400;
/// Findings shown.
const SHOWN: usize = 3;

/// An end that is neither that of one order nor that of the other, and right.
pub struct Third {
    /// Why it is right.
    pub why: &'static str,
    /// Is it that end?
    pub is: fn(&[Said; 2], &World) -> bool,
}

/// Two calls at once.
pub struct Pair {
    /// What they begin with.
    pub given: Ground,
    pub one: Make,
    pub other: Make,
    /// What the workflow does afterwards, in this order, whatever became of the two.
    pub then: &'static [Make],
    /// Are units lost that may have been promised?
    pub loses: bool,
    pub thirds: &'static [Third],
}

/// What became of a run.
struct Outcome {
    said: [Said; 2],
    state: State,
    world: World,
    wrong: Vec<String>,
}

/// What became of all runs.
#[derive(Debug, Default)]
pub struct Explored {
    pub schedules: usize,
    pub findings: Vec<String>,
    pub thirds: Vec<usize>,
}

impl Pair {
    /// Nothing follows, and the end is that of one order or the other.
    pub fn new(given: Ground, one: Make, other: Make) -> Self {
        Self { given, one, other, then: &[], loses: false, thirds: &[] }
    }

    pub fn then(self, then: &'static [Make]) -> Self {
        Self { then, ..self }
    }

    /// Units are lost that may have been promised.
    pub fn losing(self) -> Self {
        Self { loses: true, ..self }
    }

    pub fn or(self, thirds: &'static [Third]) -> Self {
        Self { thirds, ..self }
    }

    /// A condition is not kept from here on.
    pub fn sabotaged(self, condition: Sabotage) -> Self {
        self.given.world.faults.sabotage(condition);
        self
    }

    /// One run: what was not answered is repeated, then follows what follows; in the end every call that was done is made
    /// once more, which must change nothing and be answered the same.
    fn try_one(&self, schedule: &Schedule) -> Outcome {
        let ground = self.given.copy();
        let mut said = run(schedule, (self.one)(&ground), (self.other)(&ground));
        for _ in 0..REPEATED {
            for (call, said) in [self.one, self.other].into_iter().zip(&mut said) {
                if said.again {
                    *said = Ground::does(call(&ground));
                }
            }
        }
        let mut found = Vec::new();
        for call in self.then {
            let mut after = Ground::does(call(&ground));
            for _ in 0..REPEATED {
                if after.again {
                    after = Ground::does(call(&ground));
                }
            }
            if after.again {
                found.push(format!("what follows is never done: {after:?}"));
            }
        }
        found.extend(wrong(&ground.world, self.loses));
        let mut state = State::of(&ground.world);
        for (who, (call, said)) in [self.one, self.other].into_iter().zip(&said).enumerate() {
            if said.done {
                let again = Ground::does(call(&ground));
                if !said.body.is_empty() && again.body != said.body {
                    found.push(format!("call {who} again is answered {again:?}, was {said:?}"));
                }
                let changed = State::of(&ground.world).unlike(&state);
                if !changed.is_empty() {
                    found.push(format!("call {who} again changes something: {changed:#?}"));
                }
            }
        }
        state.0.extend(said.iter().map(|said| format!("said {}", said.word)));
        Outcome { said, state, world: ground.world, wrong: found }
    }

    /// How many port calls each makes while the other does nothing: the more of the two orders.
    fn port_calls(&self) -> [usize; 2] {
        let count = |first: Who, whose: Who| {
            let ground = self.given.copy();
            let calls = [self.one, self.other];
            if first != whose {
                Ground::does(calls[first.index()](&ground));
            }
            let before = ground.world.faults.calls().len();
            Ground::does(calls[whose.index()](&ground));
            ground.world.faults.calls().len() - before
        };
        Who::BOTH.map(|whose| Who::BOTH.map(|first| count(first, whose)).into_iter().max().unwrap_or(0))
    }

    /// Every schedule.
    pub fn explore(&self) -> Explored {
        let serial = Who::BOTH.map(|first| self.try_one(&Schedule::serial(first)));
        let mut explored = Explored { thirds: vec![0; self.thirds.len()], ..Explored::default() };
        for (first, outcome) in Who::BOTH.into_iter().zip(&serial) {
            explored.findings.extend(outcome.wrong.iter().map(|wrong| format!("{first:?} first: {wrong}")));
        }
        let schedules = Schedule::all(self.port_calls(), MOST);
        explored.schedules = schedules.len() + serial.len();
        for schedule in &schedules {
            let outcome = self.try_one(schedule);
            let mut found = outcome.wrong.clone();
            if serial.iter().all(|serial| serial.state != outcome.state) {
                match self.thirds.iter().position(|third| (third.is)(&outcome.said, &outcome.world)) {
                    Some(third) => explored.thirds[third] += 1,
                    None => found.push(unlike_both(&outcome, &serial)),
                }
            }
            if !found.is_empty() {
                explored.findings.push(format!("{schedule}: {}", found.join("\n    ")));
            }
        }
        explored
    }

    /// Every schedule keeps what must be kept and ends as one order or the other; a third end that is declared is seen.
    #[track_caller]
    pub fn holds(self) {
        let explored = self.explore();
        println!("{} schedules, thirds {:?}", explored.schedules, explored.thirds);
        let Explored { schedules, findings, thirds } = explored;
        assert!(schedules > 2, "the two never take turns");
        let (count, shown) = (findings.len(), findings.into_iter().take(SHOWN).collect::<Vec<_>>().join("\n  "));
        assert!(count == 0, "{count} of {schedules} schedules broke something:\n  {shown}");
        for (third, times) in self.thirds.iter().zip(thirds) {
            assert!(times > 0, "declared and never seen: {}", third.why);
        }
    }
}

fn unlike_both(outcome: &Outcome, serial: &[Outcome; 2]) -> String {
    let nearest = serial.iter().map(|serial| outcome.state.unlike(&serial.state)).min_by_key(Vec::len);
    format!("ends otherwise than one after the other, in either order: {:#?}", nearest.unwrap_or_default())
}
