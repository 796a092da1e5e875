//! The fake payment processor: Stripe's wire protocol over books of its own.

mod books;
mod cards;
mod control;
mod currency;
mod form;
mod idempotency;
mod intents;
mod layers;
mod refunds;
mod refusal;
mod routes;
mod search;
mod states;
mod wire;
mod wishes;

use crate::clock::Clock;
use crate::kept::Kept;
use crate::server::door::{self, Door};
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use jiff::Timestamp;
use std::ops::Deref;
use std::sync::Arc;

/// The processor, shared by all its calls.
#[derive(Clone)]
struct Stripe(Arc<Desk>);

/// What the processor keeps.
struct Desk {
    books: Kept<books::Books>,
    keys: Kept<idempotency::Keys>,
    door: Arc<Door>,
    clock: Arc<dyn Clock>,
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

    /// Seconds since 1970, as the processor writes its times.
    fn now(&self) -> i64 {
        self.timestamp().as_second()
    }
}

/// The processor's routes, its layers and its control plane.
pub fn router(clock: Arc<dyn Clock>) -> Router {
    let door = Door::new(|status| refusal::Refusal::failure(status).into_response());
    let desk = Desk { books: Kept::default(), keys: Kept::default(), door: Arc::clone(&door), clock };
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
