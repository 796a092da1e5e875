#![doc = include_str!("../README.md")]

mod actions;
mod list;
mod payments;
mod proof;
mod route;
mod timeline;
mod view;
mod work;

pub use list::{ListQuery, OrderList, OrderRow};
pub use payments::{DisputeView, PaymentView, PendingView};
pub use proof::ProofView;
pub use route::{Api, App, router};
pub use timeline::{Timeline, TimelineEvent};
pub use view::OrderView;
pub use work::{ExceptionList, ExceptionRow, WorkList, WorkRow};

/// Rows a page has at most.
pub const MAX_ROWS: usize = 100;
/// Rows a page has if the caller does not say.
pub const ROWS: usize = 25;
