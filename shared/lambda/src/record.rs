//! Master data at the door: parsed into the domain's type, refused with the field and the rule.

use crate::http::{Problem, parse};
use serde_json::Value;
use waybill_domain::catalog::{Carrier, Carton, Channel, Client, Item, Kind, Policy, Record, Site, Store};

/// The record of `kind` in `body`, normalized, and its id.
///
/// # Errors
/// 400 or 422 naming the field and the rule.
pub fn check(kind: Kind, body: &[u8]) -> Result<(String, Value), Problem> {
    let record = match kind {
        Kind::Item => parsed::<Item>(body),
        Kind::Site => parsed::<Site>(body),
        Kind::Carton => parsed::<Carton>(body),
        Kind::Carrier => parsed::<Carrier>(body),
        Kind::Store => parsed::<Store>(body),
        Kind::Channel => parsed::<Channel>(body),
        Kind::Policy => parsed::<Policy>(body),
        Kind::Client => parsed::<Client>(body),
    }?;
    let name = kind.id_field();
    let id = record[name].as_str().ok_or_else(|| Problem::invalid(format!("/{name}"), "must be text"))?;
    Ok((id.to_owned(), record))
}

fn parsed<R: Record>(body: &[u8]) -> Result<Value, Problem> {
    let record: R = parse(body)?;
    serde_json::to_value(record).map_err(|_| Problem::unreadable("cannot be stored"))
}
