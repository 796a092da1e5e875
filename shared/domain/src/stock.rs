//! Stock: immutable movements, the counters each of them moves, and the equations that tie the counters together.
//!
//! Network-wide, per SKU: Σ `on_hand` = live reservations + Σ `allocated` + `available` + Σ `held`. A reservation is live
//! from the order's first event until its units are allocated or it is given back, whether its units are here or still
//! expected; so `available` is less than nothing where more is promised than there is. Per site, and per lot within it:
//! `on_hand` = `allocated` + `free` + `held`.

pub mod audit;
mod counter;
mod counting;
mod document;
pub mod filing;
pub mod hot;
mod movement;
mod place;
mod stow;

pub use counter::{Change, Counter, Level, Network, Place, Shelf, changes};
pub use counting::count_due;
pub use document::{Body, CountLine, Document, Seen};
pub use movement::{Kind, Movement, Reason};
pub use place::InvalidPlace;
pub use stow::{Picked, Stocked, Stow, Tracking, fefo};
