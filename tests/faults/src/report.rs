//! What all runs have shown, in numbers.

use crate::campaign::Part;
use crate::kind::Kind;
use crate::prove::{Course, Shown};
use crate::verdict::Found;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
    /// Those of them that no run was made of.
    pub open: usize,
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
    /// Seconds of all runs, each counted by itself: many are played at once.
    pub played: u64,
    /// A row for each flow.
    pub flows: Vec<Row>,
    /// Every run that did not end as without the fault.
    pub told: Vec<Told>,
    /// What was left in queues, or found by the nightly proof, after a laboratory's runs.
    pub left: Vec<String>,
    /// The same of laboratories whose runs have all been made again since: told, not held against anybody.
    pub left_before: Vec<String>,
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
        let made: BTreeSet<&str> = shown.iter().map(|one| one.case.as_str()).collect();
        courses.iter().map(|course| row(course, shown, &made)).collect()
    }

    /// Seconds of all runs, each counted by itself.
    #[must_use]
    pub fn played(shown: &[Shown]) -> u64 {
        shown.iter().map(|one| one.took).sum::<u64>() / 1000
    }

    /// The faults there are, and those of them that no run was made of.
    #[must_use]
    pub fn faults(&self) -> (usize, usize) {
        self.flows.iter().fold((0, 0), |(cases, open), row| (cases + row.cases, open + row.open))
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

    /// What laboratories left behind, and whether it still counts.
    pub fn left_behind(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let before = self.left_before.iter().map(|left| ("left, runs made again", left));
        self.left.iter().map(|left| ("left", left)).chain(before)
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

fn row(course: &Course, shown: &[Shown], made: &BTreeSet<&str>) -> Row {
    let cases = Part::default().cases(std::slice::from_ref(course));
    let mut row = Row {
        flow: course.flow.name.to_owned(),
        calls: course.calls,
        places: course.sites.len(),
        cases: cases.len(),
        open: cases.iter().filter(|case| !made.contains(case.id().as_str())).count(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::Books;
    use crate::flow::FLOWS;
    use crate::hub::Site;
    use crate::kind::Class;
    use serde_json::Value;

    #[test]
    fn a_fault_is_open_until_a_run_was_made_of_it() {
        let site = |name: &str| Site { name: name.to_owned(), nth: 1, class: Class::Database };
        let course = Course { flow: &FLOWS[0], sites: vec![site("a"), site("b")], calls: 2, books: Books(Value::Null) };
        let cases = Part::default().cases(std::slice::from_ref(&course));
        let shown = |case: &crate::prove::Case, found| Shown {
            case: case.id(),
            flow: case.flow.name.to_owned(),
            faults: case.faults.clone(),
            found,
            took: 1500,
        };
        let shown = [shown(&cases[0], Found::Same), shown(&cases[1], Found::Missed)];
        let rows = Report::rows(&[course], &shown);
        assert_eq!((rows[0].cases, rows[0].open), (cases.len(), cases.len() - 2));
        assert_eq!((rows[0].tally.runs(), rows[0].tally.missed), (2, 1));
        assert_eq!(Report::played(&shown), 3);
    }
}
