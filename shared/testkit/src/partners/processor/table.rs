//! What becomes of a test payment method.

/// What the issuer says to a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The money is there.
    Approved,
    /// It is, and a person should look.
    Elevated,
    /// The shopper proves who they are first.
    Authenticate,
    /// No.
    Declined(String),
    /// No, so many times; then yes.
    DeclinedFirst(u32, String),
}

/// Can several captures be made of what is held with this method?
pub(super) fn takes_several(method: &str) -> bool {
    method != "pm_card_singleCapture"
}

/// What the issuer says to this method.
pub(super) fn verdict(method: &str) -> Verdict {
    if let Some((times, code)) = method.strip_prefix("pm_card_declines_").and_then(|rest| rest.split_once('_')) {
        return Verdict::DeclinedFirst(times.parse().unwrap_or(u32::MAX), code.to_owned());
    }
    if let Some((_, why)) = method.split_once("chargeDeclined") {
        return Verdict::Declined(code(why).to_owned());
    }
    match method {
        "pm_card_radarBlock" => Verdict::Declined("fraudulent".to_owned()),
        "pm_card_authenticationRequired" => Verdict::Authenticate,
        "pm_card_riskLevelElevated" => Verdict::Elevated,
        _ => Verdict::Approved,
    }
}

fn code(why: &str) -> &'static str {
    match why {
        "InsufficientFunds" => "insufficient_funds",
        "LostCard" => "lost_card",
        "StolenCard" => "stolen_card",
        "VelocityLimitExceeded" => "card_velocity_exceeded",
        "DoNotHonor" => "do_not_honor",
        "Fraudulent" => "fraudulent",
        "ExpiredCard" => "expired_card",
        "IncorrectCvc" => "incorrect_cvc",
        "IncorrectNumber" => "incorrect_number",
        "ProcessingError" => "processing_error",
        _ => "generic_decline",
    }
}
