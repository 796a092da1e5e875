//! Refunds to the cent, and every way one is refused: nothing moves then.

use crate::sample::{
    account, begin, captured, card, channel, currency, delivered, dispatched, given_back, goodwill, left, let_go, line,
    one_site, outcome, paid_with, picked_and_labeled, placed, routed, site_per_line, step, units, usd,
};
use waybill_domain::ledger::{Account, balance};
use waybill_domain::money::Money;
use waybill_domain::order::{AccountKind, Order, PickedLine, Placed, Refund, RefundWish, Rejection};

/// 3 × 3.33 with 0.82 tax on top; 2 × 5.01 with 0.91 tax in it; shipping 4.99 with 0.37 tax; 1.00 off the whole.
fn body(code: &str) -> Placed {
    let money = |minor| Money::new(minor, currency(code));
    let mut body = placed(vec![line(1, "A", 3, money(333)), line(2, "B", 2, money(501))], card());
    (body.lines[0].tax, body.lines[1].tax, body.lines[1].tax_included) = (money(82), money(91), true);
    (body.shipping.price, body.shipping.tax, body.discount) = (money(499), money(37), money(100));
    body.total = body.computed_total().unwrap();
    body
}

/// Both parts left and paid, the second before the first.
fn sold(code: &str) -> Order {
    let order = routed(&begin(body(code)), site_per_line);
    dispatched(&dispatched(&order, 2), 1)
}

fn on(order: &Order, account: Account) -> i64 {
    let postings = order.history().iter().flat_map(|event| &event.postings);
    balance(postings, account, Money::zero(order.placed.currency())).unwrap().minor()
}

fn shipping(minor: i64) -> RefundWish {
    RefundWish { shipping: Some(usd(minor)), ..units(&[]) }
}

fn overcharge() -> RefundWish {
    RefundWish { overcharge: true, ..units(&[]) }
}

/// Goods, tax, extra, total.
fn amounts(refund: &Refund) -> [i64; 4] {
    [refund.goods, refund.tax, refund.extra, refund.total].map(Money::minor)
}

#[test]
fn refunds_come_to_these_cents() {
    // Of the discount of 1.00, 0.52 falls on line 1 (10.81) and 0.48 on line 2 (10.02).
    let order = sold("USD");
    #[rustfmt::skip]
    let table: [(&str, RefundWish, [i64; 4]); 10] = [
        // what                    wish                                 goods  tax extra  total
        ("one unit of three",      units(&[(1, 1)]),                    [333,   27,  -17,   343]),
        ("two units of three",     units(&[(1, 2)]),                    [666,   54,  -34,   686]),
        ("all of a line",          units(&[(1, 3)]),                    [999,   82,  -52, 1_029]),
        ("tax in the price",       units(&[(2, 1)]),                    [455,   45,  -23,   477]),
        ("all of both lines",      units(&[(1, 3), (2, 2)]),            [1_910, 173, -100, 1_983]),
        ("all shipping",           shipping(536),                       [0,     37,  499,   536]),
        ("half of the shipping",   shipping(268),                       [0,     18,  250,   268]),
        ("a cent of it",           shipping(1),                         [0,      0,    1,     1]),
        ("goodwill",               goodwill(usd(250)),                  [0,      0,    0,   250]),
        ("a unit, shipping, more", RefundWish { shipping: Some(usd(536)), goodwill: Some(usd(1)), ..units(&[(2, 2)]) },
                                                                        [911,  128,  451, 1_491]),
    ];
    for (name, wish, expected) in table {
        assert_eq!(amounts(&order.quote_refund(&wish).unwrap()), expected, "{name}");
    }
}

#[test]
fn other_currencies_have_other_digits_and_the_same_rules() {
    for (code, unit, line, all) in
        [("JPY", "343 JPY", "1029 JPY", "1983 JPY"), ("KWD", "0.343 KWD", "1.029 KWD", "1.983 KWD")]
    {
        let order = sold(code);
        let total = |wish: &[(u16, u32)]| order.quote_refund(&units(wish)).unwrap().total.to_string();
        assert_eq!([total(&[(1, 1)]), total(&[(1, 3)]), total(&[(1, 3), (2, 2)])], [unit, line, all]);
    }
}

