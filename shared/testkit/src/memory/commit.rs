//! One event, one transaction, as the DynamoDB adapter writes it: the same items, the same conditions, the same limits.

use super::books::{Books, Head, OrderKey, Queued, broken};
use jiff::SignedDuration;
use waybill_domain::id::Sku;
use waybill_domain::order::{Event, Order, StockHold, Work};
use waybill_domain::ports::{Commit, Committed, StoreError, Summary};
use waybill_domain::stock::{Change, changes};

/// Items a transaction may write.
const MOST_ITEMS: usize = 100;
/// Bytes an item may have: attribute names and values.
const MOST_BYTES: usize = 400 * 1024;
/// A new order is looked at after this long.
const FIRST_LOOK: SignedDuration = SignedDuration::from_mins(5);

/// A write of the transaction.
enum Write {
    Event { version: u32, body: String },
    Head,
    Counters(Change),
    Hold,
    LetGo,
    Track(String),
    Queue(Work),
    Done((&'static str, u16)),
}

/// What a write's failed condition means.
enum Missed {
    Event(String),
    Version,
    Units(Sku),
}

pub(super) fn commit(books: &mut Books, commit: Commit<'_>) -> Result<Committed, StoreError> {
    let writes = writes(commit)?;
    if writes.len() > MOST_ITEMS {
        return Err(broken(format!("{} items in a transaction, {MOST_ITEMS} at most", writes.len())));
    }
    check_sizes(commit.after, &writes)?;
    let missed: Vec<Missed> = writes.iter().filter_map(|write| missed(books, commit, write)).collect();
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
    match before {
        None => writes.push(Write::Hold),
        Some(before) if before.stock == StockHold::Reserved && after.stock != StockHold::Reserved => {
            writes.push(Write::LetGo);
        }
        Some(_) => {}
    }
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
            Write::Hold => {
                let lines = serde_json::json!(hold(order)).to_string();
                let at = order.placed_at.to_string();
                let pk = format!("T#{tenant}#RESERVATION#{id}");
                size(&pk, "HOLD", &[("lines", &lines), ("reserved_at", &at)])
            }
            Write::Head | Write::Counters(_) | Write::LetGo | Write::Track(_) | Write::Queue(_) | Write::Done(_) => 0,
        };
        if bytes > MOST_BYTES {
            return Err(broken(format!("an item of {bytes} bytes, {MOST_BYTES} at most")));
        }
    }
    Ok(())
}

fn hold(order: &Order) -> Vec<(Sku, u32)> {
    order.placed.lines.iter().map(|line| (line.sku.clone(), line.quantity)).collect()
}

fn key(order: &Order) -> OrderKey {
    (order.tenant.clone(), order.id.clone())
}

fn missed(books: &Books, commit: Commit<'_>, write: &Write) -> Option<Missed> {
    let key = key(commit.after);
    match write {
        Write::Event { version, .. } => books.events.get(&key)?.get(version).cloned().map(Missed::Event),
        Write::Head => {
            let stored = books.heads.get(&key).map(|head| head.version);
            (stored != commit.before.map(|before| before.version)).then_some(Missed::Version)
        }
        Write::Counters(change) => {
            (!books.has(&commit.after.tenant, change)).then(|| Missed::Units(change.shelf.sku.clone()))
        }
        Write::Hold => books.holds.contains_key(&key).then_some(Missed::Version),
        Write::LetGo => (!books.holds.contains_key(&key)).then_some(Missed::Version),
        Write::Track(_) | Write::Queue(_) | Write::Done(_) => None,
    }
}

/// The order's own conditions count before the stock's, whatever else failed.
fn verdict(missed: Vec<Missed>, is_first: bool) -> Result<Option<Committed>, StoreError> {
    let mut short = Vec::new();
    let mut late = false;
    for miss in missed {
        match miss {
            Missed::Event(body) if is_first => {
                let first = serde_json::from_str(&body).map_err(|error| broken(error.to_string()))?;
                return Ok(Some(Committed::Exists(Box::new(first))));
            }
            Missed::Event(_) | Missed::Version => late = true,
            Missed::Units(sku) => short.push(sku),
        }
    }
    short.dedup();
    match () {
        () if late => Err(StoreError::Conflict),
        () if !short.is_empty() => Ok(Some(Committed::Short(short))),
        () => Ok(None),
    }
}

fn apply(books: &mut Books, commit: Commit<'_>, write: Write) {
    let Commit { before, after, .. } = commit;
    let key = key(after);
    match write {
        Write::Event { version, body } => {
            books.events.entry(key).or_default().insert(version, body);
        }
        Write::Head => {
            let first_look = after.placed_at.checked_add(FIRST_LOOK).unwrap_or(after.placed_at);
            let due = match before {
                None => Some(first_look),
                Some(_) => books.heads.get(&key).and_then(|head| head.due),
            };
            let customer = after.placed.customer.email.customer_key();
            books.heads.insert(key, Head { version: after.version, summary: summary(after), customer, due });
        }
        Write::Counters(change) => books.add(&after.tenant, &change),
        Write::Hold => {
            books.holds.insert(key, hold(after));
        }
        Write::LetGo => {
            books.holds.remove(&key);
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
