//! The contract of the testkit, kept by the adapters on an embedded DynamoDB; and what only the real service says,
//! said by a stub.

#![expect(clippy::unwrap_used, reason = "a call that fails here has failed the test")]

mod catalog;
mod expressions;
mod refusals;
mod rush;
mod tables;

waybill_testkit::contract_tests!(tables::world());