#[test]
fn a_quote_moves_nothing_and_a_refund_is_what_was_quoted() {
    let order = sold("USD");
    let quoted = order.quote_refund(&units(&[(1, 2)])).unwrap();
    let asked = step(&order, order.decide_refund(&units(&[(1, 2)]), Some(quoted.total)));
    assert_eq!(asked.payment.refunds[0].refund, quoted);
    assert_eq!(on(&asked, Account::RefundsPayable), -686);
    assert_eq!(on(&asked, Account::CashAtProcessor), 2_519, "asked for, not given back yet");
    let done = given_back(&asked);
    assert_eq!((on(&done, Account::RefundsPayable), on(&done, Account::CashAtProcessor)), (0, 1_833));
    assert_eq!(given_back(&done), done, "what is given back is not given back again");
}

#[test]
fn units_refunded_one_by_one_come_to_what_the_line_did() {
    let order = (0..3).fold(sold("USD"), |order, _| step(&order, order.decide_refund(&units(&[(1, 1)]), None)));
    let totals: Vec<i64> = order.payment.refunds.iter().map(|known| known.refund.total.minor()).collect();
    assert_eq!((totals.iter().sum::<i64>(), totals), (1_029, vec![343, 343, 343]));
    assert_eq!(outcome(&order.decide_refund(&units(&[(1, 1)]), None)), "invalid");
}

#[test]
fn the_same_units_are_refunded_once() {
    let order = sold("USD");
    let order = step(&order, order.decide_refund(&units(&[(1, 2)]), None));
    assert_eq!(refused(&order, &units(&[(1, 2)])), "/lines/0/quantity");
    assert_eq!(amounts(&order.quote_refund(&units(&[(1, 1)])).unwrap()), [333, 28, -18, 343]);
    let failed = step(&order, order.decide_refund_failed(1, 1, String::new(), "expired_card".to_owned()));
    assert_eq!(refused(&failed, &units(&[(1, 2)])), "/lines/0/quantity", "what failed is owed still");
}

#[test]
fn everything_refunded_leaves_nothing_earned() {
    let all = RefundWish { shipping: Some(usd(536)), ..units(&[(1, 3), (2, 2)]) };
    let in_parts = [units(&[(2, 1)]), shipping(536), units(&[(1, 2)]), units(&[(2, 1), (1, 1)])];
    for wishes in [vec![all], in_parts.to_vec()] {
        let order = wishes.iter().fold(sold("USD"), |order, wish| step(&order, order.decide_refund(wish, None)));
        let order = given_back(&order);
        for account in Account::ALL {
            assert_eq!(on(&order, account), 0, "{} after {} refunds", account.name(), wishes.len());
        }
        assert!(order.proof().unwrap().holds());
        assert_eq!(outcome(&order.decide_refund(&goodwill(usd(1)), None)), "not allowed");
    }
}

#[test]
fn of_two_shipments_the_units_that_left_first_are_refunded_first() {
    // Two units here, one there, of one line of 10.00 in all: the cents of unit 3 are 3.34.
    let split = |order: &Order| {
        let share = |site: &str, quantity| waybill_domain::routing::Share {
            site: crate::sample::site(site),
            line: 0,
            quantity,
            stows: Vec::new(),
        };
        assert_eq!(order.demand().len(), 1);
        vec![share("east", 2), share("west", 1)]
    };
    let mut body = placed(vec![line(1, "A", 3, usd(350))], card());
    body.lines[0].discount = usd(50);
    body.total = body.computed_total().unwrap();
    let order = routed(&begin(body), split);
    let first = dispatched(&order, 2);
    assert_eq!(first.payment.captured(), usd(334));
    assert_eq!(first.quote_refund(&units(&[(1, 1)])).unwrap().total, usd(334), "the only unit that left");
    assert_eq!(refused(&first, &units(&[(1, 2)])), "/lines/0/quantity");
    let both = dispatched(&step(&first, first.decide_refund(&units(&[(1, 1)]), None)), 1);
    let rest: Vec<i64> = [1, 2].map(|n| both.quote_refund(&units(&[(1, n)])).unwrap().total.minor()).to_vec();
    assert_eq!(rest, [333, 666]);
}

