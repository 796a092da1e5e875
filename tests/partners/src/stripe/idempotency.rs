//! Idempotency keys as the processor documents them: the first answer is saved, also a 500, and replayed.

use super::form::Params;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How long an answer is remembered; a key used after that is a new one.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// What was asked under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The path.
    pub path: String,
    /// The parameters, in any order.
    pub params: Params,
}

/// A saved answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// The id of the request that was answered first.
    pub request_id: String,
}

/// What to do with a call that carries a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begin {
    /// It is the first: do it, then [`Keys::finish`].
    Run,
    /// It was done: say the same again.
    Replay(Answer),
    /// The key belongs to another request, made to this path.
    Mismatch(String),
    /// The first is still running.
    InUse,
}

#[derive(Debug)]
struct Entry {
    asked: Asked,
    since: Timestamp,
    answer: Option<Answer>,
}

/// Every key in use.
#[derive(Debug, Default)]
pub struct Keys(BTreeMap<String, Entry>);

impl Keys {
    /// Decides on a call that carries `key`.
    pub fn begin(&mut self, key: &str, asked: Asked, now: Timestamp) -> Begin {
        self.0.retain(|_, entry| entry.answer.is_none() || now.duration_since(entry.since) < REMEMBERED);
        match self.0.get(key) {
            None => {
                self.0.insert(key.to_owned(), Entry { asked, since: now, answer: None });
                Begin::Run
            }
            Some(Entry { answer: None, .. }) => Begin::InUse,
            Some(Entry { asked: first, .. }) if *first != asked => Begin::Mismatch(first.path.clone()),
            Some(Entry { answer: Some(answer), .. }) => Begin::Replay(answer.clone()),
        }
    }

    /// Saves the answer, or, where nothing began to run, forgets the key.
    pub fn finish(&mut self, key: &str, answer: Option<Answer>) {
        match (answer, self.0.get_mut(key)) {
            (Some(answer), Some(entry)) => entry.answer = Some(answer),
            (None, _) => drop(self.0.remove(key)),
            (Some(_), None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Asked, Begin, Keys, Params, SignedDuration, Timestamp};

    fn asked(path: &str, params: &str) -> Asked {
        Asked { path: path.into(), params: Params::parse(params.as_bytes()) }
    }

    fn answer(status: u16) -> Answer {
        Answer { status, body: b"{}".to_vec(), request_id: "req_1".into() }
    }

    fn after(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    #[test]
    fn the_first_answer_is_replayed_even_if_it_was_a_500() {
        let mut keys = Keys::default();
        assert_eq!(keys.begin("k", asked("/v1/refunds", "a=1&b=2"), after(0)), Begin::Run);
        keys.finish("k", Some(answer(500)));
        assert_eq!(keys.begin("k", asked("/v1/refunds", "b=2&a=1"), after(23)), Begin::Replay(answer(500)));
    }

    #[test]
    fn a_key_serves_one_request_only() {
        let mut keys = Keys::default();
        keys.begin("k", asked("/v1/refunds", "a=1"), after(0));
        keys.finish("k", Some(answer(200)));
        let first = Begin::Mismatch("/v1/refunds".into());
        assert_eq!(keys.begin("k", asked("/v1/refunds", "a=2"), after(0)), first);
        assert_eq!(keys.begin("k", asked("/v1/payment_intents", "a=1"), after(0)), first);
    }

    #[test]
    fn a_running_request_holds_its_key() {
        let mut keys = Keys::default();
        keys.begin("k", asked("/v1/refunds", "a=1"), after(0));
        assert_eq!(keys.begin("k", asked("/v1/refunds", "a=1"), after(48)), Begin::InUse);
    }

    #[test]
    fn a_request_that_never_began_leaves_its_key_free() {
        let mut keys = Keys::default();
        keys.begin("k", asked("/v1/refunds", "a=x"), after(0));
        keys.finish("k", None);
        assert_eq!(keys.begin("k", asked("/v1/refunds", "a=1"), after(0)), Begin::Run);
    }

    #[test]
    fn after_a_day_a_key_is_new() {
        let mut keys = Keys::default();
        keys.begin("k", asked("/v1/refunds", "a=1"), after(0));
        keys.finish("k", Some(answer(200)));
        assert_eq!(keys.begin("k", asked("/v1/refunds", "a=2"), after(24)), Begin::Run);
    }
}
