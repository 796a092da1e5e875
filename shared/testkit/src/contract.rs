//! What every keeper of the domain's stores must do: claims to be tested of each of them alike, so that a test in memory
//! says something about DynamoDB.
//!
//! [`contract_tests!`](crate::contract_tests) makes a test of every claim.

#![expect(clippy::missing_panics_doc, reason = "a claim that does not hold panics: that is what a test does")]
#![expect(clippy::unwrap_used, reason = "a store that fails here has failed the test")]

pub mod adjusting;
pub mod advancing;
pub mod auditing;
pub mod filing;
pub mod keeping;
pub mod limits;
pub mod listing;
pub mod paying;
pub mod placing;
pub mod promising;
pub mod requesting;
pub mod stating;
pub mod stocking;
pub mod stowing;
pub mod surveying;
pub mod sweeping;

use crate::{at, first_of, id, receipt};
use waybill_domain::id::TenantId;
use waybill_domain::order::{Actor, Draft, Order, Placed, Recorded};
use waybill_domain::ports::{
    Accounts, Audit, Commit, Committed, Filed, Lists, Movements, Orders, Requests, Statements, Stock, StoreError,
    Survey, Watch,
};
use waybill_domain::stock::Document;

/// A keeper of orders, in every respect.
pub trait Keeper: Orders + Lists + Watch + Accounts + Requests + Audit {}

impl<T: Orders + Lists + Watch + Accounts + Requests + Audit> Keeper for T {}

/// What the self-audit of stock keeps and reads.
pub trait Auditable: Statements + Movements + Survey {}

impl<T: Statements + Movements + Survey> Auditable for T {}

/// Makes a test of every claim of the contract, of the stores that `$world` makes: a future of `(orders, stock,
/// statements)`, empty at the beginning of each test.
#[macro_export]
macro_rules! contract_tests {
    ($world:expr) => {
        $crate::contract_tests! { @of $world;
            placing:
                a_first_event_is_stored_once_and_answered_with_itself_afterwards,
                an_order_that_exists_is_found_though_the_stock_is_gone,
                out_of_stock_names_the_items_and_stores_nothing,
                two_lines_of_one_item_move_one_counter_once,
                thirty_orders_of_ten_units_sell_ten,
                nobody_sees_another_tenants_orders_or_stock;
            advancing:
                a_whole_life_reads_back_as_it_was_written,
                of_two_events_of_one_version_the_second_is_a_conflict,
                somebody_elses_event_counts_before_missing_stock,
                a_site_that_has_too_little_is_named_and_nothing_is_stored,
                routing_and_dispatch_move_what_the_event_says,
                a_released_reservation_is_available_again_once,
                a_called_off_allocation_is_available_again,
                what_was_not_found_is_held_back;
            limits:
                ninety_items_are_one_transaction,
                more_than_a_hundred_writes_are_broken_and_store_nothing,
                an_item_of_more_than_400_kb_is_broken_and_stores_nothing;
            keeping:
                an_effect_is_claimed_once_until_it_is_taken_back,
                every_token_of_a_wait_is_kept,
                a_shipment_is_found_by_its_tracking_code;
            listing:
                orders_of_some_days_come_newest_first_and_page_by_page,
                an_order_is_found_beyond_a_long_empty_stretch,
                orders_of_one_second_keep_their_order_across_pages,
                lists_show_what_an_order_has_become,
                a_customers_orders_and_a_reference_are_found,
                work_moves_from_queue_to_queue,
                work_comes_oldest_first_and_page_by_page,
                exceptions_stand_in_their_queue_until_they_are_resolved;
            sweeping:
                an_order_is_looked_at_when_it_is_due_and_not_before,
                a_finished_order_is_looked_at_once_more_and_never_again,
                an_order_that_goes_on_after_its_end_is_looked_at_again;
            paying:
                an_account_is_never_overdrawn_by_twenty_orders_at_once,
                what_an_order_does_not_use_is_available_again,
                draws_of_one_event_on_one_account_are_one,
                a_payment_belongs_to_one_order,
                somebody_elses_event_counts_before_a_missing_balance,
                no_more_is_taken_than_is_held,
                no_more_is_given_back_than_was_taken,
                facts_from_outside_know_no_bounds;
            adjusting:
                an_account_is_adjusted_once_per_key,
                an_account_never_falls_below_nothing,
                a_balance_is_kept_per_currency;
            requesting:
                of_fifty_calls_at_once_one_begins,
                a_lease_ends,
                what_was_done_is_answered_again,
                a_key_is_for_one_body,
                what_was_given_up_may_begin_again;
            auditing:
                a_scan_finds_every_order_whole_and_once;
            stocking:
                a_document_is_stored_once_and_answered_with_the_first_afterwards,
                a_loss_of_promised_units_is_recorded,
                units_that_are_allocated_cannot_be_taken_away,
                levels_and_free_units_are_told_per_site;
            filing:
                a_document_decided_on_counters_that_moved_is_a_conflict,
                nothing_is_stored_when_one_of_several_movements_is_short,
                what_was_announced_comes_in_once,
                a_transfer_is_expected_where_it_goes,
                a_count_dates_the_item_and_moves_nothing,
                a_count_that_disagrees_is_decided_once,
                a_decision_on_counters_that_moved_leaves_its_case_open,
                cases_come_oldest_first_and_page_by_page,
                a_document_of_more_than_a_hundred_writes_is_broken_and_stores_nothing,
                nobody_sees_another_tenants_documents;
            stowing:
                stows_move_with_their_site,
                a_serial_number_comes_in_once;
            promising:
                units_left_to_others_are_not_promised,
                backorders_are_promised_out_of_what_is_announced,
                who_waits_longest_is_first,
                a_backorder_is_filled_with_units_that_are_here_only,
                a_reservation_that_lapsed_is_made_again;
        }
        $crate::contract_tests! { @audited $world;
            stating:
                a_line_is_entered_once_and_the_first_one_stands,
                a_statement_is_of_one_item_newest_first_and_page_by_page,
                a_made_up_cursor_reads_nothing_but_lines,
                a_drift_is_opened_once,
                drifts_are_of_one_tenant_newest_first_and_page_by_page,
                what_events_and_documents_moved_is_told_to_their_tenant;
            surveying:
                a_survey_finds_every_counter_and_every_document_once;
        }
    };
    (@of $world:expr; $($part:ident: $($claim:ident),+;)+) => {
        $(mod $part {
            use super::*;

            $(#[tokio::test]
            async fn $claim() {
                let (orders, stock, _) = $world.await;
                $crate::contract::$part::$claim(&orders, &stock).await;
            })+
        })+
    };
    (@audited $world:expr; $($part:ident: $($claim:ident),+;)+) => {
        $(mod $part {
            use super::*;

            $(#[tokio::test]
            async fn $claim() {
                let (orders, stock, statements) = $world.await;
                $crate::contract::$part::$claim(&orders, &stock, &statements).await;
            })+
        })+
    };
}

