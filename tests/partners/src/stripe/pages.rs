//! Lists, newest first, a page at a time.

use super::form::Params;
use super::refusal::Refusal;
use std::collections::BTreeMap;

/// What can be listed. Ids sort by age.
pub trait Listed {
    /// What a refusal calls it.
    const NAME: &'static str;

    /// Seconds since 1970.
    fn created(&self) -> i64;
}

/// A part of a list, newest first.
#[derive(Debug)]
pub struct Page<'a, T> {
    /// The items.
    pub items: Vec<&'a T>,
    /// Whether older ones follow.
    pub has_more: bool,
}

/// Which part of a list is asked for.
#[derive(Debug)]
pub struct Window {
    limit: usize,
    after: Option<String>,
    exact: Option<i64>,
    bounds: [Option<i64>; 4],
}

impl Window {
    /// Reads `limit`, `starting_after`, and `created` in all its forms.
    pub fn read(params: &mut Params) -> Result<Self, Refusal> {
        let limit = limit(params)?;
        let after = params.text("starting_after")?;
        let exact = params.integer("created", 0)?;
        let mut bounds = [None; 4];
        for (name, bound) in ["created[gt]", "created[gte]", "created[lt]", "created[lte]"].iter().zip(&mut bounds) {
            *bound = params.integer(name, 0)?;
        }
        Ok(Self { limit, after, exact, bounds })
    }

    /// Reads `limit` and `page`, as a search has them.
    pub fn of_search(params: &mut Params) -> Result<Self, Refusal> {
        Ok(Self { limit: limit(params)?, after: params.text("page")?, exact: None, bounds: [None; 4] })
    }

    fn holds(&self, at: i64) -> bool {
        let [gt, gte, lt, lte] = self.bounds;
        self.exact.is_none_or(|exact| at == exact)
            && gt.is_none_or(|gt| at > gt)
            && gte.is_none_or(|gte| at >= gte)
            && lt.is_none_or(|lt| at < lt)
            && lte.is_none_or(|lte| at <= lte)
    }

    /// The page of `all` that is asked for, of what is `wanted`.
    pub fn page<'a, T: Listed>(
        &self,
        all: &'a BTreeMap<String, T>,
        wanted: impl Fn(&T) -> bool,
    ) -> Result<Page<'a, T>, Refusal> {
        if let Some(after) = self.after.as_ref().filter(|after| !all.contains_key(*after)) {
            return Err(Refusal::no_such_param(T::NAME, after, "starting_after"));
        }
        let older = |(id, _): &(&String, &T)| self.after.as_ref().is_none_or(|after| *id < after);
        let asked = |item: &&T| self.holds(item.created()) && wanted(item);
        let mut found = all.iter().rev().filter(older).map(|(_, item)| item).filter(asked);
        let items = found.by_ref().take(self.limit).collect();
        Ok(Page { items, has_more: found.next().is_some() })
    }
}

fn limit(params: &mut Params) -> Result<usize, Refusal> {
    let limit = params.integer("limit", 1)?.unwrap_or(10);
    usize::try_from(limit)
        .ok()
        .filter(|limit| *limit <= 100)
        .ok_or_else(|| Refusal::invalid("limit", "This value must be less than or equal to 100."))
}
