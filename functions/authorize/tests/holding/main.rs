//! Money is held once per tender, whatever fails, and a decline leads where its code says.

#[cfg(test)]
mod claims;
