//! The processor's own books: every intent and refund there ever was.

use super::form::Params;
use super::intents::{Charge, Intent, Wish};
use super::refunds::Refund;
use super::refusal::Refusal;
use super::search::Query;
use super::states::Illegal;
use super::{wire, wishes};
use crate::ids::Ids;
use std::collections::BTreeMap;

/// Intents and refunds, by id; ids sort by age.
#[derive(Debug, Default)]
pub struct Books {
    /// Mints every id.
    pub ids: Ids,
    intents: BTreeMap<String, Intent>,
    refunds: BTreeMap<String, Refund>,
}

/// A part of a list, newest first.
#[derive(Debug)]
pub struct Page<'a> {
    /// The intents.
    pub intents: Vec<&'a Intent>,
    /// Whether older ones follow.
    pub has_more: bool,
}

impl Books {
    /// Records a new intent; a declined one is recorded, and refused.
    pub fn create(&mut self, wish: Wish, now: i64) -> Result<&Intent, Refusal> {
        let intent = Intent::create(wish, &mut self.ids, now);
        let intent = self.intents.entry(intent.id.clone()).or_insert(intent);
        let charge = intent.charge.as_ref().map(|charge| charge.id.as_str());
        match intent.declined {
            Some(decline) => Err(Refusal::declined(decline, charge, wire::intent(intent, false))),
            None => Ok(intent),
        }
    }

    /// The intent of this id.
    pub fn intent(&self, id: &str) -> Result<&Intent, Refusal> {
        self.intents.get(id).ok_or_else(|| Refusal::no_such("payment_intent", id, "intent"))
    }

    /// Every intent, oldest first.
    pub fn intents(&self) -> impl Iterator<Item = &Intent> {
        self.intents.values()
    }

    /// Every refund, oldest first.
    pub fn refunds(&self) -> impl Iterator<Item = &Refund> {
        self.refunds.values()
    }

    /// Takes held money.
    pub fn capture(&mut self, id: &str, capture: wishes::Capture) -> Result<&Intent, Refusal> {
        let wishes::Capture { amount, last, metadata } = capture;
        self.change(id, |intent| {
            intent.capture(amount, last)?;
            intent.wish.metadata.extend(metadata);
            Ok(())
        })
    }

    /// Releases held money.
    pub fn cancel(&mut self, id: &str, reason: Option<&'static str>, now: i64) -> Result<&Intent, Refusal> {
        self.change(id, |intent| intent.cancel(reason, now))
    }

    fn change(
        &mut self,
        id: &str,
        change: impl FnOnce(&mut Intent) -> Result<(), Illegal>,
    ) -> Result<&Intent, Refusal> {
        let missing = || Refusal::no_such("payment_intent", id, "intent");
        let intent = self.intents.get_mut(id).ok_or_else(missing)?;
        match change(intent) {
            Ok(()) => Ok(intent),
            Err(illegal) => Err(Refusal::illegal(&illegal, wire::intent(intent, false))),
        }
    }

    /// Gives money back.
    pub fn refund(&mut self, wish: wishes::Refund, now: i64) -> Result<&Refund, Refusal> {
        let intent = self.refunded_intent(&wish)?;
        let amount = match intent.refund(wish.amount) {
            Ok(amount) => amount,
            Err(illegal) => return Err(Refusal::illegal(&illegal, wire::intent(intent, false))),
        };
        let charge = intent.charge.as_ref().map(|charge| charge.id.clone()).unwrap_or_default();
        let (payment_intent, currency) = (intent.id.clone(), intent.wish.currency.code);
        let wishes::Refund { reason, metadata, .. } = wish;
        let id = self.ids.mint("re");
        let refund = Refund { id, created: now, payment_intent, charge, amount, currency, reason, metadata };
        Ok(self.refunds.entry(refund.id.clone()).or_insert(refund))
    }

    fn refunded_intent(&mut self, wish: &wishes::Refund) -> Result<&mut Intent, Refusal> {
        let of_charge = |intent: &&mut Intent, id: &str| intent.charge.as_ref().is_some_and(|charge| charge.id == id);
        if let Some(id) = &wish.payment_intent {
            let missing = || Refusal::no_such_param("payment_intent", id, "payment_intent");
            return self.intents.get_mut(id).ok_or_else(missing);
        }
        let id = wish.charge.as_deref().unwrap_or_default();
        let missing = || Refusal::no_such_param("charge", id, "charge");
        self.intents.values_mut().find(|intent| of_charge(intent, id)).ok_or_else(missing)
    }

    /// The refund of this id.
    pub fn refund_of(&self, id: &str) -> Result<&Refund, Refusal> {
        self.refunds.get(id).ok_or_else(|| Refusal::no_such("refund", id, "refund"))
    }

    /// The charge of this id, and the intent it belongs to.
    pub fn charge(&self, id: &str) -> Result<(&Intent, &Charge), Refusal> {
        let mut charges = self.intents.values().filter_map(|intent| Some((intent, intent.charge.as_ref()?)));
        charges.find(|(_, charge)| charge.id == id).ok_or_else(|| Refusal::no_such("charge", id, "charge"))
    }

    /// The list, as `created`, `created[gte]`…, `starting_after` and `limit` narrow it.
    pub fn list(&self, mut params: Params) -> Result<Page<'_>, Refusal> {
        let limit = limit(&mut params)?;
        let after = params.text("starting_after")?;
        let exact = params.integer("created", 0)?;
        let mut bounds = [None; 4];
        for (name, bound) in ["created[gt]", "created[gte]", "created[lt]", "created[lte]"].iter().zip(&mut bounds) {
            *bound = params.integer(name, 0)?;
        }
        params.finish()?;
        let [gt, gte, lt, lte] = bounds;
        let inside = |intent: &&Intent| {
            let at = intent.created;
            exact.is_none_or(|exact| at == exact)
                && gt.is_none_or(|gt| at > gt)
                && gte.is_none_or(|gte| at >= gte)
                && lt.is_none_or(|lt| at < lt)
                && lte.is_none_or(|lte| at <= lte)
        };
        if let Some(id) = &after {
            self.intent(id).map_err(|_| Refusal::no_such_param("payment_intent", id, "starting_after"))?;
        }
        Ok(self.page(after.as_deref(), limit, inside))
    }

    /// The intents a query finds. The real search lags up to a minute behind; this one does not.
    pub fn search(&self, mut params: Params) -> Result<Page<'_>, Refusal> {
        let limit = limit(&mut params)?;
        let after = params.text("page")?;
        let text = params.need("query")?;
        params.finish()?;
        let unreadable = || Refusal::invalid("query", format!("We were unable to parse your search query: {text}"));
        let query = Query::parse(&text).ok_or_else(unreadable)?;
        Ok(self.page(after.as_deref(), limit, |intent| query.matches(intent)))
    }

    fn page(&self, after: Option<&str>, limit: usize, wanted: impl Fn(&&Intent) -> bool) -> Page<'_> {
        let older = |intent: &&Intent| after.is_none_or(|after| intent.id.as_str() < after);
        let mut found = self.intents.values().rev().filter(older).filter(wanted);
        let intents = found.by_ref().take(limit).collect();
        Page { intents, has_more: found.next().is_some() }
    }
}

fn limit(params: &mut Params) -> Result<usize, Refusal> {
    let limit = params.integer("limit", 1)?.unwrap_or(10);
    usize::try_from(limit)
        .ok()
        .filter(|limit| *limit <= 100)
        .ok_or_else(|| Refusal::invalid("limit", "This value must be less than or equal to 100."))
}
