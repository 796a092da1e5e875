//! The processor's own books: every intent, refund and dispute there ever was.

mod disputes;
mod refunds;

use super::disputes::Dispute;
use super::events::Log;
use super::form::Params;
use super::intents::{Charge, Intent, Wish};
use super::issuer::{Issuer, Tries};
use super::pages::{Listed, Page, Window};
use super::refunds::Refund;
use super::refusal::Refusal;
use super::search::Query;
use super::states::{Illegal, Status};
use super::{wire, wishes};
use crate::ids::Ids;
use std::collections::BTreeMap;

/// Intents, refunds and disputes, by id; ids sort by age.
#[derive(Debug)]
pub struct Books {
    /// Mints every id.
    pub ids: Ids,
    /// Everything that happened.
    pub log: Log,
    now: i64,
    tries: Tries,
    intents: BTreeMap<String, Intent>,
    refunds: BTreeMap<String, Refund>,
    disputes: BTreeMap<String, Dispute>,
}

impl Listed for Intent {
    const NAME: &'static str = "payment_intent";

    fn created(&self) -> i64 {
        self.created
    }
}

/// What an attempt to charge is told as.
const fn attempted(status: Status) -> &'static str {
    match status {
        Status::RequiresPaymentMethod | Status::RequiresConfirmation => "payment_intent.payment_failed",
        Status::RequiresAction => "payment_intent.requires_action",
        Status::RequiresCapture => "payment_intent.amount_capturable_updated",
        Status::Succeeded => "payment_intent.succeeded",
        Status::Canceled => "payment_intent.canceled",
    }
}

impl Books {
    /// Books with nothing in them.
    pub fn new(log: Log) -> Self {
        let (intents, refunds, disputes) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { ids: Ids::default(), log, now: 0, tries: Tries::default(), intents, refunds, disputes }
    }

    /// It is `now`: holds lapse, refunds settle.
    pub fn pass_time(&mut self, now: i64) {
        self.now = self.now.max(now);
        for intent in self.intents.values_mut() {
            if let Some(at) = intent.lapse(self.now) {
                self.log.add(&mut self.ids, attempted(intent.status), at, wire::intent(intent, false));
            }
        }
        self.settle_due();
    }

    /// Records a new intent; a declined one is recorded, and refused.
    pub fn create(&mut self, wish: Wish) -> Result<&Intent, Refusal> {
        let confirm = wish.confirm;
        let intent = Intent::new(wish, &mut self.ids, self.now);
        let id = intent.id.clone();
        self.log.add(&mut self.ids, "payment_intent.created", self.now, wire::intent(&intent, false));
        self.intents.insert(id.clone(), intent);
        if confirm { self.confirm(&id, wishes::Confirm::default()) } else { self.intent(&id) }
    }

    /// Charges the payment method; a decline is recorded, and refused.
    pub fn confirm(&mut self, id: &str, wish: wishes::Confirm) -> Result<&Intent, Refusal> {
        self.attempt(id, |intent, issuer| intent.confirm(wish, issuer))?;
        let intent = self.intent(id)?;
        match intent.declined() {
            Some(decline) => {
                let charge = intent.charge().map(|charge| charge.id.as_str());
                Err(Refusal::declined(decline, charge, wire::intent(intent, false)))
            }
            None => Ok(intent),
        }
    }

    /// The shopper is back from proving who they are.
    pub fn authenticate(&mut self, id: &str, proved: bool) -> Result<&Intent, Refusal> {
        self.attempt(id, |intent, issuer| intent.authenticate(proved, issuer))?;
        self.intent(id)
    }

