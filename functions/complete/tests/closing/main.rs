//! An order is closed when everything is settled, and what is not needed goes back first.

#[cfg(test)]
mod claims;
