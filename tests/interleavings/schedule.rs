//! Two calls on one thread, polled by hand: which goes when, and how often they take turns.
//!
//! Every port of the testkit gives way once before it does anything: a call that is polled goes from one port call to the
//! next and no further. So a schedule is a list of how many port calls each makes before the other goes on.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use waybill_lambda::http::Problem;
use waybill_lambda::{Fault, Halt};

/// A call under way.
pub type Call<'w> = Pin<Box<dyn Future<Output = Said> + 'w>>;

/// What a call was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// `ok`, an HTTP status, or the name of a refusal or fault: what the two orders of a pair are compared by.
    pub word: String,
    /// All of it: of what was done, a repetition must get the same.
    pub body: String,
    /// Was it done?
    pub done: bool,
    /// Is it to be repeated, by the client or by the workflow's own retry?
    pub again: bool,
}

impl Said {
    /// Done.
    pub fn ok(body: impl Into<String>) -> Self {
        Self { word: "ok".to_owned(), body: body.into(), done: true, again: false }
    }

    /// Not done, for a reason that stays.
    pub fn no(word: impl Into<String>) -> Self {
        Self { word: word.into(), body: String::new(), done: false, again: false }
    }

    /// What an HTTP function said.
    pub fn of_api(answer: Result<String, Problem>) -> Self {
        match answer {
            Ok(body) => Self::ok(body),
            Err(problem) => {
                let again = problem.status >= 500
                    || problem.detail.as_deref().is_some_and(|detail| detail.contains("repeat the call"));
                let kind = problem.kind.trim_start_matches("urn:waybill:problem:").to_owned();
                Self { again, ..Self::no(format!("{} {kind}", problem.status)) }
            }
        }
    }

    /// What a stage said.
    pub fn of_stage<T>(answer: Result<T, Halt>) -> Self {
        match answer {
            Ok(_) => Self::ok(""),
            Err(halt) => {
                let again = Fault::RETRIED.contains(&halt.name());
                Self { again, body: halt.chain(), ..Self::no(halt.name()) }
            }
        }
    }

    /// What a worker of a queue said.
    pub fn of_worker<T>(answer: Result<T, Fault>) -> Self {
        Self::of_stage(answer.map_err(Halt::Fault))
    }
}

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    One,
    Other,
}

impl Who {
    pub const BOTH: [Self; 2] = [Self::One, Self::Other];

    pub fn other(self) -> Self {
        match self {
            Self::One => Self::Other,
            Self::Other => Self::One,
        }
    }

    pub fn index(self) -> usize {
        usize::from(self == Self::Other)
    }
}

/// Who begins, and how many port calls each turn has; then who began goes to its end, then the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    first: Who,
    turns: Vec<usize>,
}

impl std::fmt::Display for Schedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut who = self.first;
        for calls in &self.turns {
            write!(f, "{who:?}×{calls}, ")?;
            who = who.other();
        }
        write!(f, "{who:?}, {:?}", who.other())
    }
}

impl Schedule {
    /// One after the other.
    pub fn serial(first: Who) -> Self {
        Self { first, turns: Vec::new() }
    }

    /// One switch at every port call of either; then two, all of them while there are not more than `most`, else every
    /// so manieth. `calls`: how many port calls each makes by itself.
    pub fn all(calls: [usize; 2], most: usize) -> Vec<Self> {
        let mut once = Vec::new();
        let mut twice = Vec::new();
        for first in Who::BOTH {
            for before in 1..calls[first.index()] {
                once.push(Self { first, turns: vec![before] });
                for between in 1..calls[first.other().index()] {
                    twice.push(Self { first, turns: vec![before, between] });
                }
            }
        }
        let every = twice.len().div_ceil(most).max(1);
        once.extend(twice.into_iter().step_by(every));
        once
    }
}

/// A call and how far it has come.
struct Task<'w> {
    call: Call<'w>,
    said: Option<Said>,
    begun: bool,
}

impl Task<'_> {
    /// Goes on by so many port calls at most.
    fn go(&mut self, port_calls: usize) {
        // The first poll ends before the first port call.
        let polls = port_calls.saturating_add(usize::from(!self.begun));
        self.begun = true;
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..polls {
            if self.said.is_some() {
                return;
            }
            if let Poll::Ready(said) = self.call.as_mut().poll(&mut context) {
                self.said = Some(said);
            }
        }
    }

    fn finish(mut self) -> Said {
        self.go(usize::MAX);
        self.said.unwrap_or_else(|| Said::no("never ended"))
    }
}

/// Runs the two as the schedule says; what each was answered.
pub fn run(schedule: &Schedule, one: Call<'_>, other: Call<'_>) -> [Said; 2] {
    let mut tasks = [one, other].map(|call| Task { call, said: None, begun: false });
    let mut who = schedule.first;
    for port_calls in &schedule.turns {
        tasks[who.index()].go(*port_calls);
        who = who.other();
    }
    tasks[who.index()].go(usize::MAX);
    tasks.map(Task::finish)
}
