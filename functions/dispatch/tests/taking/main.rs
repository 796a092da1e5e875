//! A shipment's money is taken once, of each tender its share, whatever fails.

#[cfg(test)]
mod claims;
