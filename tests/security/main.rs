//! Who may do what, and what forged, malformed or foreign calls change: nothing.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod canaries;
mod chance;
mod echo;
mod forgeries;
mod journeys;
mod malformed;
mod operations;
mod people;
mod policies;
mod routes;
mod tenants;
mod world;
