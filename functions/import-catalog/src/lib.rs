//! import-catalog