#[test]
fn what_was_not_found_is_neither_taken_nor_given_back() {
    let order = routed(&begin(body("USD")), one_site);
    let found = vec![PickedLine { line: 1, picked: 2 }, PickedLine { line: 2, picked: 0 }];
    let order = left(&picked_and_labeled(&order, 1, found), 1);
    assert_eq!(order.payment.captured(), order.owed().unwrap());
    assert_eq!(refused(&order, &units(&[(1, 3)])), "/lines/0/quantity");
    assert_eq!(refused(&order, &units(&[(2, 1)])), "/lines/0/quantity");
    let most = order.payment.captured().minor() - 686;
    assert_eq!(refused(&order, &shipping(most + 1)), "/shipping/minor", "only the shipping of what left");
    let wish = RefundWish { shipping: Some(usd(most)), ..units(&[(1, 2)]) };
    assert_eq!(order.quote_refund(&wish).unwrap().total, order.payment.captured());
}

/// Where the refusal points to, or why the refund is not allowed at all.
fn refused(order: &Order, wish: &RefundWish) -> String {
    match order.decide_refund(wish, None) {
        Err(Rejection::Invalid { pointer, .. }) => pointer,
        decided => outcome(&decided).to_owned(),
    }
}

#[test]
fn each_refusal_is_named_and_moves_nothing() {
    let order = sold("USD");
    let eur = Money::new(100, currency("EUR"));
    let not_shipped = dispatched(&routed(&begin(body("USD")), site_per_line), 1);
    let not_paid = {
        let order = step(&not_shipped, not_shipped.decide_picked(2, vec![PickedLine { line: 2, picked: 2 }]));
        let order = step(&order, order.decide_packed(2, crate::sample::packing()));
        let order = step(&order, order.decide_labeled(2, crate::sample::label(2)));
        let order = step(&order, order.decide_handed_over(2, "M-1".to_owned()));
        step(&order, order.decide_dispatched(2))
    };
    #[rustfmt::skip]
    let table: [(&Order, RefundWish, &str); 16] = [
        (&order, goodwill(usd(2_520)),                                      "not allowed"),
        (&order, RefundWish { goodwill: Some(usd(2_000)), ..units(&[(1, 3)]) }, "not allowed"),
        (&order, goodwill(eur),                                             "/goodwill/currency"),
        (&order, goodwill(usd(0)),                                          "/goodwill/minor"),
        (&order, goodwill(usd(-1)),                                         "/goodwill/minor"),
        (&order, RefundWish { shipping: Some(eur), ..units(&[]) },          "/shipping/currency"),
        (&order, shipping(0),                                               "/shipping/minor"),
        (&order, shipping(-5),                                              "/shipping/minor"),
        (&order, shipping(537),                                             "/shipping/minor"),
        (&order, units(&[(1, 1), (2, 1), (1, 1)]),                          "/lines/2/line"),
        (&order, units(&[(3, 1)]),                                          "/lines/0/line"),
        (&order, units(&[(1, 1), (2, 0)]),                                  "/lines/1/quantity"),
        (&order, units(&[(1, 4)]),                                          "/lines/0/quantity"),
        (&order, units(&[]),                                                ""),
        (&order, overcharge(),                                              ""),
        (&not_shipped, units(&[(2, 1)]),                                    "/lines/0/quantity"),
    ];
    for (order, wish, expected) in table {
        assert_eq!(refused(order, &wish), expected, "{wish:?}");
        assert_eq!(order.quote_refund(&wish).err(), order.decide_refund(&wish, None).err(), "{wish:?}");
    }
    assert_eq!(refused(&not_paid, &units(&[(1, 3), (2, 2)])), "not allowed", "beyond what was taken so far");
    assert_eq!(refused(&captured(&not_paid, 2), &units(&[(1, 3), (2, 2)])), "recorded");
    let other = order.decide_refund(&units(&[(1, 1)]), Some(usd(344)));
    let rule = "must be 3.43 USD, what the refund comes to".to_owned();
    assert_eq!(other, Err(Rejection::Invalid { pointer: "/total".to_owned(), rule }));
}

