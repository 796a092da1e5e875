//! Requests that are wrong by construction, and where: made from a good one by the document's own schema.

use crate::chance::Chance;
use crate::operations::{Operation, Records, is_nullable, kind};
use serde_json::{Value, json};
use waybill_tests::openapi::resolved;

/// Characters that no field of the API may have.
const LONG: usize = 5_000;
/// One more than the body may have.
const LARGE: usize = 200 * 1024 + 1;
const METHODS: [&str; 6] = ["GET", "PUT", "POST", "DELETE", "PATCH", "TRACE"];

/// What is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A field of the body, by its JSON pointer.
    Field(String),
    /// The body as a whole: it cannot be read, or is too large.
    Body,
    /// The Idempotency-Key.
    Key,
    /// A parameter of the query.
    Query(String),
    /// An id or a number in the path.
    Path,
    /// The method.
    Method,
}

/// A request that must be refused.
#[derive(Clone, Debug)]
pub struct Broken {
    pub what: &'static str,
    pub operation: Operation,
    pub place: Place,
    pub method: String,
    /// With its query.
    pub path: String,
    /// `None`: the header is missing.
    pub key: Option<Vec<u8>>,
    pub body: Vec<u8>,
    /// Words sent that may not be said again; that of a field's name may, where the field is named.
    pub word: String,
}

/// A value within a good body.
struct Node<'d> {
    pointer: String,
    schema: &'d Value,
    /// As it stands where it is used: with `null` among its types, if it may be.
    used: &'d Value,
    required: bool,
}

fn nodes<'d>(document: &'d Value, used: &'d Value, value: &Value, at: &str, found: &mut Vec<Node<'d>>, required: bool) {
    let schema = resolved(document, used);
    found.push(Node { pointer: at.to_owned(), schema, used, required });
    let named: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, value) in value.as_object().into_iter().flatten() {
        let required = named.contains(&name.as_str());
        nodes(document, &schema["properties"][name], value, &format!("{at}/{name}"), found, required);
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        nodes(document, &schema["items"], item, &format!("{at}/{index}"), found, true);
    }
}

/// Good requests, and what breaks them.
pub struct Breaker<'d> {
    pub document: &'d Value,
    pub records: &'d Records,
    pub chance: &'d mut Chance,
}

