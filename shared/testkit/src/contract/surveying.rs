//! The nightly audit's pages of the table of stock.

use super::{Auditable, Keeper, counters, stored, stores};
use crate::{document, document_id, id, of_skus, receipt};
use std::collections::BTreeMap;
use waybill_domain::id::{DocumentId, TenantId};
use waybill_domain::ports::{Stock, Survey};
use waybill_domain::stock::audit::Counters;
use waybill_domain::stock::{Body, Counter, Document, Kind, Movement, Place, Shelf, Stow};

type Found = (BTreeMap<(TenantId, Shelf), Counters>, BTreeMap<(TenantId, DocumentId), Document>);

/// Every counter that counts something and every document, each on one page.
async fn surveyed(statements: &impl Survey) -> Found {
    let (mut found, mut cost, mut after) = (Found::default(), 0, None);
    loop {
        let page = statements.survey(after.as_deref()).await.unwrap();
        assert_eq!(page.unreadable, Vec::<String>::new());
        cost += page.half_units;
        for mut counted in page.counters {
            counted.counters.retain(|_, units| *units != 0);
            let earlier = found.0.insert((counted.tenant, counted.shelf), counted.counters);
            assert_eq!(earlier, None, "counters on two pages, or a survey without end");
        }
        for (tenant, document) in page.documents {
            assert_eq!(found.1.insert((tenant, document.id.clone()), document), None, "a document on two pages");
        }
        after = page.next;
        if after.is_none() {
            assert!(cost > 0);
            return found;
        }
    }
}

/// Of all tenants, with reservations and statements between them.
pub async fn a_survey_finds_every_counter_and_every_document_once(
    orders: &impl Keeper,
    stock: &impl Stock,
    statements: &impl Auditable,
) {
    let mut documents = BTreeMap::new();
    for tenant in ["one", "two"].map(id::<TenantId>) {
        let units: Vec<_> = (0..9).map(|number| (format!("A-{number}"), 5 + number)).collect();
        let units: Vec<_> = units.iter().map(|(sku, units)| (sku.as_str(), *units)).collect();
        let own = document_id(&tenant, "announced");
        let body = Body::Announcement { site: id("reno"), due: "2026-12-24".parse().unwrap(), reference: None };
        let lot = Stow { lot: Some(id("L-1")), ..Stow::default() };
        let moved = vec![
            Movement::network(Kind::Expected, id("A-0"), 3).announced(own.clone()),
            Movement::at(Kind::Received, id("LOT"), id("reno"), 2).of(Some(lot)),
        ];
        for filed in [receipt(&tenant, "in", "reno", &units), document(&tenant, "announced", body, moved)] {
            stores(stock, &tenant, &filed).await;
            documents.insert((tenant.clone(), filed.id.clone()), filed);
        }
        stored(orders, &tenant, "k", of_skus(&[("A-0", 2)])).await;
    }
    let (found, kept) = surveyed(statements).await;
    assert_eq!(kept, documents);
    for tenant in ["one", "two"].map(id::<TenantId>) {
        let of = |sku: &str, place: Place| found[&(tenant.clone(), Shelf { sku: id(sku), place })].clone();
        let (available, [on_hand, ..]) = counters(stock, &tenant, "A-0").await;
        assert_eq!((available, on_hand), (3, 5));
        let network = [(Counter::Available, 3), (Counter::Promisable, 6), (Counter::Fillable, 3)];
        assert_eq!(of("A-0", Place::Network), network.into());
        let site = [(Counter::OnHand, 5), (Counter::Free, 5)];
        assert_eq!(of("A-0", Place::Site(id("reno"))), site.into());
        let announced = Place::Announced(document_id(&tenant, "announced"));
        assert_eq!(of("A-0", announced), [(Counter::Remaining, 3)].into());
        let stows = found.keys().filter(|(whose, shelf)| *whose == tenant && matches!(shelf.place, Place::Stow(..)));
        assert_eq!(stows.count(), 1);
    }
    // Ten items network-wide and at their site, one stow, one announcement.
    assert_eq!(found.len(), 2 * (10 * 2 + 2));
}
