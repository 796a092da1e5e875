//! channel-order
