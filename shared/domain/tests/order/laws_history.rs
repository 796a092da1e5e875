//! History: the fold, repetition, what is over, and the axes.

use crate::life::{Command, life};
use crate::sample::outcome;
use proptest::prelude::*;
use waybill_domain::order::{
    CancelReason, Event, FulfillmentAxis, FulfillmentStatus, Order, OrderAxis, PaymentAxis, Recorded, Rejection, Work,
};

/// Facts from outside and what gives things back: all that may still happen to an order that was called off.
fn may_follow_the_end(event: &Event) -> bool {
    match event {
        Event::PaymentAuthorized { .. }
        | Event::PaymentCaptured { .. }
        | Event::PaymentVoided { .. }
        | Event::StockReleased
        | Event::Labeled { .. }
        | Event::LabelVoided { .. }
        | Event::Tracked { .. }
        | Event::PartnerRefused { .. }
        | Event::ExceptionOpened(_)
        | Event::ExceptionResolved { .. }
        | Event::Redriven { .. } => true,
        Event::Placed(_)
        | Event::Screened { .. }
        | Event::PaymentDeclined { .. }
        | Event::Reviewed { .. }
        | Event::Routed { .. }
        | Event::Picked { .. }
        | Event::Packed { .. }
        | Event::HandedOver { .. }
        | Event::Dispatched { .. }
        | Event::Cancelled(_)
        | Event::Closed { .. } => false,
    }
}

fn check_axes(order: &Order) -> Result<(), TestCaseError> {
    let axes = order.axes();
    let live = || order.fulfillments.iter().filter(|part| !part.is_dropped());
    prop_assert_eq!(axes.order == OrderAxis::Cancelled, order.is_cancelled());
    prop_assert!(axes.order != OrderAxis::Closed || order.invoice.is_some());
    prop_assert_eq!(axes.fulfillment == FulfillmentAxis::Unfulfilled, live().next().is_none());
    if axes.fulfillment == FulfillmentAxis::Delivered {
        prop_assert!(live().all(|part| part.is_delivered() && part.has_left()));
    }
    if axes.fulfillment == FulfillmentAxis::InProgress {
        prop_assert!(!order.has_left());
    }
    match axes.payment {
        PaymentAxis::Voided => prop_assert!(order.is_cancelled() && order.payment.captured.is_zero()),
        PaymentAxis::Paid => prop_assert_eq!(order.payment.captured, order.owed().unwrap()),
        PaymentAxis::Failed => prop_assert!(order.is_cancelled()),
        PaymentAxis::Overcharged => prop_assert!(order.payment.captured.minor() > order.owed().unwrap().minor()),
        PaymentAxis::PartiallyPaid => prop_assert!(order.payment.captured.minor() < order.owed().unwrap().minor()),
        PaymentAxis::Authorized => prop_assert!(order.payment.captured.is_zero()),
        PaymentAxis::None => prop_assert!(order.payment.authorization.is_none()),
        PaymentAxis::PartiallyRefunded | PaymentAxis::Refunded => prop_assert!(false, "nothing refunds yet"),
    }
    if axes.order == OrderAxis::Closed {
        prop_assert_eq!(axes.fulfillment, FulfillmentAxis::Delivered);
        prop_assert!(matches!(axes.payment, PaymentAxis::Paid | PaymentAxis::Overcharged));
        prop_assert!(live().all(|part| part.dispatched));
    }
    let waiting = order.work().into_iter().filter(|work| matches!(work, Work::Fulfillment { .. })).count();
    prop_assert!(waiting == 0 || axes.order == OrderAxis::Placed);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn an_order_is_what_its_events_say(life in life()) {
        let order = &life.order;
        let stored: Vec<String> = order.history().iter().map(|event| serde_json::to_string(event).unwrap()).collect();
        let read: Vec<Recorded> = stored.iter().map(|event| serde_json::from_str(event).unwrap()).collect();
        prop_assert_eq!(&read, order.history());
        prop_assert_eq!(&Order::replay(order.tenant.clone(), order.id.clone(), read).unwrap(), order);
    }

    #[test]
    fn a_history_with_a_gap_is_no_order(life in life(), at in any::<prop::sample::Index>()) {
        if life.order.version < 3 {
            return Ok(());
        }
        let mut history = life.order.history().to_vec();
        // Without its last event it is a shorter, sound history.
        history.remove(at.index(history.len() - 1));
        prop_assert!(Order::replay(life.order.tenant.clone(), life.order.id.clone(), history).is_err());
    }

    #[test]
    fn a_command_that_was_carried_out_changes_nothing_when_it_is_repeated(life in life()) {
        for tried in life.recorded() {
            let again = tried.command.decide(&tried.after);
            let ended = tried.after.is_cancelled() && !tried.before.is_cancelled();
            let refused = ended && again == Err(Rejection::Cancelled);
            prop_assert!(again == Ok(None) || refused, "{:?} again: {:?}", tried.command, again);
        }
    }

    #[test]
    fn after_the_end_only_facts_and_compensation_are_recorded(life in life()) {
        for tried in life.recorded().filter(|tried| tried.before.is_cancelled()) {
            let event = &tried.after.history().last().unwrap().event;
            prop_assert!(may_follow_the_end(event), "{event:?}");
            prop_assert!(tried.after.is_cancelled());
        }
    }

    #[test]
    fn what_has_left_is_never_called_off(life in life()) {
        for tried in &life.tried {
            if tried.before.has_left() && !tried.before.is_cancelled() {
                let cancelled = tried.before.decide_cancelled(CancelReason::Customer, "too late".to_owned());
                prop_assert_eq!(outcome(&cancelled), "not allowed");
                prop_assert!(tried.after.has_left() && !tried.after.is_cancelled(), "{:?}", tried.command);
            }
            let handed = tried.before.fulfillments.iter().filter(|p| p.status == FulfillmentStatus::HandedOver).count();
            let kept = tried.after.fulfillments.iter().filter(|p| p.status == FulfillmentStatus::HandedOver).count();
            prop_assert!(kept >= handed, "{:?} took a parcel back", tried.command);
        }
    }

    #[test]
    fn an_order_that_closed_stays_as_it_is_but_for_staffs_notes_and_the_carriers_news(life in life()) {
        for tried in life.recorded().filter(|tried| tried.before.invoice.is_some()) {
            let noted = matches!(
                tried.command,
                Command::Except(_) | Command::Resolve(_) | Command::Redrive(_) | Command::PartnerRefused | Command::Track(..)
            );
            prop_assert!(noted, "{:?}", tried.command);
            prop_assert_eq!(tried.before.axes(), tried.after.axes());
        }
    }

    #[test]
    fn the_axes_agree_with_each_other_at_every_moment(life in life()) {
        check_axes(&life.begun)?;
        for tried in life.recorded() {
            check_axes(&tried.after)?;
            let axes = tried.after.axes();
            prop_assert_eq!(OrderAxis::from_name(axes.order.name()), Some(axes.order));
            prop_assert_eq!(PaymentAxis::from_name(axes.payment.name()), Some(axes.payment));
            prop_assert_eq!(FulfillmentAxis::from_name(axes.fulfillment.name()), Some(axes.fulfillment));
            prop_assert_eq!(tried.after.head().1.is_none(), tried.after.is_finished());
        }
    }
}
