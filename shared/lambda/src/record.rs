//! Master data at the door: parsed into the domain's type, refused with the field and the rule.

use crate::http::{Problem, parse};
use serde_json::Value;
use waybill_domain::catalog::{Carrier, Carton, Channel, Client, IllegalItem, Item, Kind, Policy, Record, Site, Store};

/// The record of `kind` in `body`, normalized, and its id.
///
/// # Errors
/// 400 or 422 naming the field and the rule.
pub fn check(kind: Kind, body: &[u8]) -> Result<(String, Value), Problem> {
    let record = match kind {
        Kind::Item => item(body),
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

/// An item keeps rules about several of its fields, too.
fn item(body: &[u8]) -> Result<Value, Problem> {
    let item: Item = parse(body)?;
    item.check().map_err(|IllegalItem { pointer, rule }| Problem::invalid(pointer, rule))?;
    stored(&item)
}

fn parsed<R: Record>(body: &[u8]) -> Result<Value, Problem> {
    stored(&parse::<R>(body)?)
}

fn stored(record: &impl Record) -> Result<Value, Problem> {
    serde_json::to_value(record).map_err(|_| Problem::unreadable("cannot be stored"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refusal(kind: Kind, record: &Value) -> (u16, String, String) {
        let problem = check(kind, record.to_string().as_bytes()).unwrap_err();
        let field = &problem.errors[0];
        (problem.status, field.pointer.clone(), field.rule.clone())
    }

    #[test]
    fn a_field_and_a_rule_about_several_are_refused_with_the_field() {
        let mut item = json!({"sku": "SET", "title": "Set", "length_mm": 1, "width_mm": 1, "height_mm": 1,
            "weight_grams": 1, "ships_alone": false, "fragile": false, "components": [{"sku": "A", "quantity": 2}]});
        assert_eq!(check(Kind::Item, item.to_string().as_bytes()).unwrap(), ("SET".to_owned(), item.clone()));
        item["safety_stock"] = json!(1);
        let rule = "must be absent: a bundle has no stock of its own, its components have";
        assert_eq!(refusal(Kind::Item, &item), (422, "/safety_stock".to_owned(), rule.to_owned()));
        item["components"][0]["quantity"] = json!(0);
        let (status, pointer, _) = refusal(Kind::Item, &item);
        assert_eq!((status, pointer.as_str()), (422, "/components/0/quantity"));
    }
}
