//! command-orders