impl Breaker<'_> {
    /// A request of `operation` with one thing wrong.
    pub fn broken(&mut self, operation: &Operation) -> Broken {
        let word = self.chance.word();
        let good = Broken {
            what: "nothing",
            place: Place::Body,
            method: operation.method.clone(),
            path: self.good_path(operation),
            key: operation.needs_key().then(|| self.chance.word().into_bytes()),
            body: operation
                .body(self.document, self.records)
                .map(|body| body.to_string().into_bytes())
                .unwrap_or_default(),
            operation: operation.clone(),
            word,
        };
        let has_body = operation.schema.is_some();
        loop {
            let broken = match self.chance.below(30) {
                20..30 | 0..8 if has_body && !operation.is_webhook() => self.field(good.clone()),
                8..11 if has_body => Some(self.unreadable(good.clone())),
                11..14 if operation.needs_key() => Some(self.key(good.clone())),
                14..17 => self.path(good.clone()),
                17 | 18 => self.query(good.clone()),
                19 => Some(self.method(good.clone())),
                _ => None,
            };
            if let Some(broken) = broken {
                return broken;
            }
        }
    }

    fn good_path(&self, operation: &Operation) -> String {
        let path = operation.path_of(|hole| operation.record(hole, self.records).to_owned());
        path + &operation.required_query(self.records)
    }

    /// A field of another shape than the schema says.
    fn field(&mut self, mut request: Broken) -> Option<Broken> {
        let mut body: Value = serde_json::from_slice(&request.body).unwrap();
        let schema = request.operation.schema.clone().unwrap();
        let mut all = Vec::new();
        nodes(self.document, &schema, &body, "", &mut all, true);
        let node = self.chance.one(&all);
        let (pointer, word) = (node.pointer.clone(), request.word.clone());
        let value = body.pointer_mut(&pointer).unwrap();
        let (what, place) = match self.chance.below(11) {
            0 => ("a field of another type", self.another_type(node, value, &word)),
            1 if node.required && !is_nullable(node.used) => {
                *value = Value::Null;
                ("null for a required field", Some(pointer))
            }
            2 if value.is_object() => {
                let fields = value.as_object().unwrap().values().cloned().collect::<Vec<_>>();
                *value = json!(fields);
                ("a list for an object", Some(pointer))
            }
            3 if value.is_array() => {
                *value = json!({word.as_str(): value.take()});
                ("an object for a list", Some(pointer))
            }
            4 if value.is_i64() => {
                let huge = ["1e30", "-1e30", "18446744073709551616", "-9223372036854775809", "0.5"];
                *value = serde_json::from_str(huge[self.chance.below(huge.len())]).unwrap();
                ("a number no integer holds", Some(pointer))
            }
            5 if value.is_i64() && node.schema["minimum"].as_i64().is_some_and(|least| least >= 0) => {
                *value = json!(-1 - i64::try_from(self.chance.below(1_000_000)).unwrap());
                ("a negative number", Some(pointer))
            }
            6 if value.is_string() => {
                *value = json!(word.repeat(LONG / word.len()));
                ("an overlong text", Some(pointer))
            }
            7 if value.is_string() => {
                *value = json!(format!("{word}\u{0}\n"));
                ("control characters", Some(pointer))
            }
            8 if value.is_object() => {
                value[&word] = json!(1);
                ("an unknown field", Some(format!("{pointer}/{word}")))
            }
            9 => {
                *value = (0..200).fold(json!(word), |inner, _| json!([inner]));
                ("a deep nest", Some(pointer))
            }
            _ => return self.absent_or_twice(request, &body, node),
        };
        request.what = what;
        request.place = Place::Field(place?);
        request.body = body.to_string().into_bytes();
        Some(request)
    }

    fn another_type(&mut self, node: &Node<'_>, value: &mut Value, word: &str) -> Option<String> {
        let others = [json!(true), json!(word), json!(7.5), json!({word: word}), json!([[[word]]])];
        let other = self.chance.one(&others).clone();
        let same = match (kind(node.schema), &other) {
            ("boolean", Value::Bool(_)) | ("string", Value::String(_)) => true,
            // Without a schema a field is what the good one is.
            ("", other) => std::mem::discriminant(other) == std::mem::discriminant(value),
            _ => false,
        };
        *value = other;
        (!same).then(|| node.pointer.clone())
    }

    fn absent_or_twice(&mut self, mut request: Broken, body: &Value, node: &Node<'_>) -> Option<Broken> {
        let (parent, name) = node.pointer.rsplit_once('/')?;
        if name.parse::<usize>().is_ok() {
            return None;
        }
        let mut body = body.clone();
        let object = body.pointer_mut(parent)?.as_object_mut()?;
        let mut text = if self.chance.below(2) == 0 {
            if !node.required {
                return None;
            }
            object.remove(name);
            request.what = "a missing field";
            body.to_string()
        } else {
            // No map holds it: written beside it, renamed in the text.
            let again = object[name].clone();
            object.insert("@again".to_owned(), again);
            request.what = "a field that is there twice";
            body.to_string().replacen("\"@again\"", &format!("\"{name}\""), 1)
        };
        request.place = Place::Field(node.pointer.clone());
        request.body = std::mem::take(&mut text).into_bytes();
        Some(request)
    }

    fn unreadable(&mut self, mut request: Broken) -> Broken {
        let body = &mut request.body;
        request.what = match self.chance.below(7) {
            0 => {
                body.truncate(self.chance.below(body.len()));
                "a body cut off"
            }
            1 => {
                body.extend_from_slice(format!(" {}", request.word).as_bytes());
                "something behind the body"
            }
            2 => {
                let at = self.chance.below(body.len());
                body.insert(at, 0xff);
                "a body that is no UTF-8"
            }
            3 => {
                body.clear();
                "no body"
            }
            4 => {
                *body = request.word.clone().into_bytes();
                "a body that is no JSON"
            }
            5 => {
                body.splice(0..0, [0xef, 0xbb, 0xbf]);
                "a byte order mark"
            }
            _ => {
                body.resize(LARGE, b' ');
                "a body too large"
            }
        };
        request.place = Place::Body;
        request
    }

    fn key(&mut self, mut request: Broken) -> Broken {
        let word = request.word.as_bytes();
        let keys = [None, Some(Vec::new()), Some(word.repeat(20)), Some([word, b"\xff"].concat())];
        request.key.clone_from(self.chance.one(&keys));
        request.what = "no Idempotency-Key, or none that is one";
        request.place = Place::Key;
        request
    }

    fn path(&mut self, mut request: Broken) -> Option<Broken> {
        let operation = request.operation.clone();
        let holes = operation.holes();
        if holes.is_empty() {
            return None;
        }
        let wrong = *self.chance.one(&holes);
        let word = &request.word;
        let odd = if wrong == "n" {
            let numbers = ["0", "-1", "65536", "99999999999999999999", "1.5", "one", "%31%00"];
            (*self.chance.one(&numbers)).to_owned()
        } else {
            let ids = [
                format!("{word}!"),
                word.repeat(20),
                word.repeat(200),
                format!("{word}%00"),
                format!("{word}%FF%FE"),
                format!("{word}%F0%9F%A6%80"),
                format!("{word}%2F..%2F.."),
                format!("{word}%23STATE"),
                format!("{word}%20OR%201=1"),
                "%20".to_owned(),
            ];
            self.chance.one(&ids).clone()
        };
        let fill =
            |hole: &str| if hole == wrong { odd.clone() } else { operation.record(hole, self.records).to_owned() };
        request.path = operation.path_of(fill) + &operation.required_query(self.records);
        request.what = "an odd id in the path";
        request.place = Place::Path;
        Some(request)
    }

    fn query(&mut self, mut request: Broken) -> Option<Broken> {
        let operation = request.operation.clone();
        let known = operation.query();
        if known.is_empty() {
            return None;
        }
        let word = request.word.clone();
        let mut names = known.clone();
        names.push(&word);
        let name = *self.chance.one(&names);
        let long = word.repeat(200);
        let odd = [format!("{word}%00"), format!("{word}%FF"), long, String::new(), format!("{word}%20%23{word}")];
        let value = match name {
            "limit" => (*self.chance.one(&["0", "-1", "101", "1e9", "x", ""])).to_owned(),
            // Any text of 1 to 64 characters may be one.
            "reference" => odd[..4][[0, 2, 3][self.chance.below(3)]].clone(),
            // What a cursor of another list, or of nobody's, may look like.
            "cursor" if self.chance.below(2) == 0 => {
                let made_up = [
                    format!("{word}%23"),
                    format!("2026-13-45T12:00:00Z%23{word}"),
                    format!("2026-11-02T12:00:00Z%23{word}%20"),
                    format!("2026-11-02+{word}"),
                ];
                self.chance.one(&made_up).clone()
            }
            _ => self.chance.one(&odd).clone(),
        };
        // What is required is asked for as well, unless it is what is wrong.
        let required = operation.required_query(self.records);
        let kept = required
            .trim_start_matches('?')
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with(&format!("{name}=")));
        let pairs: Vec<String> = kept.map(str::to_owned).chain([format!("{name}={value}")]).collect();
        let path = operation.path_of(|hole| operation.record(hole, self.records).to_owned());
        request.path = format!("{path}?{}", pairs.join("&"));
        request.what = "an odd query";
        request.place = Place::Query(name.to_owned());
        Some(request)
    }

    fn method(&mut self, mut request: Broken) -> Broken {
        let told = &self.document["paths"][&request.operation.path];
        let others: Vec<&str> =
            METHODS.into_iter().filter(|method| told.get(method.to_lowercase()).is_none()).collect();
        (*self.chance.one(&others)).clone_into(&mut request.method);
        request.what = "a method the path has not";
        request.place = Place::Method;
        request
    }
}
