//! Bodies: parsed once, refused with the field and the rule.

use super::problem::Problem;
use axum::body::Bytes;
use axum::extract::Request;
use http::HeaderMap;
use http::request::Parts;
use serde::de::DeserializeOwned;
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
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let at = pointer(error.path());
        let inner = error.into_inner();
        let rule = rule_of(&inner);
        if inner.is_data() { Problem::invalid(at, rule) } else { Problem::unreadable(rule) }
    })?;
    json.end().map_err(|error| Problem::unreadable(rule_of(&error)))?;
    Ok(value)
}

/// The rule in words, without values: what the caller sent may be personal and is not echoed or logged.
fn rule_of(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line").map_or(text.as_str(), |(rule, _)| rule);
    let mut quoted = false;
    let kept: String = text
        .chars()
        .filter(|c| {
            let edge = *c == '"';
            quoted ^= edge;
            !quoted && !edge
        })
        .collect();
    kept.chars().take(300).collect()
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
}
