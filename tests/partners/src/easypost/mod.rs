//! The fake carrier: EasyPost's wire protocol over books of its own.

mod address;
mod books;
mod control;
mod measure;
mod rates;
mod refusal;
mod routes;
mod shipments;
mod trackers;
pub mod webhook;
mod wire;

use crate::clock::Clock;
use crate::kept::Kept;
use crate::server::door::{self, Door};
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use std::ops::Deref;
use std::sync::Arc;
use webhook::{Delivery, Hook};

/// The carrier API, shared by all its calls.
#[derive(Clone)]
struct EasyPost(Arc<Desk>);

/// What the carrier API keeps.
struct Desk {
    books: Kept<books::Books>,
    hook: Kept<Option<Hook>>,
    deliveries: Kept<Vec<Delivery>>,
    door: Arc<Door>,
    clock: Arc<dyn Clock>,
    client: reqwest::Client,
    base: String,
}

impl Deref for EasyPost {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.0
    }
}

/// The API's routes, its layers and its control plane; `base` is its own address, for the labels it sells.
pub fn router(clock: Arc<dyn Clock>, base: String, client: reqwest::Client) -> Router {
    let door = Door::new(|status| refusal::Refusal::failure(status).into_response());
    let desk = Desk {
        books: Kept::default(),
        hook: Kept::default(),
        deliveries: Kept::default(),
        door: Arc::clone(&door),
        clock,
        client,
        base,
    };
    let easypost = EasyPost(Arc::new(desk));
    // The last layer added is the first a call passes.
    let api = routes::routes()
        .layer(from_fn_with_state(Arc::clone(&door), door::strike))
        .layer(from_fn(routes::authenticate))
        .layer(from_fn_with_state(door, door::watch));
    api.merge(routes::labels()).merge(control::routes(&easypost)).with_state(easypost)
}
