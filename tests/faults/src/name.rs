//! What a place in a flow is called: the same in every run of the flow.
//!
//! A number would not do: batches fall otherwise in every run, and what is read twice in one may be read once in another. So
//! a place is named by who calls, what for, and about which items, with everything that only this run has (ids, times,
//! tokens) left out.

use serde_json::Value;
use std::collections::HashMap;
use std::fmt::Write as _;

/// What is longer is cut.
const LONGEST: usize = 140;

/// What in a text belongs to which run, and what it is called instead.
#[derive(Debug, Default)]
pub struct Marks(HashMap<String, (u32, &'static str)>);

impl Marks {
    /// From now on `text` means this run; places call it `label`.
    pub fn add(&mut self, text: &str, run: u32, label: &'static str) {
        if !text.is_empty() {
            self.0.entry(text.to_owned()).or_insert((run, label));
        }
    }

    /// Forgets a run.
    pub fn forget(&mut self, run: u32) {
        self.0.retain(|_, (owner, _)| *owner != run);
    }

    /// The run that a word means.
    pub fn run(&self, word: &str) -> Option<u32> {
        self.known(word).map(|(run, _)| run)
    }

    fn known(&self, word: &str) -> Option<(u32, &'static str)> {
        // An id may have something after it: `ord-…-1` is an execution, `ord-…-authorize-1-0` a key.
        let whole = self.0.get(word);
        let known = whole.or_else(|| word.match_indices('-').find_map(|(at, _)| self.0.get(&word[..at])));
        known.copied()
    }

    /// The runs that a text names.
    pub fn runs(&self, text: &str) -> Vec<u32> {
        let mut runs: Vec<u32> = words(text).filter_map(|word| self.run(word)).collect();
        runs.sort_unstable();
        runs.dedup();
        runs
    }

    /// The text with labels in place of what is marked, and stars in place of what looks made up.
    pub fn plain(&self, text: &str) -> String {
        let mut plain = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let (word, after) = rest.split_at(moment(rest).unwrap_or_else(|| word_end(rest)));
            match self.known(word) {
                Some((_, label)) => plain.push_str(label),
                None if is_made_up(word) => plain.push('*'),
                None => plain.push_str(word),
            }
            let next = after.chars().next().map_or(0, char::len_utf8);
            plain.push_str(&after[..next]);
            rest = &after[next..];
        }
        plain
    }
}

fn word_end(text: &str) -> usize {
    text.find(|letter| !is_word(letter)).unwrap_or(text.len())
}

/// How long the point in time is that the text begins with, as keys have it: `2026-11-30T22:05:12.345Z`. Its colons are no ends
/// of words, or a place would be another each second.
fn moment(text: &str) -> Option<usize> {
    let is_time = |letter: char| letter.is_ascii_digit() || "-T:.".contains(letter);
    let (end, last) = text.char_indices().find(|(_, letter)| !is_time(*letter))?;
    let has_clock = text[..end].contains('T') && text[..end].contains(':');
    (last == 'Z' && has_clock).then_some(end + 1)
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter| !is_word(letter)).filter(|word| !word.is_empty())
}

/// Ids, digests, times.
fn is_made_up(word: &str) -> bool {
    word.len() >= 8 && word.bytes().any(|byte| byte.is_ascii_digit())
}

/// What a request of the JSON protocols is about: the keys of the items, or what else it names.
pub fn subject(service: &str, operation: &str, body: &Value, marks: &Marks) -> String {
    let mut found = Vec::new();
    if service.starts_with("DynamoDB") {
        keys(body, &mut found);
        if found.is_empty() {
            texts(&body["ExpressionAttributeValues"], &mut found);
        }
    } else if service == "AmazonSQS" {
        let queue = body["QueueUrl"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        found.push(queue.to_owned());
        found.extend(body["MessageBody"].as_str().map(str::to_owned));
    } else if operation == "StartExecution" {
        found.extend(body["name"].as_str().map(str::to_owned));
    }
    let mut named: Vec<String> = found.iter().map(|text| marks.plain(text)).collect();
    named.sort();
    named.dedup();
    short(&named.join(" "))
}

/// What does not fit is told by a digest.
fn short(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(LONGEST).collect();
    format!("{cut}…{}", &digest(text)[..6])
}

/// SHA-256, in hexadecimal.
pub fn digest(text: &str) -> String {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The keys of every item that a request names, without the tenant.
fn keys(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).and_then(|value| value["S"].as_str());
            if let (Some(pk), Some(sk)) = (text("pk"), text("sk")) {
                let pk = pk.strip_prefix("T#").and_then(|rest| rest.split_once('#')).map_or(pk, |(_, rest)| rest);
                found.push(format!("{pk}/{sk}"));
                return;
            }
            fields.values().for_each(|value| keys(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn texts(value: &Value, found: &mut Vec<String>) {
    let values = value.as_object().into_iter().flat_map(|values| values.values());
    found.extend(values.filter_map(|value| value["S"].as_str()).map(str::to_owned));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn marks() -> Marks {
        let mut marks = Marks::default();
        marks.add("ord-00ff", 7, "ORDER");
        marks.add("RUN-000007", 7, "SKU");
        marks
    }

    #[test]
    fn a_text_names_its_runs_also_within_longer_words() {
        assert_eq!(marks().runs("T#demo#ORDER#ord-00ff"), [7]);
        assert_eq!(marks().runs("{\"name\":\"ord-00ff-1\"}"), [7]);
        assert_eq!(marks().runs("ord-00fe"), Vec::<u32>::new());
    }

    #[test]
    fn what_only_one_run_has_is_left_out() {
        let plain =
            marks().plain("ORDER#ord-00ff/EVENT#000003 at 2026-11-30 of RUN-000007, key ord-00ff-authorize-1-0");
        assert_eq!(plain, "ORDER#ORDER/EVENT#000003 at * of SKU, key ORDER");
    }

    #[test]
    fn a_key_with_a_time_in_it_is_the_same_place_each_second() {
        for time in ["2026-11-30T22:05:12.345678Z", "2026-11-30T09:59:59Z"] {
            assert_eq!(marks().plain(&format!("SKU#RUN-000007/ENTRY#{time}#reno")), "SKU#SKU/ENTRY#*#reno");
        }
        assert_eq!(marks().plain("a TOKEN:12, T"), "a TOKEN:12, T");
    }

    #[test]
    fn a_database_call_is_named_by_its_items() {
        let item = |pk: &str, sk: &str| json!({"Key": {"pk": {"S": pk}, "sk": {"S": sk}}});
        let body = json!({"TransactItems": [
            {"Update": item("T#demo#ORDER#ord-00ff", "STATE")},
            {"Put": {"Item": {"pk": {"S": "T#demo#ORDER#ord-00ff"}, "sk": {"S": "EVENT#000002"}, "body": {"S": "{}"}}}},
        ]});
        let named = subject("DynamoDB_20120810", "TransactWriteItems", &body, &marks());
        assert_eq!(named, "ORDER#ORDER/EVENT#000002 ORDER#ORDER/STATE");
    }
}
