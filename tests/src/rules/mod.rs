//! The rules the conformance tests hold the project to. Each answers what breaks it, in words that name the place.

pub mod dependencies;
pub mod examples;
pub mod folders;
pub mod sources;
pub mod stack;
pub mod undo;
pub mod workflow;

/// What breaks a rule; none when it holds.
pub type Findings = Vec<String>;
