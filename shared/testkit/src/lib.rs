//! waybill-testkit
