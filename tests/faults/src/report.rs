//! What all runs have shown, in numbers.

use crate::kind::Kind;
use crate::prove::{Course, Shown};
use crate::verdict::Found;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many runs of a flow or of a kind ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// As without the fault.
    pub same: usize,
    /// Otherwise, as documented.
    pub documented: usize,
    /// The fault did not strike.
    pub missed: usize,
    /// A promise was broken.
    pub broken: usize,
}

impl Tally {
    fn add(&mut self, found: &Found) {
        match found {
            Found::Same => self.same += 1,
            Found::Documented(_) => self.documented += 1,
            Found::Missed => self.missed += 1,
            Found::Broken(_) => self.broken += 1,
        }
    }

    /// Every run.
    #[must_use]
    pub const fn runs(&self) -> usize {
        self.same + self.documented + self.missed + self.broken
    }
}

/// A flow's row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The flow's name.
    pub flow: String,
    /// Calls and events of an undisturbed run, as the proxy counted them.
    pub calls: usize,
    /// Those that every undisturbed run came by: where faults can strike.
    pub places: usize,
    /// Faults that can strike at them.
    pub cases: usize,
    /// What became of the runs.
    pub tally: Tally,
    /// The same by kind of fault.
    pub kinds: BTreeMap<Kind, Tally>,
}

/// Everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The commit that was proven.
    pub commit: String,
    /// The command that made it.
    pub command: String,
    /// What picked the runs.
    pub seed: u64,
    /// Seconds it took; of a report put together from shares, all of them.
    pub seconds: u64,
    /// A row for each flow.
    pub flows: Vec<Row>,
    /// Every run that did not end as without the fault.
    pub told: Vec<Told>,
    /// What was left in queues, or found by the nightly proof, after a laboratory's runs.
    pub left: Vec<String>,
}

/// A run that is worth a look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// What replays it, after `cargo xtask prove --case`.
    pub case: String,
    /// What went wrong, where.
    pub faults: Vec<String>,
    /// What came of it.
    pub found: Found,
}

impl Report {
    /// The rows for these courses out of what was shown.
    #[must_use]
    pub fn rows(courses: &[Course], shown: &[Shown]) -> Vec<Row> {
        courses.iter().map(|course| row(course, shown)).collect()
    }

    /// The runs that are worth a look.
    #[must_use]
    pub fn told(shown: &[Shown]) -> Vec<Told> {
        let other = shown.iter().filter(|one| one.found != Found::Same);
        let told = |one: &Shown| {
            let fault =
                |fault: &crate::hub::Fault| format!("{} at {} (no. {})", fault.kind, fault.site.name, fault.site.nth);
            let faults = one.faults.iter().map(fault).collect();
            Told { case: one.case.clone(), faults, found: one.found.clone() }
        };
        other.map(told).collect()
    }

    /// All flows together.
    #[must_use]
    pub fn total(&self) -> Tally {
        self.flows.iter().fold(Tally::default(), |sum, row| sum.plus(row.tally))
    }

    /// Was every promise kept, and did every fault strike?
    #[must_use]
    pub fn holds(&self) -> bool {
        let Tally { same: _, documented: _, missed, broken } = self.total();
        missed == 0 && broken == 0 && self.left.is_empty()
    }
}

impl Tally {
    const fn plus(self, other: Self) -> Self {
        Self {
            same: self.same + other.same,
            documented: self.documented + other.documented,
            missed: self.missed + other.missed,
            broken: self.broken + other.broken,
        }
    }
}

fn row(course: &Course, shown: &[Shown]) -> Row {
    let mut row = Row {
        flow: course.flow.name.to_owned(),
        calls: course.calls,
        places: course.sites.len(),
        cases: course.sites.iter().map(|site| site.class.kinds().len()).sum(),
        tally: Tally::default(),
        kinds: BTreeMap::new(),
    };
    for one in shown.iter().filter(|one| one.flow == course.flow.name) {
        row.tally.add(&one.found);
        for fault in &one.faults {
            row.kinds.entry(fault.kind).or_default().add(&one.found);
        }
    }
    row
}
