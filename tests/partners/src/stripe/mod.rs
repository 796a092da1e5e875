//! The fake payment processor: Stripe's wire protocol over books of its own.

mod books;
mod cards;
mod control;
mod currency;
mod declines;
mod disputes;
mod events;
mod form;
mod idempotency;
mod intents;
mod issuer;
mod layers;
mod pages;
mod refunds;
mod refusal;
mod routes;
mod search;
mod states;
mod webhooks;
mod wire;
mod wishes;

use crate::clock::{Clock as _, MovableClock};
use crate::kept::Kept;
use crate::server::door::{self, Door};
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use jiff::Timestamp;
use std::ops::Deref;
use std::sync::{Arc, MutexGuard};
use tokio::sync::mpsc;
pub use webhooks::sign_event;

/// The processor, shared by all its calls.
#[derive(Clone)]
struct Stripe(Arc<Desk>);

/// What the processor keeps.
struct Desk {
    books: Kept<books::Books>,
    keys: Kept<idempotency::Keys>,
    door: Arc<Door>,
    clock: Arc<MovableClock>,
    post: Arc<webhooks::Post>,
}

impl Deref for Stripe {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.0
    }
}

impl Desk {
    fn timestamp(&self) -> Timestamp {
        self.clock.now()
    }

    /// The books as they are now, for a call that is none of the API's. Never hold them across an `await`.
    fn books(&self) -> MutexGuard<'_, books::Books> {
        self.books_for(events::Cause::default())
    }

    /// The books as they are now: whatever time alone has done is done, what happens from here on is due to `cause`.
    fn books_for(&self, cause: events::Cause) -> MutexGuard<'_, books::Books> {
        let mut books = self.books.lock();
        books.log.cause = events::Cause::default();
        // Seconds since 1970, as the processor writes its times.
        books.pass_time(self.timestamp().as_second());
        books.log.cause = cause;
        books
    }
}

/// The processor's routes, its layers and its control plane. Webhooks are delivered for as long as the router lives.
pub fn router(clock: Arc<MovableClock>, client: reqwest::Client) -> Router {
    let door = Door::new(|status| refusal::Refusal::failure(status).into_response());
    let post = webhooks::Post::new(client, Arc::clone(&clock));
    let (outbox, inbox) = mpsc::unbounded_channel();
    tokio::spawn(Arc::clone(&post).run(inbox));
    let books = books::Books::new(events::Log::new(Arc::clone(&post), outbox));
    let desk = Desk { books: Kept::new(books), keys: Kept::default(), door: Arc::clone(&door), clock, post };
    let stripe = Stripe(Arc::new(desk));
    // The last layer added is the first a call passes.
    let api = routes::routes()
        .layer(from_fn_with_state(Arc::clone(&door), door::strike))
        .layer(from_fn_with_state(stripe.clone(), layers::remember))
        .layer(from_fn(layers::authenticate))
        .layer(from_fn_with_state(stripe.clone(), layers::stamp))
        .layer(from_fn_with_state(door, door::watch));
    api.merge(control::routes(&stripe)).with_state(stripe)
}
