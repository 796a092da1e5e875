//! The parts of the house that must agree, held together: each test fails with the names of what drifted, and each rule is
//! tried on something broken, because a check that cannot fail proves nothing.

#![expect(clippy::unwrap_used, reason = "tests")]

mod dependencies;
mod examples;
mod folders;
mod machine;
mod sources;
mod template;

use waybill_tests::asl::Machine;
use waybill_tests::rules::Findings;
use waybill_tests::template::Template;

fn machine() -> Machine {
    Machine::read().unwrap()
}

fn template() -> Template {
    Template::read().unwrap()
}

#[track_caller]
fn holds(findings: &Findings) {
    assert!(findings.is_empty(), "\n  {}\n", findings.join("\n  "));
}
