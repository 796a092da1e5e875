use super::*;
use crate::processes::Running;

/// An hour in which nothing grows: three processes that last and one that comes and goes.
fn hour() -> Measured {
    let process = |id: u32, resident_kib| Running { id, name: "pick".to_owned(), resident_kib, files: 20 };
    let sample = |at: u64| {
        let mut functions: Vec<Running> = (1..=3).map(|id| process(id, 20_000 + at * 7_919 % 301)).collect();
        if at.is_multiple_of(2) {
            functions.push(process(90 + u32::try_from(at % 7).unwrap(), 5_000));
        }
        let queues = BTreeMap::from([("NotificationQueue".to_owned(), at % 3)]);
        Sample { second: at * 5, local_aws_kib: 100_000 + at * 100, functions, queues }
    };
    let arrival = |at: u64| Arrival {
        planned: Duration::from_secs(at * 2),
        answered: Duration::from_secs(at * 2) + Duration::from_millis(40 + at % 9),
        placed: crate::scene::Placed::Accepted(format!("ord-{at}")),
    };
    let arrived = Arrived { began_ms: 1_000_000, all: (0..1_800).map(arrival).collect() };
    let first = |at: i64| (format!("ord-{at}"), 1_000_000 + at * 2_000);
    let start = |at: i64| Start { order: format!("ord-{at}"), at_ms: 1_000_100 + at * 2_000 + at % 20 };
    let (first_events, starts) = ((0..1_800).map(first).collect(), (0..1_800).map(start).collect());
    Measured { arrived, samples: (0..720).map(sample).collect(), first_events, starts }
}

fn findings(measured: &Measured) -> Vec<String> {
    let accepted: Vec<String> = measured.first_events.keys().cloned().collect();
    let facts = Facts { accepted, orders: Vec::new(), ..Facts::default() };
    let machine = Machine { cores: 2, memory_gib: 24, load_before: "0".to_owned() };
    let soaked = judged(Arrivals::Steady { every_ms: 2_000, seconds: 3_600 }, machine, measured, &facts);
    // The made-up orders are in no table: that is not what is looked at here.
    soaked.findings.into_iter().filter(|finding| !finding.ends_with("accepted and not stored")).collect()
}

#[test]
fn an_hour_in_which_nothing_grows_is_found_even() {
    assert_eq!(findings(&hour()), Vec::<String>::new());
}

#[test]
fn whatever_grows_is_found_by_its_name() {
    type Sabotage = (&'static str, fn(&mut Measured));
    let sabotaged: [Sabotage; 6] = [
        ("memory of the functions' processes", |hour| {
            for (at, sample) in (0..).zip(&mut hour.samples) {
                sample.functions[1].resident_kib += at * 12;
            }
        }),
        ("open files", |hour| {
            for (at, sample) in (0..).zip(&mut hour.samples) {
                sample.functions[0].files += at / 20;
            }
        }),
        ("processes of functions", |hour| {
            for (at, sample) in (0_u32..).zip(&mut hour.samples) {
                let one = sample.functions[0].clone();
                sample.functions.extend((0..at / 90).map(|id| Running { id: 1_000 + id, ..one.clone() }));
            }
        }),
        ("messages on queues", |hour| {
            for (at, sample) in (0..).zip(&mut hour.samples) {
                sample.queues.insert("RefundQueue".to_owned(), at / 30);
            }
        }),
        ("median answer to a store", |hour| {
            for (at, arrival) in (0..).zip(&mut hour.arrived.all) {
                arrival.answered += Duration::from_millis(at / 20);
            }
        }),
        ("median lag of the relay", |hour| {
            for (at, start) in (0..).zip(&mut hour.starts) {
                start.at_ms += at;
            }
        }),
    ];
    for (name, sabotage) in sabotaged {
        let mut hour = hour();
        sabotage(&mut hour);
        let found = findings(&hour);
        assert!(found.len() == 1 && found[0].starts_with(name), "{name}: {found:?}");
    }
}

#[test]
fn an_order_that_was_not_accepted_is_found() {
    let mut hour = hour();
    hour.arrived.all[7].placed = crate::scene::Placed::Refused(500);
    assert_eq!(findings(&hour), ["1 of 1800 orders were not accepted: 1 × 500"]);
}
