//! Whole orders in process and in memory: the state machine as it is deployed, the stages' own code, the relay, the
//! sweeper, the notifier and the refunder, people at their stations, a shopper, a carrier and a payment processor; and one
//! disturbance per run.
//!
//! | Part | Is |
//! |---|---|
//! | `Scenario` | what is ordered, what people do about it, and how it has to end |
//! | `Disturbance` | what goes wrong, once or for good |
//! | `shuffled` | every event and message several times, in an order made from a seed |
//! | `Execution` | the workflow service: states, `Retry`, `Catch`, `Map`, task tokens |
//! | `Run` | everything together until nothing moves any more |
//! | `broken` | what must hold at the end, and does not |

mod books;
mod disturbance;
mod execution;
mod invariants;
mod paid;
mod people;
mod run;
mod scenario;
mod shopper;
mod shuffled;
mod supply;
mod workers;

pub use disturbance::Disturbance;
pub use execution::{Execution, Failure};
pub use invariants::{Demand, broken};
pub use run::Run;
pub use scenario::{CancelAt, Credit, Ends, Picks, Scenario, Script};
pub use shuffled::Dice;
pub use supply::Supply;
