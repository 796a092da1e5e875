//! A Shopify order becomes an order of ours, or is refused with a reason that names no person.

#[cfg(test)]
mod payload;
#[cfg(test)]
mod placing;
#[cfg(test)]
mod refusing;
