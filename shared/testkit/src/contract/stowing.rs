//! Units that are told apart: by bin, lot, serial number or expiry.

use super::{Keeper, counters, file, stores};
use crate::{document, document_id, id};
use waybill_domain::id::TenantId;
use waybill_domain::ports::{Filed, Stock};
use waybill_domain::stock::{Body, Document, Kind, Level, Movement, Place, Shelf, Stow};

fn lot(name: &str, expires: Option<&str>) -> Stow {
    Stow { lot: Some(id(name)), expires: expires.map(|day| day.parse().unwrap()), ..Stow::default() }
}

fn serial(name: &str) -> Stow {
    Stow { serial: Some(id(name)), ..Stow::default() }
}

fn shelf(stow: &Stow) -> Shelf {
    Shelf { sku: id("A"), place: Place::Stow(id("reno"), stow.clone()) }
}

fn received(tenant: &TenantId, key: &str, stowed: &[(&Stow, i64)]) -> Document {
    let one = |(stow, units): &(&Stow, i64)| {
        Movement::at(Kind::Received, id("A"), id("reno"), *units).of(Some((*stow).clone()))
    };
    let body = Body::Receipt { site: id("reno"), announcement: None, reference: None };
    document(tenant, key, body, stowed.iter().map(one).collect())
}

/// Units of a stow leave for another site.
fn sent(tenant: &TenantId, key: &str, stow: &Stow, units: i64) -> Document {
    let out = Movement::at(Kind::TransferredOut, id("A"), id("reno"), units).of(Some(stow.clone()));
    let due = "2026-12-01".parse().unwrap();
    let body = Body::Transfer { from: id("reno"), to: id("columbus"), due, reference: None };
    document(tenant, key, body, vec![out.announced(document_id(tenant, key))])
}

/// On hand, per stow, in their order.
async fn stowed(stock: &impl Stock, tenant: &TenantId) -> Vec<(Stow, i64)> {
    let sites = stock.levels(tenant, &id("A")).await.unwrap().sites;
    assert_eq!(sites.len(), 1);
    let of = |(stow, level): &(Stow, Level)| {
        assert_eq!((level.free, level.allocated, level.held), (level.on_hand, 0, 0));
        (stow.clone(), level.on_hand)
    };
    sites[0].stows.iter().map(of).collect()
}

/// What expires first comes first, what does not expire last.
pub async fn stows_move_with_their_site(_orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("stows");
    let (never, late, soon) = (lot("L1", None), lot("L2", Some("2027-05-01")), lot("L3", Some("2026-12-31")));
    let (short, long) = (lot("L1", Some("2027-05-01")), lot("L10", Some("2027-05-01")));
    let all = [(&never, 1), (&late, 2), (&soon, 3), (&long, 4), (&short, 5)];
    stores(stock, &tenant, &received(&tenant, "in", &all)).await;
    assert_eq!(counters(stock, &tenant, "A").await, (15, [15, 0, 15, 0]));
    let order = [(&soon, 3), (&short, 5), (&long, 4), (&late, 2), (&never, 1)];
    assert_eq!(stowed(stock, &tenant).await, order.map(|(stow, units)| (stow.clone(), units)));

    // The site has enough, the stow has not.
    assert_eq!(file(stock, &tenant, &sent(&tenant, "many", &soon, 4)).await, Filed::Short(vec![shelf(&soon)]));
    let unknown = lot("L9", None);
    assert_eq!(file(stock, &tenant, &sent(&tenant, "none", &unknown, 1)).await, Filed::Short(vec![shelf(&unknown)]));
    assert_eq!(counters(stock, &tenant, "A").await, (15, [15, 0, 15, 0]));
    stores(stock, &tenant, &sent(&tenant, "out", &soon, 2)).await;
    assert_eq!(counters(stock, &tenant, "A").await, (13, [13, 0, 13, 0]));
    assert_eq!(stowed(stock, &tenant).await[0], (soon, 1));
}

/// Until it has left.
pub async fn a_serial_number_comes_in_once(_orders: &impl Keeper, stock: &impl Stock) {
    let tenant: TenantId = id("serials");
    let (one, two) = (serial("S1"), serial("S2"));
    stores(stock, &tenant, &received(&tenant, "first", &[(&one, 1)])).await;
    let both = received(&tenant, "both", &[(&one, 1), (&two, 1)]);
    assert_eq!(file(stock, &tenant, &both).await, Filed::Short(vec![shelf(&one)]));
    assert_eq!(stowed(stock, &tenant).await, [(one.clone(), 1)]);
    stores(stock, &tenant, &sent(&tenant, "out", &one, 1)).await;
    stores(stock, &tenant, &both).await;
    assert_eq!(stowed(stock, &tenant).await, [(one, 1), (two, 1)]);
    assert_eq!(counters(stock, &tenant, "A").await, (2, [2, 0, 2, 0]));
}
