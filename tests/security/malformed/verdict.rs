//! Was a wrong request refused as it should be?

use super::breaks::{Broken, Place};
use serde_json::Value;

/// An answer, whoever gave it.
#[derive(Clone, Debug)]
pub struct Answered {
    pub status: u16,
    pub content_type: String,
    pub text: String,
}

/// What is wrong with `answer`, if anything: it must be a 4xx problem that names the place and says nothing sent again.
pub fn fault(sent: &Broken, answer: &Answered) -> Option<String> {
    let Answered { status, content_type, text } = answer;
    let allowed: &[u16] = match sent.place {
        Place::Field(_) => &[422],
        // A body cut in a place where what is there already breaks a rule may be told that.
        Place::Body => &[400, 413, 422],
        Place::Key => &[400],
        // Of a site asked for by name: there is none.
        Place::Query(_) => &[400, 404],
        // What has an odd id is not there; what names itself otherwise breaks a rule.
        Place::Path => &[400, 404, 422],
        Place::Method => &[405],
    };
    if !allowed.contains(status) {
        return Some(format!("answered {status}"));
    }
    if content_type != "application/problem+json" {
        return Some(format!("answered {content_type:?}"));
    }
    let problem: Value = serde_json::from_str(text).unwrap_or_default();
    if !problem["type"].as_str().is_some_and(|kind| kind.starts_with("urn:waybill:problem:"))
        || problem["status"] != *status
    {
        return Some("is no problem of ours".to_owned());
    }
    repeats(sent, &problem).or_else(|| unnamed(sent, &problem))
}

/// The word sent may stand in a pointer only: a field is named by its name.
fn repeats(sent: &Broken, problem: &Value) -> Option<String> {
    let mut said = problem.clone();
    for error in said["errors"].as_array_mut().into_iter().flatten() {
        error["pointer"] = Value::Null;
    }
    said.to_string().contains(&sent.word).then(|| format!("says again what was sent: {said}"))
}

fn unnamed(sent: &Broken, problem: &Value) -> Option<String> {
    let error = &problem["errors"][0];
    let pointer = error["pointer"].as_str();
    let rule = error["rule"].as_str().unwrap_or_default();
    let named = match (&sent.place, pointer) {
        (Place::Path | Place::Method, _) | (Place::Body, Some(_)) => true,
        (Place::Query(_), None) => sent.operation.query().contains(&"site"),
        (_, None) => false,
        (Place::Field(at), Some(pointer)) => names_field(at, pointer, rule),
        (Place::Key, Some(pointer)) => pointer == "header/Idempotency-Key",
        (Place::Query(name), Some(pointer)) => pointer == "query" || pointer == format!("query/{name}"),
    };
    let named = named && (pointer.is_none() || !rule.is_empty());
    (!named).then(|| format!("does not name {:?}: {problem}", sent.place))
}

/// The field, or the object it stands in with the field's name in the rule, or what stands within it.
fn names_field(at: &str, pointer: &str, rule: &str) -> bool {
    let name = at.rsplit('/').next().unwrap_or_default();
    let within = |outer: &str, inner: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    at == pointer || (within(at, pointer)) || (within(pointer, at) && rule.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::{document, operations};

    fn sent(place: Place) -> Broken {
        let operation = operations(&document()).into_iter().find(|one| one.key() == "POST /orders").unwrap();
        Broken {
            what: "a test",
            operation,
            place,
            method: "POST".into(),
            path: "/orders".into(),
            key: None,
            body: Vec::new(),
            word: "zq17".into(),
        }
    }

    fn answer(status: u16, pointer: &str, rule: &str) -> Answered {
        let problem = serde_json::json!({"type": "urn:waybill:problem:invalid-field", "title": "A field breaks a rule",
            "status": status, "errors": [{"pointer": pointer, "rule": rule}]});
        Answered { status, content_type: "application/problem+json".into(), text: problem.to_string() }
    }

    #[test]
    fn an_answer_that_takes_fails_echoes_or_names_nothing_is_found_out() {
        let field = sent(Place::Field("/customer/email".into()));
        let good = answer(422, "/customer/email", "is no e-mail address");
        assert_eq!(fault(&field, &good), None);
        assert_eq!(fault(&field, &answer(422, "/customer", "missing field `email`")), None);
        let plain = Answered { content_type: "text/plain".into(), ..good.clone() };
        let empty = Answered { text: "{}".into(), ..good.clone() };
        let wrong = [
            (answer(201, "", ""), "answered 201"),
            (answer(500, "/customer/email", "is no e-mail address"), "answered 500"),
            (plain, "text/plain"),
            (empty, "no problem of ours"),
            (answer(422, "/customer/email", "zq17 is no e-mail address"), "says again"),
            (answer(422, "/ship_to", "is too long"), "does not name"),
            (answer(422, "", "is wrong"), "does not name"),
            (answer(422, "/customer/email", ""), "does not name"),
        ];
        for (answer, named) in wrong {
            let found = fault(&field, &answer).unwrap_or_default();
            assert!(found.contains(named), "{named}: {found:?}");
        }
        let key = answer(400, "header/Other", "is required");
        assert!(fault(&sent(Place::Key), &key).is_some(), "another header than the one that is wrong");
    }
}
