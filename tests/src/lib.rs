//! waybill-tests
