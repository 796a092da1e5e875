//! Stripe: PaymentIntents with manual capture.

mod amount;
mod wire;

use crate::Secret;
use crate::http::{Failure, PATIENCE, SetupError, Trouble, Wire, plain};
use reqwest::{Method, StatusCode};
use waybill_domain::id::{OrderId, TenantId};
use waybill_domain::money::Money;
use waybill_domain::ports::{Authorized, Held, Hold, PartnerError, PaymentProcessor};
use wire::{Found, Intent, Refusal, Status};

/// The shape of answers depends on it, so it is not left to the account's setting.
const VERSION: &str = "2024-06-20";
/// How a card that asks for 3-D Secure is reported until the shopper can be sent there and back.
const AUTHENTICATION_REQUIRED: &str = "authentication_required";
const UNEXPECTED_STATE: &str = "payment_intent_unexpected_state";
/// The largest page of a search. An order has a handful of intents.
const PAGE: &str = "100";

/// The payment processor Stripe.
///
/// 3-D Secure is not offered yet: an intent that needs it is canceled at once and declined as
/// `authentication_required`, so no half-made payment is left behind.
#[derive(Clone, Debug)]
pub struct Stripe {
    wire: Wire,
    secret_key: Secret,
}

type Form<'a> = [(&'a str, &'a str)];

impl Stripe {
    /// Stripe at `base_url` (`https://api.stripe.com`), called with `secret_key`.
    ///
    /// # Errors
    /// The address is none, or there is no TLS.
    pub fn new(base_url: &str, secret_key: Secret) -> Result<Self, SetupError> {
        Ok(Self { wire: Wire::new("Stripe", base_url, PATIENCE)?, secret_key })
    }

    async fn post(&self, path: &[&str], form: &Form<'_>, key: &str) -> Result<Intent, Failure<Refusal>> {
        let request = self.wire.request(Method::POST, path, &[]).map_err(Failure::Other)?;
        let request = request.header("Idempotency-Key", key).form(form);
        self.wire.call(self.signed(request)).await
    }

    async fn retrieve(&self, reference: &str) -> Result<Intent, PartnerError> {
        let path = ["v1", "payment_intents", reference];
        let request = self.wire.request(Method::GET, &path, &[("expand[]", "latest_charge")])?;
        self.wire.call(self.signed(request)).await.map_err(sorted)
    }

    fn signed(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        request.bearer_auth(self.secret_key.reveal()).header("Stripe-Version", VERSION)
    }

    /// What a new intent means.
    async fn outcome(&self, intent: Intent, key: &str) -> Result<Authorized, PartnerError> {
        match intent.status {
            Status::RequiresCapture | Status::Succeeded => intent.held().map(Authorized::Held),
            Status::RequiresAction => {
                self.void(&intent.id, &format!("{key}-cancel")).await?;
                Ok(Authorized::Declined { code: AUTHENTICATION_REQUIRED.to_owned() })
            }
            Status::RequiresPaymentMethod => {
                let error = intent.last_payment_error.ok_or_else(|| nonsense("no hold, and no reason"))?;
                Ok(Authorized::Declined { code: error.decline() })
            }
            Status::Processing => Err(Trouble::Nonsense("Stripe", "a card is still processing").unavailable()),
            Status::RequiresConfirmation | Status::Canceled => Err(nonsense("an intent that was not confirmed")),
        }
    }
}

impl PaymentProcessor for Stripe {
    async fn authorize(&self, hold: &Hold<'_>) -> Result<Authorized, PartnerError> {
        let amount = amount::to_wire(hold.amount)?.to_string();
        let currency = hold.amount.currency().code().to_lowercase();
        let form = [
            ("amount", amount.as_str()),
            ("currency", &currency),
            ("payment_method", hold.method),
            ("payment_method_types[]", "card"),
            ("confirm", "true"),
            ("capture_method", "manual"),
            ("payment_method_options[card][request_multicapture]", "if_available"),
            ("metadata[order_id]", hold.order.as_str()),
            ("metadata[tenant]", hold.tenant.as_str()),
            ("expand[]", "latest_charge"),
        ];
        match self.post(&["v1", "payment_intents"], &form, hold.key).await {
            Ok(intent) => self.outcome(intent, hold.key).await,
            Err(Failure::Refused { status: StatusCode::PAYMENT_REQUIRED, error, .. }) if error.is_decline() => {
                Ok(Authorized::Declined { code: error.error.decline() })
            }
            Err(failure) => Err(sorted(failure)),
        }
    }

    async fn find(&self, tenant: &TenantId, order: &OrderId) -> Result<Option<Held>, PartnerError> {
        // Neither id can hold a quote or a backslash.
        let ours = format!("metadata['order_id']:'{order}' AND metadata['tenant']:'{tenant}'");
        let query = [("query", ours.as_str()), ("limit", PAGE), ("expand[]", "data.latest_charge")];
        let request = self.wire.request(Method::GET, &["v1", "payment_intents", "search"], &query)?;
        let found: Found = self.wire.call(self.signed(request)).await.map_err(sorted)?;
        found.best()?.map(Intent::held).transpose()
    }

    async fn look_up(&self, reference: &str) -> Result<Held, PartnerError> {
        self.retrieve(reference).await?.held()
    }

    async fn capture(&self, reference: &str, amount: Money, last: bool, key: &str) -> Result<Held, PartnerError> {
        let amount = amount::to_wire(amount)?.to_string();
        let last = if last { "true" } else { "false" };
        let form = [("amount_to_capture", amount.as_str()), ("final_capture", last), ("expand[]", "latest_charge")];
        let path = ["v1", "payment_intents", reference, "capture"];
        self.post(&path, &form, key).await.map_err(sorted)?.held()
    }

    async fn void(&self, reference: &str, key: &str) -> Result<(), PartnerError> {
        let path = ["v1", "payment_intents", reference, "cancel"];
        let refusal = match self.post(&path, &[], key).await {
            Ok(_) => return Ok(()),
            Err(failure) => sorted(failure),
        };
        match refusal {
            PartnerError::Refused { ref code, .. } if code == UNEXPECTED_STATE => {
                let canceled = self.retrieve(reference).await?.status == Status::Canceled;
                if canceled { Ok(()) } else { Err(refusal) }
            }
            PartnerError::Refused { .. } | PartnerError::Unavailable(_) | PartnerError::Broken(_) => Err(refusal),
        }
    }
}

fn nonsense(what: &'static str) -> PartnerError {
    Trouble::Nonsense("Stripe", what).broken()
}

/// Stripe is sent no personal data, so its words can hold none.
fn sorted(failure: Failure<Refusal>) -> PartnerError {
    match failure {
        Failure::Missing(error) | Failure::Other(error) => error,
        Failure::Refused { error: Refusal { error }, request, .. } => {
            let message = format!("{}{request}", plain(error.message.as_deref().unwrap_or("no reason given"), 300));
            PartnerError::Refused { code: error.code(), message }
        }
    }
}
