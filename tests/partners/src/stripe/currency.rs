//! The currencies the processor takes, and the least it takes of each.

/// The most of a currency whose amounts have at most eight digits.
const EIGHT_DIGITS: i64 = 99_999_999;
/// The most of a currency whose amounts have at most ten digits.
const TEN_DIGITS: i64 = 9_999_999_999;

/// One currency.
#[derive(Debug, PartialEq, Eq)]
pub struct Currency {
    /// Lower case, as on the wire.
    pub code: &'static str,
    /// Digits after the point in one unit.
    decimals: u32,
    /// The least charge, in minor units.
    pub minimum: i64,
    /// The largest charge, in minor units.
    pub maximum: i64,
}

const fn currency(code: &'static str, decimals: u32, minimum: i64) -> Currency {
    Currency { code, decimals, minimum, maximum: EIGHT_DIGITS }
}

/// Minimum charges as published by the processor; 1 where it publishes none.
static CURRENCIES: [Currency; 36] = [
    currency("aed", 2, 200),
    currency("aud", 2, 50),
    currency("bhd", 3, 1),
    currency("brl", 2, 50),
    currency("cad", 2, 50),
    currency("chf", 2, 50),
    currency("clp", 0, 1),
    currency("cny", 2, 1),
    currency("czk", 2, 1_500),
    currency("dkk", 2, 250),
    currency("eur", 2, 50),
    currency("gbp", 2, 30),
    currency("hkd", 2, 400),
    Currency { code: "huf", decimals: 2, minimum: 17_500, maximum: TEN_DIGITS },
    currency("ils", 2, 1),
    currency("inr", 2, 50),
    currency("jod", 3, 1),
    Currency { code: "jpy", decimals: 0, minimum: 50, maximum: TEN_DIGITS },
    currency("krw", 0, 1),
    currency("kwd", 3, 1),
    currency("mxn", 2, 1_000),
    currency("myr", 2, 200),
    currency("nok", 2, 300),
    currency("nzd", 2, 50),
    currency("omr", 3, 1),
    currency("php", 2, 1),
    currency("pln", 2, 200),
    currency("ron", 2, 200),
    currency("sek", 2, 300),
    currency("sgd", 2, 50),
    currency("thb", 2, 1_000),
    currency("tnd", 3, 1),
    currency("try", 2, 1),
    currency("usd", 2, 50),
    currency("vnd", 0, 1),
    currency("zar", 2, 1),
];

impl Currency {
    /// The currency of this code, in either case.
    pub fn find(code: &str) -> Option<&'static Self> {
        CURRENCIES.iter().find(|currency| currency.code.eq_ignore_ascii_case(code))
    }

    /// All codes, for a refusal's message.
    pub fn codes() -> String {
        CURRENCIES.iter().map(|currency| currency.code).collect::<Vec<_>>().join(", ")
    }

    /// The processor settles three-decimal currencies in steps of ten minor units.
    pub fn can_settle(&self, minor: i64) -> bool {
        self.decimals < 3 || minor % 10 == 0
    }

    /// An amount for people, such as `$12.34`.
    pub fn format(&self, minor: i64) -> String {
        let symbol = match self.code {
            "usd" => "$",
            "eur" => "€",
            "gbp" => "£",
            "jpy" => "¥",
            _ => "",
        };
        let unit = 10_i64.pow(self.decimals);
        match usize::try_from(self.decimals) {
            Ok(digits @ 1..) => format!("{symbol}{}.{:0digits$}", minor / unit, minor % unit),
            Ok(0) | Err(_) => format!("{symbol}{minor}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Currency;

    #[test]
    fn amounts_read_as_people_write_them() {
        for (code, minor, expected) in [("usd", 1_205, "$12.05"), ("JPY", 500, "¥500"), ("kwd", 1_230, "1.230")] {
            assert_eq!(Currency::find(code).unwrap().format(minor), expected);
        }
    }

    #[test]
    fn three_decimal_currencies_settle_in_steps_of_ten() {
        let kwd = Currency::find("kwd").unwrap();
        assert!(kwd.can_settle(1_230) && !kwd.can_settle(1_235));
        assert!(Currency::find("usd").unwrap().can_settle(1_235));
    }

    #[test]
    fn an_invented_currency_is_unknown() {
        assert_eq!(Currency::find("xxx"), None);
    }
}
