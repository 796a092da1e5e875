//! One-shot faults: what goes wrong with the next call that matches.

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The work is done, then the connection is closed without an answer.
    LoseAnswer,
    /// The connection is closed without an answer and nothing is done.
    RefuseConnection,
    /// Nothing is done, the answer is 500 (which a payment processor saves under the call's idempotency key).
    #[serde(rename = "500")]
    Fail,
    /// The work is done, the answer is 500 all the same.
    #[serde(rename = "500_done")]
    FailDone,
    /// Nothing is done or saved, the answer is 503.
    #[serde(rename = "503")]
    Unavailable,
    /// Nothing is done or saved, the answer is 429.
    #[serde(rename = "429")]
    Throttle,
    /// The work is done after `millis`; with an idempotency key, the key is in use meanwhile.
    Slow,
}

/// A fault waiting for its call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// The call's path. A segment `*` or `{anything}` matches any one segment.
    pub path: String,
    /// The call's method; any, if left out.
    #[serde(default)]
    pub method: Option<String>,
    /// What goes wrong.
    pub fault: Fault,
    /// How long `slow` waits.
    #[serde(default = "Planned::default_millis")]
    pub millis: u64,
}

impl Planned {
    const fn default_millis() -> u64 {
        1_000
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        let same_method = self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method));
        same_method && same_path(&self.path, path)
    }
}

fn same_path(pattern: &str, path: &str) -> bool {
    let any = |segment: &str| segment == "*" || (segment.starts_with('{') && segment.ends_with('}'));
    let mut wanted = pattern.split('/');
    let mut given = path.split('/');
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(want), Some(got)) if any(want) || want == got => {}
            (Some(_) | None, Some(_)) | (Some(_), None) => return false,
        }
    }
}

/// The faults still waiting, and those that have happened.
#[derive(Debug, Default, Serialize)]
pub struct Faults {
    waiting: Vec<Planned>,
    happened: Vec<Planned>,
}

impl Faults {
    /// Lets `planned` happen to the next call it matches, after those planned before it.
    pub fn plan(&mut self, planned: Planned) {
        self.waiting.push(planned);
    }

    /// Takes the fault that happens to this call, if one waits for it.
    pub fn take(&mut self, method: &str, path: &str) -> Option<Planned> {
        let at = self.waiting.iter().position(|planned| planned.matches(method, path))?;
        let planned = self.waiting.remove(at);
        self.happened.push(planned.clone());
        Some(planned)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Faults, Planned};

    fn planned(method: Option<&str>, path: &str) -> Planned {
        Planned { path: path.into(), method: method.map(Into::into), fault: Fault::Fail, millis: 0 }
    }

    #[test]
    fn a_fault_happens_once_and_only_to_the_call_it_names() {
        #[rustfmt::skip]
        let table = [
            (None,         "/v1/refunds",                      "POST", "/v1/refunds",                   true),
            (None,         "/v1/refunds",                      "POST", "/v1/refunds/re_1",              false),
            (Some("GET"),  "/v1/refunds",                      "POST", "/v1/refunds",                   false),
            (Some("post"), "/v1/refunds",                      "POST", "/v1/refunds",                   true),
            (None,         "/v1/payment_intents/{id}/capture", "POST", "/v1/payment_intents/pi_1/capture", true),
            (None,         "/v1/payment_intents/*/capture",    "POST", "/v1/payment_intents/pi_1/cancel",  false),
            (None,         "/v1/payment_intents/*",            "POST", "/v1/payment_intents/pi_1/cancel",  false),
        ];
        for (method, pattern, called_method, called, expected) in table {
            let mut faults = Faults::default();
            faults.plan(planned(method, pattern));
            let first = faults.take(called_method, called).is_some();
            assert_eq!(first, expected, "{method:?} {pattern} against {called_method} {called}");
            assert!(!first || faults.take(called_method, called).is_none(), "{pattern} happened twice");
        }
    }

    #[test]
    fn every_fault_has_the_name_the_readme_gives_it() {
        for name in ["lose_answer", "refuse_connection", "500", "500_done", "503", "429", "slow"] {
            let read = serde_json::from_value::<Fault>(name.into()).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), name);
        }
    }
}
