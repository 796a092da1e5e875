//! Whole orders in process and in memory: the state machine as it is deployed, the stages' own code, the relay, the
//! sweeper and the notifier, people at their stations and a carrier; and one disturbance per run.
//!
//! | Part | Is |
//! |---|---|
//! | `Scenario` | what is ordered, what people do about it, and how it has to end |
//! | `Disturbance` | what goes wrong, once or for good |
//! | `Execution` | the workflow service: states, `Retry`, `Catch`, `Map`, task tokens |
//! | `Run` | everything together until nothing moves any more |
//! | `broken` | what must hold at the end, and does not |

mod disturbance;
mod execution;
mod invariants;
mod people;
mod run;
mod scenario;

pub use disturbance::Disturbance;
pub use execution::{Execution, Failure};
pub use invariants::{Demand, broken};
pub use run::Run;
pub use scenario::{CancelAt, Ends, Picks, Scenario, Script};
