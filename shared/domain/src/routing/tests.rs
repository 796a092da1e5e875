use super::*;
use crate::stock::Stow;

fn site(s: &str) -> SiteId {
    s.parse().unwrap()
}

fn sku(s: &str) -> Sku {
    s.parse().unwrap()
}

fn today() -> Date {
    "2026-06-01".parse().unwrap()
}

fn units(rows: &[(&str, &str, i64)]) -> Free {
    Free { units: rows.iter().map(|(s, k, n)| ((site(s), sku(k)), *n)).collect(), ..Free::default() }
}

fn lot(name: &str, expires: &str, free: i64) -> Stocked {
    let expires = Some(expires.parse().unwrap());
    Stocked { stow: Stow { lot: Some(name.parse().unwrap()), expires, ..Stow::default() }, free }
}

fn told(shares: &[Share]) -> Vec<(String, usize, u32)> {
    shares.iter().map(|s| (s.site.to_string(), s.line, s.quantity)).collect()
}

#[test]
fn one_site_is_preferred_and_lines_are_split_only_when_they_must_be() {
    let demand = [(sku("A"), 2), (sku("A"), 1), (sku("B"), 1)];
    let both = [site("near"), site("far")];
    let routed = |free: &Free| route(&demand, &both, free, today());
    let one = routed(&units(&[("near", "A", 2), ("near", "B", 1), ("far", "A", 9), ("far", "B", 9)]));
    assert!(one.missing.is_empty() && told(&one.shares).iter().all(|(s, ..)| s == "far"), "{one:?}");
    let split = routed(&units(&[("near", "A", 2), ("near", "B", 1), ("far", "A", 1)]));
    assert_eq!(told(&split.shares), vec![("near".into(), 0, 2), ("far".into(), 1, 1), ("near".into(), 2, 1)]);
    let short = routed(&units(&[("near", "A", 2), ("near", "B", 1)]));
    assert_eq!(short.missing, vec![(1, 1)]);
    assert_eq!(told(&short.shares), vec![("near".into(), 0, 2), ("near".into(), 2, 1)], "the rest is routed");
    assert_eq!(routed(&Free::default()).missing, vec![(0, 2), (1, 1), (2, 1)]);
}

#[test]
fn of_an_item_kept_by_stow_what_expires_first_goes_first_and_what_has_expired_is_not_there() {
    let mut free = Free::default();
    let there = vec![lot("late", "2027-01-01", 9), lot("gone", "2026-06-01", 9), lot("soon", "2026-06-02", 3)];
    free.stowed(site("near"), sku("A"), there, today());
    let demand = [(sku("A"), 2), (sku("A"), 5), (sku("A"), 20)];
    let routed = route(&demand, &[site("near")], &free, today());
    let lots = |share: &Share| {
        let lot = |picked: &Picked| (picked.stow.lot.clone().unwrap().to_string(), picked.quantity);
        share.stows.iter().map(lot).collect::<Vec<_>>()
    };
    let lots: Vec<_> = routed.shares.iter().map(lots).collect();
    let two = |a: u32, b: u32| vec![("soon".to_owned(), a), ("late".to_owned(), b)];
    assert_eq!(lots, vec![vec![("soon".to_owned(), 2)], two(1, 4), vec![("late".to_owned(), 5)]]);
    assert_eq!(routed.missing, vec![(2, 15)]);
}

#[test]
fn what_fits_one_event_comes_first_and_every_unit_is_in_one_of_them() {
    let serials = |from: u32, to: u32| -> Vec<Picked> {
        let stow = |n: u32| Stow { serial: Some(format!("S{n}").parse().unwrap()), ..Stow::default() };
        (from..to).map(|n| Picked { stow: stow(n), quantity: 1 }).collect()
    };
    let share = |line, stows: Vec<Picked>| Share { site: site("near"), line, quantity: 70, stows };
    let all = vec![share(0, Vec::new()), share(1, serials(0, 70)), share(2, Vec::new())];
    let mut left = all;
    let mut chunks = Vec::new();
    while !left.is_empty() {
        let (now, later) = chunk(&left);
        assert!(now.iter().map(|share| share.stows.len().max(1)).sum::<usize>() <= CHUNK);
        chunks.push(told(&now).into_iter().map(|(_, line, units)| (line, units)).collect::<Vec<_>>());
        left = later;
    }
    assert_eq!(chunks, vec![vec![(0, 70), (1, 29)], vec![(1, 30)], vec![(1, 11), (2, 70)]]);
}
