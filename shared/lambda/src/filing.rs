//! Stock documents: look up what a question is decided by, decide, file; on a conflict once more from the start.

use crate::fault::Fault;
use waybill_domain::catalog::{Item, Site};
use waybill_domain::id::TenantId;
use waybill_domain::order::RequestRecord;
use waybill_domain::ports::{Catalog, Filed, Levels, Stock, StoreError};
use waybill_domain::stock::filing::{Ask, Facts, Origin, Refusal};
use waybill_domain::stock::{Document, Place, Seen, Shelf};

/// How often a question is decided anew when what it was decided by has changed.
const ATTEMPTS: u32 = 5;

/// Where a tenant's stock documents are decided and filed.
#[derive(Debug)]
pub struct Desk<'a, C, S> {
    /// Master data.
    pub catalog: &'a C,
    /// Stock.
    pub stock: &'a S,
    /// Whose.
    pub tenant: &'a TenantId,
}

/// What became of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is this document now.
    Stored(Box<Document>),
    /// It was this document before; nothing happened.
    Exists(Box<Document>),
    /// It breaks a rule, or is about what does not exist; nothing happened.
    Refused(Refusal),
    /// Units are missing: where they are named, and the rule; nothing happened.
    Short(Vec<(String, String)>),
    /// The case was closed by somebody else; nothing happened.
    Closed,
}

impl<C: Catalog, S: Stock> Desk<'_, C, S> {
    /// Makes `ask` the document of `origin`'s id, once; `request` gives the call and the answer that are kept in it.
    ///
    /// # Errors
    /// Tables are not available; `Conflict` when what it is decided by changes all the time.
    pub async fn file(
        &self,
        origin: &Origin,
        ask: &Ask,
        request: impl Fn(&Document) -> Option<RequestRecord>,
    ) -> Result<Outcome, Fault> {
        // A repetition gets what there is, whatever the facts say by now.
        if let Some(document) = self.stock.document(self.tenant, &origin.id).await? {
            return Ok(Outcome::Exists(Box::new(document)));
        }
        for _ in 0..ATTEMPTS {
            let (mut document, seen) = match ask.decide(origin.clone(), &self.facts(ask).await?) {
                Ok(decided) => decided,
                Err(refusal) => return Ok(Outcome::Refused(refusal)),
            };
            document.request = request(&document);
            if let Some(outcome) = self.store(ask, document, &seen).await? {
                return Ok(outcome);
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// `None`: what it was decided by has changed.
    async fn store(&self, ask: &Ask, document: Document, seen: &[Seen]) -> Result<Option<Outcome>, Fault> {
        match self.stock.file(self.tenant, &document, seen).await {
            Ok(Filed::Stored) => Ok(Some(Outcome::Stored(Box::new(document)))),
            Ok(Filed::Exists(document)) => Ok(Some(Outcome::Exists(document))),
            Ok(Filed::Short(shelves)) => {
                Ok(Some(Outcome::Short(shelves.iter().map(|shelf| ask.missing(shelf)).collect())))
            }
            Ok(Filed::Closed) => Ok(Some(Outcome::Closed)),
            Err(StoreError::Conflict) => Ok(None),
            Err(error @ (StoreError::Unavailable(_) | StoreError::Broken(_))) => Err(error.into()),
        }
    }

    async fn facts(&self, ask: &Ask) -> Result<Facts, StoreError> {
        let mut facts = Facts::default();
        for (_, site) in ask.sites() {
            facts.sites.extend(self.catalog.find::<Site>(self.tenant, site.as_str()).await?.map(|site| site.id));
        }
        if let Some(id) = ask.refers_to() {
            facts.document = self.stock.document(self.tenant, id).await?;
        }
        let mut skus = ask.skus();
        skus.extend(facts.document.iter().flat_map(Document::proposed).map(|movement| movement.sku.clone()));
        for sku in skus {
            let Some(item) = self.catalog.find::<Item>(self.tenant, sku.as_str()).await? else { continue };
            if ask.weighs(&item) {
                let levels = self.stock.levels(self.tenant, &sku).await?;
                facts.levels.extend(shelves(&item, levels));
                if item.tracking.serial {
                    let all = self.catalog.all::<Site>(self.tenant).await?;
                    facts.sites.extend(all.into_iter().map(|site| site.id));
                }
            }
            facts.items.insert(sku, item);
        }
        self.remaining(ask, &mut facts).await?;
        Ok(facts)
    }

    /// What has not come in of the announcement that `ask` refers to.
    async fn remaining(&self, ask: &Ask, facts: &mut Facts) -> Result<(), StoreError> {
        let Some(document) = &facts.document else { return Ok(()) };
        let announced = document.movements.iter().filter(|one| one.announced_by.as_ref() == Some(&document.id));
        let mut skus: Vec<_> = announced.map(|one| one.sku.clone()).collect();
        skus.sort();
        skus.dedup();
        let named = ask.skus();
        for sku in skus.into_iter().filter(|sku| named.is_empty() || named.contains(sku)) {
            let all = self.stock.announced(self.tenant, &sku).await?;
            let own = all.into_iter().find(|one| one.document == document.id);
            facts.remaining.insert(sku, own.map_or(0, |one| one.remaining));
        }
        Ok(())
    }
}

fn shelves(item: &Item, levels: Levels) -> Vec<(Shelf, waybill_domain::stock::Level)> {
    let mut shelves = Vec::new();
    for site in levels.sites {
        let at = site.site;
        shelves.extend(
            site.stows
                .into_iter()
                .map(|(stow, level)| (Shelf { sku: item.sku.clone(), place: Place::Stow(at.clone(), stow) }, level)),
        );
        shelves.push((Shelf::site(item.sku.clone(), at), site.level));
    }
    shelves
}
