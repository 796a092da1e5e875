//! A label is bought only for goods whose money can still be taken.

#[cfg(test)]
mod claims;