#[test]
fn what_the_channel_took_the_channel_gives_back() {
    let mut body = body("USD");
    body.tenders[0].tender = channel(false);
    let order = dispatched(&routed(&begin(body), one_site), 1);
    for wish in [units(&[(1, 1)]), shipping(1), goodwill(usd(1))] {
        assert_eq!(refused(&order, &wish), "not allowed");
    }
}

#[test]
fn the_tender_used_last_is_given_back_to_first() {
    let credit = account(AccountKind::StoreCredit);
    let order = begin(paid_with(body("USD"), &[(credit, 1_000)], card()));
    let order = dispatched(&routed(&order, one_site), 1);
    assert_eq!(order.payment.tenders.iter().map(|t| t.captured.minor()).collect::<Vec<_>>(), [1_000, 1_519]);
    let parts = |minor| -> Vec<(u16, i64)> {
        let refund = order.quote_refund(&goodwill(usd(minor))).unwrap();
        refund.parts.iter().map(|part| (part.tender, part.amount.minor())).collect()
    };
    assert_eq!(parts(1_519), [(2, 1_519)]);
    assert_eq!(parts(1_520), [(2, 1_519), (1, 1)]);
    assert_eq!(parts(2_519), [(2, 1_519), (1, 1_000)]);
    let all = given_back(&step(&order, order.decide_refund(&goodwill(usd(2_519)), None)));
    let draws = all.history().iter().flat_map(|recorded| &recorded.draws);
    assert_eq!(draws.map(|draw| draw.amount.minor()).collect::<Vec<_>>(), [-1_000, 1_000]);
}

#[test]
fn a_refund_that_fails_is_owed_and_one_that_fails_late_too() {
    let order = sold("USD");
    let asked = step(&order, order.decide_refund(&goodwill(usd(500)), None));
    let no = |order: &Order, reference: &str| order.decide_refund_failed(1, 1, reference.to_owned(), "no".to_owned());
    let at_once = step(&asked, no(&asked, ""));
    let done = step(&asked, asked.decide_refunded(1, 1, "re_1".to_owned()));
    assert_eq!(no(&done, "re_0"), Ok(None), "another refund's failure");
    let late = step(&done, no(&done, "re_1"));
    for failed in [at_once, late] {
        assert_eq!((on(&failed, Account::RefundsPayable), on(&failed, Account::CashAtProcessor)), (-500, 2_519));
        assert_eq!(no(&failed, "re_1"), Ok(None));
        assert!(!failed.payment.has_refunds_under_way());
        let again = step(&failed, failed.decide_refund_retried(1));
        assert_eq!(outcome(&again.decide_refund_retried(1)), "not allowed", "nothing has failed of it now");
        assert_eq!(again.payment.refunds[0].effect(1), "refund-1-1-1");
        let back = given_back(&again);
        assert_eq!((on(&back, Account::RefundsPayable), on(&back, Account::CashAtProcessor)), (0, 2_019));
        assert!(back.proof().unwrap().holds());
    }
}

#[test]
fn what_was_taken_ahead_of_an_order_that_ended_is_given_back_once() {
    let order = routed(&begin(body("USD")), one_site);
    let order = step(&order, order.decide_captured_outside("pi_1", usd(2_519)));
    let cancel = order.decide_cancelled(waybill_domain::order::CancelReason::Customer, "asked for".to_owned());
    let order = let_go(&step(&order, cancel));
    assert_eq!(order.overcharge(), Ok(usd(2_519)));
    let asked = step(&order, order.decide_refund(&overcharge(), None));
    assert_eq!(refused(&asked, &overcharge()), "", "nothing is left");
    let back = given_back(&asked);
    assert!(Account::ALL.iter().all(|account| on(&back, *account) == 0));
}

#[test]
fn an_order_with_a_refund_under_way_is_not_over() {
    let order = delivered(&routed(&begin(body("USD")), one_site), 1);
    let closed = step(&order, order.decide_completed());
    assert!(closed.is_finished());
    let asked = step(&closed, closed.decide_refund(&goodwill(usd(1)), None));
    assert!(!asked.is_finished() && asked.head().1.is_some());
    assert!(given_back(&asked).is_finished());
}
