//! Payments of carts: what each becomes, and every rule about them.

use super::{merchant, money, refused, with};
use crate::sample::usd;
use serde_json::{Value, json};
use waybill_domain::money::Money;
use waybill_domain::order::{AccountKind, MAX_TENDERS, Tender, gift_card_id};

/// A payment of `minor` (absent for 0) by `with`.
fn pays(minor: i64, mut with: Value) -> Value {
    if minor != 0 {
        with["amount"] = money(minor);
    }
    with
}

fn card() -> Value {
    json!({"method": "pm_card_visa"})
}

#[test]
fn an_order_is_paid_with_several_tenders_in_their_order() {
    let account = json!({"account": {"account": "store_credit", "id": "C-1"}});
    let payments = json!([
        pays(500, json!({"gift_card": "abcd-1234"})),
        pays(1_000, account),
        card(),
        pays(50, json!({"intent": "pi_9"}))
    ]);
    let placed = merchant().price(&with("/payments", &payments)).unwrap();
    let amounts: Vec<(u16, Money)> = placed.tenders.iter().map(|part| (part.number, part.amount)).collect();
    assert_eq!(amounts, [(1, usd(500)), (2, usd(1_000)), (3, usd(900)), (4, usd(50))]);
    let Tender::Account(gift) = &placed.tenders[0].tender else { panic!("no account") };
    assert_eq!(gift.account, AccountKind::GiftCard);
    assert_eq!(Some(&gift.id), gift_card_id(&"acme".parse().unwrap(), "ABCD 1234").as_ref());
    assert!(!serde_json::to_string(&placed).unwrap().contains("1234"), "the code is stored");
    assert!(matches!(&placed.tenders[2].tender, Tender::Card { .. }));
    assert!(matches!(&placed.tenders[3].tender, Tender::Confirmed { reference } if reference.as_str() == "pi_9"));
}

#[test]
fn each_rule_of_payments_is_named_with_its_field() {
    let one_of = "must have exactly one of method, intent, account and gift_card";
    let adds_up = "must add up to 24.50 USD";
    let left = "must add up to 24.50 USD, with something left for each";
    let twice = "pays with what another payment pays with";
    let too_many: Value = (0..=MAX_TENDERS).map(|_| card()).collect();
    let eur = json!([{"method": "pm_1", "amount": {"minor": 2_450, "currency": "EUR"}}]);
    #[rustfmt::skip]
    let table = [
        (json!([]),                                                  "/payments", "must be 1 to 4"),
        (too_many,                                                   "/payments", "must be 1 to 4"),
        (json!([card(), card()]),                                    "/payments", "may leave the amount out of one only"),
        (json!([pays(2_449, card())]),                               "/payments", adds_up),
        (json!([pays(2_451, card())]),                               "/payments", adds_up),
        (json!([pays(2_450, card()), card()]),                       "/payments", left),
        (json!([pays(2_451, card()), card()]),                       "/payments", left),
        (json!([pays(-1, card()), card()]),                          "/payments/0/amount/minor", "must be more than nothing"),
        (eur,                                                        "/payments/0/amount/currency", "must be the order's currency"),
        (json!([{}]),                                                "/payments/0", one_of),
        (json!([{"method": "pm_1", "intent": "pi_1"}]),              "/payments/0", one_of),
        (json!([{"gift_card": "A1", "intent": "pi_1"}]),             "/payments/0", one_of),
        (json!([{"intent": "pi_1", "customer": "cus_1"}]),           "/payments/0", "has customer or return_url without method"),
        (json!([{"method": "pm_1", "return_url": "http://shop.example"}]), "/payments/0/return_url", "must be an https address"),
        (json!([{"account": {"account": "gift_card", "id": "G-1"}}]), "/payments/0/account/account", "must be net_terms or store_credit: name a gift card by its code"),
        (json!([{"gift_card": "--"}]),                               "/payments/0/gift_card", "is no code"),
        (json!([pays(1, json!({"intent": "pi_1"})), {"intent": "pi_1"}]),  "/payments/1", twice),
        (json!([pays(1, json!({"gift_card": "A-1"})), {"gift_card": "a1"}]), "/payments/1", twice),
    ];
    let merchant = merchant();
    for (payments, pointer, rule) in table {
        assert_eq!(merchant.price(&with("/payments", &payments)), refused(pointer, rule), "{payments}");
    }
}
