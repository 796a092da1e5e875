//! The contract of the testkit, kept by the adapters on an embedded DynamoDB; and what only the real service says,
//! said by a stub.

#![expect(clippy::unwrap_used, reason = "a call that fails here has failed the test")]

mod audit;
mod catalog;
mod causes;
mod expressions;
mod refusals;
mod refused_money;
mod rush;
mod stock_model;
mod stub;
mod tables;
mod units;

waybill_testkit::contract_tests!(tables::world());
