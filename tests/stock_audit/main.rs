//! The self-audit of stock over the shipped adapters on an embedded DynamoDB, from its own stream.

#[cfg(test)]
mod database;
#[cfg(test)]
mod finding;
