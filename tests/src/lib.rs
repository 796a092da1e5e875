//! What the tests of the whole share: the repository, the state machine and the template as data, the rules they are held
//! to, the API's document, and an engine that runs the workflow in process.
//!
//! | Test | Holds |
//! |---|---|
//! | `conformance` | state machine = stages = folders = template; deadlines, retries, catches, undoing; dependencies; sources |
//! | `openapi` | the API's document = the code = the template's routes |
//! | `saga` | every stage and every call of a port failing once, or for good: money, stock and orders stay right |
//! | `interleavings` | pairs of calls at once, at every switch; every delivery five times, in any order: one end |
//! | `e2e` | the real template on the local AWS |

pub mod asl;
pub mod jsonata;
pub mod openapi;
pub mod repository;
pub mod rules;
pub mod saga;
pub mod source;
pub mod stages;
pub mod template;
