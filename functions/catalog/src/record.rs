//! A record, checked.

use serde_json::Value;
use waybill_domain::catalog::{self, Kind};
use waybill_lambda::http::{Problem, parse};

/// The record of `kind` in `body`, normalized.
///
/// # Errors
/// 422 naming the field and the rule; also when its own id is not `id`.
pub fn check(kind: Kind, id: &str, body: &[u8]) -> Result<Value, Problem> {
    macro_rules! parsed {
        ($record:ty) => {{
            let record: $record = parse(body)?;
            serde_json::to_value(record).map_err(|_| Problem::unreadable("does not serialize"))
        }};
    }
    let record = match kind {
        Kind::Item => parsed!(catalog::Item),
        Kind::Site => parsed!(catalog::Site),
        Kind::Carton => parsed!(catalog::Carton),
        Kind::Carrier => parsed!(catalog::Carrier),
        Kind::Store => parsed!(catalog::Store),
        Kind::Channel => parsed!(catalog::Channel),
        Kind::Policy => parsed!(catalog::Policy),
        Kind::Client => Err(Problem::not_found("kind")),
    }?;
    let name = kind.id_field();
    if record[name].as_str() == Some(id) {
        return Ok(record);
    }
    Err(Problem::invalid(format!("/{name}"), "must be the id in the path"))
}
