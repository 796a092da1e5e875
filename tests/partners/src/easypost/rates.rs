//! The rate table: four services, priced by the pound.

/// One service of one carrier.
#[derive(Debug, PartialEq, Eq)]
pub struct Service {
    /// The carrier.
    pub carrier: &'static str,
    /// The service's name.
    pub name: &'static str,
    /// The carrier account it is bought on.
    pub account: &'static str,
    /// Days until it is delivered.
    pub days: i64,
    base: i64,
    per_pound: i64,
}

#[rustfmt::skip]
static SERVICES: [Service; 4] = [
    Service { carrier: "USPS", name: "GroundAdvantage", account: "ca_usps", days: 4, base: 480,   per_pound: 85 },
    Service { carrier: "USPS", name: "Priority",        account: "ca_usps", days: 2, base: 780,   per_pound: 110 },
    Service { carrier: "USPS", name: "Express",         account: "ca_usps", days: 1, base: 2_650, per_pound: 290 },
    Service { carrier: "UPS",  name: "Ground",          account: "ca_ups",  days: 3, base: 920,   per_pound: 75 },
];

/// 70 pounds, in thousandths of an ounce.
const HEAVIEST: i64 = 70 * POUND;
const POUND: i64 = 16_000;

/// A price for a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The service.
    pub service: &'static Service,
    /// The price, in cents.
    pub cents: i64,
}

/// What each service asks for `weight` thousandths of an ounce; nothing, if it is too heavy for all of them.
pub fn quote(weight: i64) -> Vec<Quote> {
    if weight > HEAVIEST {
        return Vec::new();
    }
    let pounds = (weight + POUND - 1) / POUND;
    SERVICES.iter().map(|service| Quote { service, cents: service.base + pounds * service.per_pound }).collect()
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn a_begun_pound_is_a_whole_one() {
        let ground = |weight| quote(weight)[0].cents;
        assert_eq!((ground(1), ground(16_000), ground(16_001)), (565, 565, 650));
    }

    #[test]
    fn above_seventy_pounds_nobody_carries() {
        assert_eq!(quote(1_120_000).len(), 4);
        assert_eq!(quote(1_120_001), []);
    }
}
