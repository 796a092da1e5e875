//! Ten thousand wrong requests: each is refused with the field and the rule, says nothing of what was sent, and changes
//! nothing. Most go to each function's own router over memory, some over HTTP to the local AWS.

pub mod breaks;
mod in_process;
mod over_http;
pub mod verdict;

use std::collections::BTreeMap;

/// What was sent, and what went wrong.
#[derive(Default)]
struct Tally {
    sent: BTreeMap<&'static str, u32>,
    routes: BTreeMap<String, u32>,
    faults: Vec<String>,
}

impl Tally {
    fn count(&mut self, request: &breaks::Broken) {
        *self.sent.entry(request.what).or_default() += 1;
        *self.routes.entry(request.operation.key()).or_default() += 1;
    }

    fn fault(&mut self, request: &breaks::Broken, fault: &str) {
        let breaks::Broken { what, method, path, body, place, .. } = request;
        let body = String::from_utf8_lossy(body);
        let short = |text: &str| text.chars().take(200).collect::<String>();
        self.faults.push(format!("{what} at {place:?}: {method} {}: {fault}\n      {}", short(path), short(&body)));
    }

    /// # Panics
    /// When a request was not refused as it should be.
    fn settle(self) {
        println!("  {:<45} sent", "what is wrong");
        for (what, count) in &self.sent {
            println!("  {what:<45} {count:>6}");
        }
        println!("  {} routes, the rarest {:?} times", self.routes.len(), self.routes.values().min());
        let found = self.faults.len();
        let shown: Vec<String> = self.faults.into_iter().take(25).collect();
        assert!(found == 0, "{found} were not refused as they should be:\n    {}", shown.join("\n    "));
    }
}
