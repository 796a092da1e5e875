//! Bodies: parsed once, refused with the field and the rule.

use super::objects::Objects;
use super::problem::Problem;
use axum::body::Bytes;
use axum::extract::Request;
use http::HeaderMap;
use http::request::Parts;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_path_to_error::{Path, Segment};

/// The largest body accepted: what fits one DynamoDB item with its answer, with room to spare.
pub const MAX_BODY_BYTES: usize = 200 * 1024;
/// The longest Idempotency-Key.
pub const MAX_KEY_BYTES: usize = 255;

/// The request's head and its body, complete.
///
/// # Errors
/// 400 when the body breaks off.
pub async fn read(request: Request) -> Result<(Parts, Bytes), Problem> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.map_err(|_| Problem::unreadable("broke off"))?;
    Ok((parts, body))
}

/// The body as a `T`.
///
/// # Errors
/// 413 above 200 KB; 400 for bad UTF-8 or JSON; 422 for the first field that breaks a rule, as a JSON pointer.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if body.len() > MAX_BODY_BYTES {
        return Err(Problem::too_large(MAX_BODY_BYTES));
    }
    let text = std::str::from_utf8(body).map_err(|_| Problem::unreadable("must be UTF-8"))?;
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(Objects(&mut json)).map_err(|error| {
        let at = pointer(error.path());
        let inner = error.into_inner();
        // Of an enum that is given something else than text, and of a nest too deep, serde says that it is no JSON.
        let is_json = inner.is_data() || serde_json::from_str::<IgnoredAny>(text).is_ok();
        let rule = rule_of(&inner);
        if is_json { Problem::invalid(at, rule) } else { Problem::unreadable(rule) }
    })?;
    json.end().map_err(|error| Problem::unreadable(rule_of(&error)))?;
    Ok(value)
}

/// The rule in words, without values: what the caller sent may be personal and is not echoed or logged.
///
/// serde puts what was sent between the kind of mistake and what was expected, our own types put it in front of the rule,
/// both in quotes. A field that is missing or there twice is named by our own name for it.
fn rule_of(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line").map_or(text.as_str(), |(rule, _)| rule);
    let unquoted = |text: &str| text.split(['`', '"']).next().unwrap_or_default().trim_end().to_owned();
    let rule = if text.starts_with("missing field") || text.starts_with("duplicate field") {
        text.to_owned()
    } else if text.ends_with("there are no fields") {
        unquoted(text)
    } else if let Some((sent, expected)) = text.rsplit_once(", expected ") {
        format!("{}, expected {expected}", unquoted(sent))
    } else if text.starts_with('`') {
        text.rsplit_once('`').map_or("", |(_, rule)| rule).trim_start().to_owned()
    } else {
        unquoted(text)
    };
    rule.chars().take(300).collect()
}

fn pointer(path: &Path) -> String {
    let steps = path.iter().map(|segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    });
    steps.collect::<String>().chars().take(300).collect()
}

/// The Idempotency-Key of an effectful call.
///
/// # Errors
/// 400 when it is missing, empty, longer than 255 bytes, or not printable ASCII.
pub fn idempotency_key(headers: &HeaderMap) -> Result<&str, Problem> {
    let at = "header/Idempotency-Key";
    let key = headers.get("Idempotency-Key").ok_or_else(|| Problem::bad_request(at, "is required"))?;
    let key = key.to_str().map_err(|_| Problem::bad_request(at, "must be printable ASCII"))?;
    if key.is_empty() || key.len() > MAX_KEY_BYTES {
        return Err(Problem::bad_request(at, format!("must have 1 to {MAX_KEY_BYTES} characters")));
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use waybill_domain::order::Cart;

    fn problem(body: &[u8]) -> (u16, String, String) {
        let problem = parse::<Cart>(body).unwrap_err();
        let error = problem.errors.first().unwrap();
        (problem.status, error.pointer.clone(), error.rule.clone())
    }

    #[test]
    fn a_body_is_refused_with_the_field_and_the_rule() {
        assert_eq!(problem(b"{").0, 400);
        assert_eq!(problem(b"\xff\xfe").0, 400);
        assert_eq!(problem(&vec![b' '; MAX_BODY_BYTES + 1]).0, 413);
        let (status, pointer, rule) = problem(br#"{"currency":"XYZ"}"#);
        assert_eq!((status, pointer.as_str()), (422, "/currency"));
        assert!(rule.contains("no ISO 4217 currency"), "{rule}");
        let (_, pointer, rule) = problem(br#"{"lines":[{"sku":"A","quantity":-1}]}"#);
        assert_eq!(pointer, "/lines/0/quantity", "{rule}");
        let (_, pointer, rule) = problem(br#"{"surprise":1}"#);
        assert!(rule.contains("unknown field"), "{rule}");
        assert_eq!(pointer, "/surprise");
    }

    #[test]
    fn a_list_is_no_object_at_any_depth() {
        let cart = br#"{"currency":"USD","customer":["a@b.c","Ada"]}"#;
        assert_eq!(
            problem(cart),
            (422, "/customer".to_owned(), "invalid type: sequence, expected an object".to_owned())
        );
        assert_eq!(problem(b"[]").0, 422);
        assert_eq!(problem(br#"{"fill":null}"#).0, 422, "JSON it is");
        let line = br#"{"lines":[{"sku":"A","quantity":1,"unit_price":[1,"USD"]}]}"#;
        assert_eq!(problem(line).1, "/lines/0/unit_price");
    }

    #[test]
    fn what_was_sent_is_not_said_again() {
        let sent: [&[u8]; 9] = [
            br#"{"currency":"SECRET"}"#,
            br#"{"currency":{"SECRET":1}}"#,
            br#"{"fill":"SECRET"}"#,
            br#"{"fill":"a`SECRET, expected SECRET"}"#,
            br#"{"lines":"SECRET"}"#,
            br#"{"lines":"\"SECRET\" , expected SECRET"}"#,
            br#"{"lines":[{"sku":"SECRET SECRET"}]}"#,
            br#"{"ship_to":{"country":"SECRET`SECRET"}}"#,
            br#"{"customer":{"email":"SECRET"}}"#,
        ];
        for body in sent {
            let (_, pointer, rule) = problem(body);
            let said = String::from_utf8_lossy(body);
            assert!(!rule.contains("SECRET") && !rule.is_empty(), "{said}: {pointer} {rule}");
        }
        let (_, pointer, rule) = problem(br#"{"SECRET`, expected SECRET":1}"#);
        assert!(pointer.contains("SECRET") && !rule.contains("SECRET"), "the field is named, once: {rule}");
        assert!(rule.starts_with("unknown field, expected one of"), "{rule}");
    }
}
