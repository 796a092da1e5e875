//! Which runs are made: every fault at every place, or a part of them that a seed or a share picks.

use crate::hub::{Fault, Site};
use crate::kind::Kind;
use crate::name::digest;
use crate::prove::{Case, Course};
use std::collections::BTreeSet;

/// A part of the whole.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Only these kinds of fault; all when empty.
    pub kinds: BTreeSet<Kind>,
    /// Only at places whose name has one of these texts, as `audit-stock ▸`; all when empty.
    pub at: Vec<String>,
    /// The k-th of n shares, from 1; all when `None`. A case says itself whose it is: undisturbed runs do not come by quite the
    /// same places each time, and shares that are proven apart must make up the whole all the same.
    pub share: Option<(usize, usize)>,
    /// So many, picked by the seed; all when `None`.
    pub sample: Option<usize>,
    /// So many pairs of faults, picked by the seed, instead of single ones.
    pub pairs: Option<usize>,
    /// What picks.
    pub seed: u64,
}

impl Part {
    /// The cases of these flows, each once, the same for the same seed; neighbors in the list are of different flows, so
    /// that whoever stops early has seen something of each.
    #[must_use]
    pub fn cases(&self, courses: &[Course]) -> Vec<Case> {
        let mut all: Vec<Case> = match self.pairs {
            Some(pairs) => self.pairs(courses, pairs),
            None => courses.iter().flat_map(|course| self.single(course)).collect(),
        };
        all.sort_by_cached_key(|case| self.rank(&case.id()));
        if let Some((share, shares)) = self.share {
            all.retain(|case| number(&self.rank(&case.id())) % shares.max(1) == share.saturating_sub(1));
        }
        all.truncate(self.sample.unwrap_or(usize::MAX));
        all
    }

    fn single(&self, course: &Course) -> Vec<Case> {
        self.all(course).map(|fault| Case { flow: course.flow, faults: vec![fault] }).collect()
    }

    fn all(&self, course: &Course) -> impl Iterator<Item = Fault> {
        let is_wanted = |site: &&Site| self.at.is_empty() || self.at.iter().any(|text| site.name.contains(text));
        course.sites.iter().filter(is_wanted).flat_map(|site| self.faults(site))
    }

    fn faults(&self, site: &Site) -> Vec<Fault> {
        let kinds = site.class.kinds().iter().filter(|kind| self.kinds.is_empty() || self.kinds.contains(kind));
        kinds.map(|kind| Fault { site: site.clone(), kind: *kind }).collect()
    }

    /// Two different places of one flow each. A second fault that the first one keeps from striking counts as missed.
    fn pairs(&self, courses: &[Course], pairs: usize) -> Vec<Case> {
        let mut picked = Vec::new();
        for number in 0..pairs {
            let Some(course) = pick(courses, &self.rank(&format!("flow {number}"))) else { break };
            let mut faults: Vec<Fault> = self.all(course).collect();
            faults.sort_by_cached_key(|fault| self.rank(&format!("{number} {} {}", fault.site.id(), fault.kind)));
            let Some(first) = faults.first().cloned() else { continue };
            let second = faults.into_iter().find(|fault| fault.site != first.site);
            picked.push(Case { flow: course.flow, faults: std::iter::once(first).chain(second).collect() });
        }
        picked
    }

    fn rank(&self, what: &str) -> String {
        digest(&format!("{} {what}", self.seed))
    }
}

fn pick<'a, T>(all: &'a [T], rank: &str) -> Option<&'a T> {
    all.get(number(rank).checked_rem(all.len())?)
}

/// The number that a rank, a digest in hexadecimal digits, begins with.
fn number(rank: &str) -> usize {
    rank.get(..8).and_then(|digits| usize::from_str_radix(digits, 16).ok()).unwrap_or_default()
}

/// The case that an id of [`Case::id`] stands for.
///
/// # Errors
/// What of it is not known.
pub fn case(id: &str, courses: &[Course]) -> Result<Case, String> {
    let (flow, faults) = id.split_once('@').ok_or("a case is flow@place:kind")?;
    let course = courses.iter().find(|course| course.flow.name == flow).ok_or(format!("no flow is called {flow}"))?;
    let read = |text: &str| {
        let (place, kind) = text.split_once(':').ok_or("a fault is place:kind")?;
        let site = course.sites.iter().find(|site| site.id() == place);
        let site = site.ok_or(format!("{flow} has no place {place}"))?.clone();
        Ok::<_, String>(Fault { site, kind: kind.parse()? })
    };
    let faults = faults.split('+').map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Case { flow: course.flow, faults })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::Books;
    use crate::flow::FLOWS;
    use crate::kind::Class;
    use serde_json::Value;

    fn courses() -> Vec<Course> {
        let site = |name: &str, class| Site { name: name.to_owned(), nth: 1, class };
        let sites = vec![site("a", Class::Database), site("b", Class::Event), site("c", Class::Read)];
        let course = |flow| Course { flow, sites: sites.clone(), calls: 3, books: Books(Value::Null) };
        FLOWS[..2].iter().map(course).collect()
    }

    #[test]
    fn every_fault_strikes_every_place_once_and_shares_make_up_the_whole() {
        let whole = Part::default().cases(&courses());
        assert_eq!(whole.len(), 2 * (8 + 4 + 5));
        let ids: BTreeSet<String> = whole.iter().map(Case::id).collect();
        assert_eq!(ids.len(), whole.len());
        let share = |k| Part { share: Some((k, 3)), ..Part::default() }.cases(&courses());
        let shared: BTreeSet<String> = (1..=3).flat_map(share).map(|case| case.id()).collect();
        assert_eq!(shared, ids);
    }

    #[test]
    fn a_case_is_of_the_same_share_whatever_places_other_runs_came_by() {
        let ids = |courses: &[Course], k| -> BTreeSet<String> {
            let share = Part { share: Some((k, 3)), ..Part::default() };
            share.cases(courses).iter().map(Case::id).collect()
        };
        let mut fewer = courses();
        fewer[0].sites.remove(0);
        for k in 1..=3 {
            let (more, fewer) = (ids(&courses(), k), ids(&fewer, k));
            assert!(!fewer.is_empty() && fewer.is_subset(&more), "share {k}");
        }
    }

    #[test]
    fn a_text_picks_the_places_that_have_it_in_their_names() {
        let at = vec!["a".to_owned(), "b".to_owned()];
        let part = Part { at, ..Part::default() };
        let cases = part.cases(&courses());
        assert_eq!(cases.len(), 2 * (8 + 4));
        assert!(cases.iter().all(|case| case.faults.iter().all(|fault| fault.site.name != "c")));
    }

    #[test]
    fn a_seed_picks_the_same_again_and_another_picks_others() {
        let sample = |seed| Part { sample: Some(6), seed, ..Part::default() }.cases(&courses());
        let ids = |seed| -> Vec<String> { sample(seed).iter().map(Case::id).collect() };
        assert_eq!(ids(1), ids(1));
        assert_ne!(ids(1), ids(2));
    }

    #[test]
    fn an_id_leads_back_to_its_case() {
        let part = Part { pairs: Some(3), ..Part::default() };
        for wanted in Part::default().cases(&courses()).into_iter().chain(part.cases(&courses())) {
            let found = case(&wanted.id(), &courses()).unwrap();
            assert_eq!((found.flow.name, found.faults), (wanted.flow.name, wanted.faults));
        }
        assert!(case("one-shipment@00000000:lose", &courses()).is_err());
    }
}