    fn attempt(
        &mut self,
        id: &str,
        attempt: impl FnOnce(&mut Intent, &mut Issuer<'_>) -> Result<(), Illegal>,
    ) -> Result<(), Refusal> {
        let intent = self.intents.get_mut(id).ok_or_else(|| missing(id))?;
        let mut issuer = Issuer { ids: &mut self.ids, tries: &mut self.tries, now: self.now };
        attempt(intent, &mut issuer).map_err(|illegal| Refusal::illegal(&illegal, wire::intent(intent, false)))?;
        self.log.add(&mut self.ids, attempted(intent.status), self.now, wire::intent(intent, false));
        self.dispute_by_card(id);
        Ok(())
    }

    /// Takes held money, and notes the caller's keys with it. Every capture is told, and the last one as success too.
    pub fn capture(&mut self, id: &str, capture: wishes::Capture) -> Result<&Intent, Refusal> {
        let wishes::Capture { amount, last, metadata } = capture;
        let intent = self.change(id, |intent| {
            intent.capture(amount, last)?;
            metadata.apply_to(&mut intent.wish.metadata);
            Ok(())
        })?;
        let (status, told) = (intent.status, wire::intent(intent, false));
        let now = self.now;
        self.log.add(&mut self.ids, "payment_intent.amount_capturable_updated", now, told.clone());
        if status == Status::Succeeded {
            self.log.add(&mut self.ids, "payment_intent.succeeded", now, told);
        }
        self.dispute_by_card(id);
        self.intent(id)
    }

    /// Releases held money.
    pub fn cancel(&mut self, id: &str, reason: Option<&'static str>) -> Result<&Intent, Refusal> {
        let now = self.now;
        let told = wire::intent(self.change(id, |intent| intent.cancel(reason, now))?, false);
        self.log.add(&mut self.ids, "payment_intent.canceled", now, told);
        self.intent(id)
    }

    /// Changes what was asked for; that is told to nobody.
    pub fn update(&mut self, id: &str, params: Params) -> Result<&Intent, Refusal> {
        let currency = self.intent(id)?.wish.currency;
        let update = wishes::update(params, currency)?;
        self.change(id, |intent| intent.update(update))?;
        self.intent(id)
    }

    fn change(
        &mut self,
        id: &str,
        change: impl FnOnce(&mut Intent) -> Result<(), Illegal>,
    ) -> Result<&mut Intent, Refusal> {
        let intent = self.intents.get_mut(id).ok_or_else(|| missing(id))?;
        match change(intent) {
            Ok(()) => Ok(intent),
            Err(illegal) => Err(Refusal::illegal(&illegal, wire::intent(intent, false))),
        }
    }

    /// The intent of this id.
    pub fn intent(&self, id: &str) -> Result<&Intent, Refusal> {
        self.intents.get(id).ok_or_else(|| missing(id))
    }

    /// Every intent, oldest first.
    pub fn intents(&self) -> impl Iterator<Item = &Intent> {
        self.intents.values()
    }

    /// The charge of this id, and the intent it belongs to.
    pub fn charge(&self, id: &str) -> Result<(&Intent, &Charge), Refusal> {
        let mut charges =
            self.intents.values().flat_map(|intent| intent.charges.iter().map(move |made| (intent, made)));
        charges.find(|(_, charge)| charge.id == id).ok_or_else(|| Refusal::no_such("charge", id, "charge"))
    }

    /// The list, as `created`, `created[gte]`…, `customer`, `starting_after` and `limit` narrow it.
    pub fn list(&self, mut params: Params) -> Result<Page<'_, Intent>, Refusal> {
        let window = Window::read(&mut params)?;
        let customer = params.text("customer")?;
        params.finish()?;
        window.page(&self.intents, |intent| customer.is_none() || intent.wish.customer == customer)
    }

    /// The intents a query finds. The real search lags up to a minute behind; this one does not.
    pub fn search(&self, mut params: Params) -> Result<Page<'_, Intent>, Refusal> {
        let window = Window::of_search(&mut params)?;
        let text = params.need("query")?;
        params.finish()?;
        let unreadable = || Refusal::invalid("query", format!("We were unable to parse your search query: {text}"));
        let query = Query::parse(&text).ok_or_else(unreadable)?;
        window.page(&self.intents, |intent| query.matches(intent))
    }
}

fn missing(id: &str) -> Refusal {
    Refusal::no_such("payment_intent", id, "intent")
}