/// Items of one receipt: each touches two items of counters.
const LINES: usize = 45;

/// Units of items come in at the site `reno`.
async fn receive(stock: &impl Stock, tenant: &TenantId, units: &[(&str, i64)]) {
    for chunk in units.chunks(LINES) {
        let receipt = receipt(tenant, &format!("receipt of {}", chunk[0].0), "reno", chunk);
        let filed = file(stock, tenant, &receipt).await;
        // A scene that receives the same twice has received it once.
        assert!(filed == Filed::Stored || filed == Filed::Exists(Box::new(receipt)), "{filed:?}");
    }
}

/// Files a document that was decided on nothing.
async fn file(stock: &impl Stock, tenant: &TenantId, document: &Document) -> Filed {
    stock.file(tenant, document, &[]).await.unwrap()
}

/// Files a document, which is stored.
async fn stores(stock: &impl Stock, tenant: &TenantId, document: &Document) {
    assert_eq!(file(stock, tenant, document).await, Filed::Stored, "{:?}", document.body);
}

/// Commits a first event.
async fn place(orders: &impl Orders, (order, first): &(Order, Recorded)) -> Result<Committed, StoreError> {
    orders.commit(Commit { before: None, after: order, recorded: first }).await
}

/// An order that is stored.
async fn stored(orders: &impl Orders, tenant: &TenantId, key: &str, placed: Placed) -> Order {
    let first = first_of(tenant, key, placed);
    assert_eq!(place(orders, &first).await.unwrap(), Committed::Stored, "{key}");
    first.0
}

/// The order after `draft`, with the event.
fn next(order: &Order, draft: Draft, seconds: i64) -> (Order, Recorded) {
    order.record(draft, at(seconds), Actor("client:test".to_owned()), None)
}

/// Commits the event that leads from `before`.
async fn go_on(
    orders: &impl Orders,
    before: &Order,
    (after, recorded): &(Order, Recorded),
) -> Result<Committed, StoreError> {
    orders.commit(Commit { before: Some(before), after, recorded }).await
}

/// The order after `draft`, stored.
async fn went_on(orders: &impl Orders, before: &Order, draft: Draft, seconds: i64) -> Order {
    let step = next(before, draft, seconds);
    assert_eq!(go_on(orders, before, &step).await.unwrap(), Committed::Stored);
    step.0
}

/// What is available of an item network-wide, and its on hand, allocated, free and held units at `reno`.
async fn counters(stock: &impl Stock, tenant: &TenantId, item: &str) -> (i64, [i64; 4]) {
    let levels = stock.levels(tenant, &id(item)).await.unwrap();
    let reno = levels.sites.iter().find(|site| site.site.as_str() == "reno").map(|site| site.level).unwrap_or_default();
    (levels.network.available, [reno.on_hand, reno.allocated, reno.free, reno.held])
}
