//! Stock against a model of it: random histories and every ordered pair of operations, in memory and on an embedded
//! DynamoDB. The model is written after the words of the rules and knows nothing of counters and conditions.

mod checks;
mod histories;
mod model;
mod op;
mod pairs;
mod plan;
mod world;
