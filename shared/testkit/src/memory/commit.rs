//! One event, one transaction, as the DynamoDB adapter writes it: the same items, the same conditions, the same limits.

use super::books::{Books, Head, OrderKey, Queued, broken};
use super::money::{self, is_within};
use crate::faults::{Faults, Sabotage};
use jiff::SignedDuration;
use std::collections::BTreeMap;
use waybill_domain::id::Sku;
use waybill_domain::order::{Account, Event, Order, StockHold, Work};
use waybill_domain::ports::{Commit, Committed, StoreError, Summary};
use waybill_domain::stock::{Change, changes};

/// Items a transaction may write.
pub(super) const MOST_ITEMS: usize = 100;
/// Bytes an item may have: attribute names and values.
pub(super) const MOST_BYTES: usize = 400 * 1024;
/// A new order, and one that was done with and goes on, is looked at after this long.
const FIRST_LOOK: SignedDuration = SignedDuration::from_mins(5);

/// A write of the transaction.
enum Write {
    Event {
        version: u32,
        body: String,
    },
    Head,
    Counters(Change),
    Draw(money::Change),
    Payment(String),
    /// A reservation that begins.
    Hold,
    /// One that changes.
    HoldOn,
    LetGo,
    /// Units of an item that are waited for.
    Wait(Sku, i64),
    WaitNoMore(Sku),
    Track(String),
    Queue(Work),
    Done((&'static str, u16)),
}

/// What a write's failed condition means.
enum Missed {
    Event(String),
    Version,
    Bound,
    Payment,
    Account(Account),
    Units(Sku),
}

impl Missed {
    /// Does a sabotaged store overlook it?
    fn is_spared(&self, faults: &Faults) -> bool {
        match self {
            Self::Event(_) | Self::Version => faults.spares(Sabotage::Version),
            Self::Units(_) => faults.spares(Sabotage::Units),
            Self::Bound | Self::Payment | Self::Account(_) => false,
        }
    }
}

pub(super) fn commit(books: &mut Books, commit: Commit<'_>, faults: &Faults) -> Result<Committed, StoreError> {
    let writes = writes(commit)?;
    if writes.len() > MOST_ITEMS {
        return Err(broken(format!("{} items in a transaction, {MOST_ITEMS} at most", writes.len())));
    }
    check_sizes(commit.after, &writes)?;
    let missed = writes.iter().filter_map(|write| missed(books, commit, write));
    let missed: Vec<Missed> = missed.filter(|miss| !miss.is_spared(faults)).collect();
    if let Some(committed) = verdict(missed, commit.before.is_none())? {
        return Ok(committed);
    }
    for write in writes {
        apply(books, commit, write);
    }
    Ok(Committed::Stored)
}

fn writes(commit: Commit<'_>) -> Result<Vec<Write>, StoreError> {
    let Commit { before, after, recorded } = commit;
    let body = serde_json::to_string(recorded).map_err(|error| broken(error.to_string()))?;
    let mut writes = vec![Write::Event { version: recorded.version, body }, Write::Head];
    writes.extend(changes(&recorded.movements).into_iter().map(Write::Counters));
    writes.extend(money::draws(recorded)?.into_iter().map(Write::Draw));
    writes.extend(money::payment(after, &recorded.event).map(Write::Payment));
    writes.extend(reservation(before, after));
    let (waited, waits) = (before.map(Order::waits_for).unwrap_or_default(), after.waits_for());
    let new = waits.iter().filter(|(sku, units)| waited.get(sku) != Some(units));
    writes.extend(new.map(|(sku, units)| Write::Wait(sku.clone(), *units)));
    writes.extend(waited.into_keys().filter(|sku| !waits.contains_key(sku)).map(Write::WaitNoMore));
    if let Event::Labeled { label, .. } = &recorded.event {
        writes.push(Write::Track(label.tracking_code.clone()));
    }
    let earlier = before.map(Order::work).unwrap_or_default();
    let later = after.work();
    writes.extend(later.iter().filter(|work| !earlier.contains(work)).cloned().map(Write::Queue));
    let over = earlier.iter().filter(|work| later.iter().all(|other| other.key() != work.key()));
    writes.extend(over.map(|work| Write::Done(work.key())));
    Ok(writes)
}

/// The items that grow with the order; every other one is small.
fn check_sizes(order: &Order, writes: &[Write]) -> Result<(), StoreError> {
    let size = |pk: &str, sk: &str, rest: &[(&str, &str)]| {
        let rest = rest.iter().map(|(name, value)| name.len() + value.len());
        "pksk".len() + pk.len() + sk.len() + rest.sum::<usize>()
    };
    let (tenant, id) = (&order.tenant, &order.id);
    for write in writes {
        let bytes = match write {
            Write::Event { version, body } => {
                let name = order.history().last().map_or("", |recorded| recorded.event.name());
                let (pk, sk) = (format!("T#{tenant}#ORDER#{id}"), format!("EVENT#{version:06}"));
                size(&pk, &sk, &[("type", name), ("body", body)])
            }
            Write::Hold | Write::HoldOn => {
                let lines: Vec<_> = order.reserved_units().into_iter().collect();
                let lines = serde_json::json!(lines).to_string();
                let at = order.placed_at.to_string();
                let pk = format!("T#{tenant}#RESERVATION#{id}");
                size(&pk, "HOLD", &[("lines", &lines), ("reserved_at", &at)])
            }
            Write::Head
            | Write::Counters(_)
            | Write::Draw(_)
            | Write::Payment(_)
            | Write::LetGo
            | Write::Wait(..)
            | Write::WaitNoMore(_)
            | Write::Track(_)
            | Write::Queue(_)
            | Write::Done(_) => 0,
        };
        if bytes > MOST_BYTES {
            return Err(broken(format!("an item of {bytes} bytes, {MOST_BYTES} at most")));
        }
    }
    Ok(())
}

fn hold(order: &Order) -> BTreeMap<Sku, i64> {
    order.reserved_units()
}

/// One reservation per order, for as long as its stock is reserved.
fn reservation(before: Option<&Order>, after: &Order) -> Option<Write> {
    let held = before.filter(|order| order.stock == StockHold::Reserved);
    match (held, after.stock == StockHold::Reserved) {
        (None, false) => None,
        (None, true) => Some(Write::Hold),
        (Some(before), true) => (hold(before) != hold(after)).then_some(Write::HoldOn),
        (Some(_), false) => Some(Write::LetGo),
    }
}

fn key(order: &Order) -> OrderKey {
    (order.tenant.clone(), order.id.clone())
}

fn missed(books: &Books, commit: Commit<'_>, write: &Write) -> Option<Missed> {
    let key = key(commit.after);
    match write {
        Write::Event { version, .. } => books.events.get(&key)?.get(version).cloned().map(Missed::Event),
        Write::Head => match (books.heads.get(&key), commit.before) {
            (None, None) => None,
            (Some(head), Some(before)) if head.version == before.version => {
                (!is_within(head, before, &commit.recorded.event)).then_some(Missed::Bound)
            }
            (Some(_) | None, _) => Some(Missed::Version),
        },
        Write::Counters(change) => {
            (!books.has(&commit.after.tenant, change)).then(|| Missed::Units(change.shelf.sku.clone()))
        }
        Write::Draw((account, currency, delta)) => {
            let available = books.available(&(key.0, account.clone()), *currency);
            let has = available.is_some_and(|available| *delta > 0 || available.saturating_add(*delta) >= 0);
            (!has).then(|| Missed::Account(account.clone()))
        }
        Write::Payment(reference) => {
            let whose = books.payments.get(&(key.0, reference.clone()));
            whose.is_some_and(|whose| *whose != key.1).then_some(Missed::Payment)
        }
        Write::Hold => books.holds.contains_key(&key).then_some(Missed::Version),
        Write::HoldOn | Write::LetGo => (!books.holds.contains_key(&key)).then_some(Missed::Version),
        Write::Wait(..) | Write::WaitNoMore(_) | Write::Track(_) | Write::Queue(_) | Write::Done(_) => None,
    }
}

/// The order's own conditions count before the money's, and those before the stock's, whatever else failed.
fn verdict(missed: Vec<Missed>, is_first: bool) -> Result<Option<Committed>, StoreError> {
    let (mut late, mut out_of_bounds, mut taken) = (false, false, false);
    let (mut overdrawn, mut short) = (None, Vec::new());
    for miss in missed {
        match miss {
            Missed::Event(body) if is_first => {
                let first = serde_json::from_str(&body).map_err(|error| broken(error.to_string()))?;
                return Ok(Some(Committed::Exists(Box::new(first))));
            }
            Missed::Event(_) | Missed::Version => late = true,
            Missed::Bound => out_of_bounds = true,
            Missed::Payment => taken = true,
            Missed::Account(account) => overdrawn = overdrawn.or(Some(account)),
            Missed::Units(sku) => short.push(sku),
        }
    }
    short.dedup();
    match overdrawn {
        _ if late => Err(StoreError::Conflict),
        _ if out_of_bounds => Err(broken("an event takes or gives back more than the order's head allows")),
        _ if taken => Ok(Some(Committed::Taken)),
        Some(account) => Ok(Some(Committed::Overdrawn(account))),
        None => Ok((!short.is_empty()).then_some(Committed::Short(short))),
    }
}

/// The head after the event.
fn head(books: &Books, before: Option<&Order>, after: &Order) -> Head {
    let look = |since: jiff::Timestamp| since.checked_add(FIRST_LOOK).unwrap_or(since);
    let known = books.heads.get(&key(after));
    let (due, reopened) = match before {
        None => (Some(look(after.placed_at)), false),
        Some(before) if before.is_finished() && !after.is_finished() => (Some(look(after.changed_at)), true),
        Some(before) if after.is_newly_timed(before) => {
            (Some(look(after.changed_at)), known.is_some_and(|head| head.reopened))
        }
        Some(_) => (known.and_then(|head| head.due), known.is_some_and(|head| head.reopened)),
    };
    Head {
        version: after.version,
        summary: summary(after),
        customer: after.placed.customer.email.customer_key(),
        due,
        reopened: reopened && !after.is_finished(),
        left: money::left(after),
    }
}

fn apply(books: &mut Books, commit: Commit<'_>, write: Write) {
    let Commit { before, after, .. } = commit;
    let key = key(after);
    match write {
        Write::Event { version, body } => {
            let over = books.events.entry(key.clone()).or_default().insert(version, body);
            if over.is_some() {
                books.forget(&key);
            }
        }
        Write::Head => {
            let head = head(books, before, after);
            books.heads.insert(key, head);
        }
        Write::Counters(change) => {
            books.add(&after.tenant, &change, &format!("{}#{}", after.id, after.version));
        }
        Write::Draw((account, currency, delta)) => books.credit((key.0, account), currency, delta),
        Write::Payment(reference) => {
            books.payments.insert((key.0, reference), key.1);
        }
        Write::Hold | Write::HoldOn => {
            books.holds.insert(key, hold(after));
        }
        Write::LetGo => {
            books.holds.remove(&key);
        }
        Write::Wait(sku, units) => {
            books.waiting.insert((key.0, sku, after.placed_at, key.1), units);
        }
        Write::WaitNoMore(sku) => {
            books.waiting.remove(&(key.0, sku, after.placed_at, key.1));
        }
        Write::Track(code) => {
            books.tracking.insert((key.0, code), key.1);
        }
        Write::Queue(work) => {
            books.work.insert((key, work.key()), queued(after, &work));
        }
        Write::Done(work) => {
            books.work.remove(&(key, work));
        }
    }
}

fn queued(order: &Order, work: &Work) -> Queued {
    match work {
        Work::Fulfillment { site, queue, .. } => {
            Queued { queue: Some((site.clone(), (*queue).to_owned())), since: order.placed_at }
        }
        Work::Case { opened_at, .. } => Queued { queue: None, since: *opened_at },
    }
}

fn summary(order: &Order) -> Summary {
    Summary {
        id: order.id.clone(),
        placed_at: order.placed_at,
        axes: order.axes(),
        channel: order.placed.channel.clone(),
        reference: order.placed.reference.as_ref().map(|reference| reference.as_str().to_owned()),
        total: order.placed.total,
    }
}
