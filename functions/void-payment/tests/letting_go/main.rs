//! A cancelled order holds no money, whatever was lost on the way.

#[cfg(test)]
mod claims;
