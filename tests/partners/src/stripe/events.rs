//! The log of everything that happened, and who is told of it.

use super::pages::Listed;
use super::webhooks::{Dispatch, Post, Settings};
use super::wire;
use crate::ids::Ids;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedSender;

/// The call that made something happen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// `req_…`; none, where no call of the API did it.
    pub request: Option<String>,
    /// The call's idempotency key.
    pub key: Option<String>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// `evt_…`
    pub id: String,
    /// Such as `payment_intent.succeeded`.
    pub kind: &'static str,
    /// Seconds since 1970.
    pub created: i64,
    /// What it happened to, as it was then.
    pub object: Value,
    /// What it was before, where the event says so.
    pub previous: Option<Value>,
    /// What made it happen.
    pub cause: Cause,
}

impl Listed for Event {
    const NAME: &'static str = "event";

    fn created(&self) -> i64 {
        self.created
    }
}

/// Everything that happened, oldest first.
#[derive(Debug)]
pub struct Log {
    /// Where webhooks go from now on.
    pub settings: Settings,
    /// What the next events are due to.
    pub cause: Cause,
    events: BTreeMap<String, Event>,
    held: Vec<String>,
    post: Arc<Post>,
    outbox: UnboundedSender<Dispatch>,
}

impl Log {
    /// An empty log that hands its events to the postman at the other end of `outbox`.
    pub fn new(post: Arc<Post>, outbox: UnboundedSender<Dispatch>) -> Self {
        let (settings, cause) = (Settings::default(), Cause::default());
        Self { settings, cause, events: BTreeMap::new(), held: Vec::new(), post, outbox }
    }

    /// Notes that something happened, and hands it on.
    pub fn add(&mut self, ids: &mut Ids, kind: &'static str, created: i64, object: Value) {
        self.note(ids, kind, created, object, None);
    }

    /// [`Log::add`], with what was different before.
    pub fn note(&mut self, ids: &mut Ids, kind: &'static str, created: i64, object: Value, previous: Option<Value>) {
        let (id, cause) = (ids.mint("evt"), self.cause.clone());
        let event = Event { id: id.clone(), kind, created, object, previous, cause };
        if self.settings.url.is_some() && self.settings.reorder {
            self.held.push(id.clone());
        } else {
            for dispatch in self.dispatches(&event) {
                // The postman is gone only when the server is.
                let _gone = self.outbox.send(dispatch);
            }
        }
        self.events.insert(id, event);
    }

    /// The copies of `event` that are to be sent now; none, where nobody is to be told.
    pub fn dispatches(&self, event: &Event) -> Vec<Dispatch> {
        let body = wire::event(event).to_string();
        (1..=self.settings.copies()).map(|copy| self.post.book(event, copy, &body, &self.settings)).collect()
    }

    /// What was held back, the latest first; it is held no longer.
    pub fn flush(&mut self) -> Vec<Dispatch> {
        let held = std::mem::take(&mut self.held);
        let events = held.iter().rev().filter_map(|id| self.events.get(id));
        events.flat_map(|event| self.dispatches(event)).collect()
    }

    /// What is held back, in the order it happened.
    pub fn held(&self) -> &[String] {
        &self.held
    }

    /// Every event, by id.
    pub fn events(&self) -> &BTreeMap<String, Event> {
        &self.events
    }
}
