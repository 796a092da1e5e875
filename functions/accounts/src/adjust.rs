//! An adjustment, once per key.

use crate::schema::{AdjustmentBody, AdjustmentView};
use jiff::{SignedDuration, Timestamp};
use waybill_domain::id::{TenantId, digest_of};
use waybill_domain::order::{Account, AccountKind, RequestRecord, gift_card_id};
use waybill_domain::ports::{Accounts, Adjusted, Adjustment, Begun, Requests};
use waybill_lambda::http::{Caller, Problem, parse};

/// The id that stands for "see the code in the body".
const BY_CODE: &str = "by-code";
/// How long a call may take before another one may do it again: longer than the function's time-out.
const LEASE: SignedDuration = SignedDuration::from_mins(1);

/// A call: who, on which account of the path, under which key, with which body.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Who.
    pub caller: &'a Caller,
    /// The kind of account.
    pub kind: &'a str,
    /// Its id, or `by-code`.
    pub id: &'a str,
    /// Idempotency-Key.
    pub key: &'a str,
    /// The bytes sent.
    pub body: &'a [u8],
}

/// HTTP status and body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON.
    pub body: String,
}

impl From<RequestRecord> for Answer {
    fn from(record: RequestRecord) -> Self {
        Self { status: record.status, body: record.answer }
    }
}

impl Call<'_> {
    fn is_by_code(&self) -> bool {
        self.kind == AccountKind::GiftCard.name() && self.id == BY_CODE
    }

    /// The account meant: the path's, or the gift card of the code.
    fn account(&self, body: &AdjustmentBody) -> Result<Account, Problem> {
        match (self.is_by_code(), &body.code) {
            (false, None) => account_of(self.kind, self.id),
            (false, Some(_)) => Err(Problem::invalid("/code", "is for gift_card/by-code only")),
            (true, None) => Err(Problem::invalid("/code", "is required where the path says by-code")),
            (true, Some(code)) => {
                let id = gift_card_id(self.caller.tenant(), code.as_str());
                let id = id.ok_or_else(|| Problem::invalid("/code", "must have letters or digits"))?;
                Ok(Account { account: AccountKind::GiftCard, id })
            }
        }
    }

    /// What is asked for, with the answer it gets.
    fn adjustment(&self, now: Timestamp) -> Result<Adjustment, Problem> {
        let body: AdjustmentBody = parse(self.body)?;
        let account = self.account(&body)?;
        let AdjustmentBody { amount, reason, code: _ } = body;
        if amount.is_zero() {
            return Err(Problem::invalid("/amount/minor", "must be more or less than nothing"));
        }
        let view = AdjustmentView::new(&account, amount, &reason);
        let route = format!("POST /accounts/{}/{}/adjustments", self.kind, self.id);
        let request = RequestRecord {
            key: digest_of(&[self.caller.tenant().as_str(), &route, self.key]),
            body: digest_of(&[&String::from_utf8_lossy(self.body)]),
            status: 201,
            answer: serde_json::to_string(&view).unwrap_or_default(),
        };
        let (reason, actor) = (String::from(reason), self.caller.actor.clone());
        Ok(Adjustment { account, amount, reason, actor, request, at: now })
    }
}

/// The account a path names.
pub(crate) fn account_of(kind: &str, id: &str) -> Result<Account, Problem> {
    let unknown = || Problem::not_found("account");
    let account = AccountKind::from_name(kind).ok_or_else(unknown)?;
    Ok(Account { account, id: id.parse().map_err(|_| unknown())? })
}

/// Adjusts what is available on an account, once per key.
///
/// # Errors
/// 409 when less would be available than nothing, or while the same call is being carried out; 422 for a body that breaks
/// a rule, or a key that was used with another body.
pub async fn handle(accounts: &(impl Accounts + Requests), call: &Call<'_>, now: Timestamp) -> Result<Answer, Problem> {
    let (tenant, adjustment) = (call.caller.tenant(), call.adjustment(now)?);
    if call.is_by_code() {
        return leased(accounts, tenant, &adjustment).await;
    }
    // The path names the account, and the account keeps the call.
    answer(&adjustment, accounts.adjust(tenant, &adjustment).await?)
}

/// The body names the account: the same key with another body would be another account's, so the key is kept elsewhere.
async fn leased(
    accounts: &(impl Accounts + Requests),
    tenant: &TenantId,
    adjustment: &Adjustment,
) -> Result<Answer, Problem> {
    let Adjustment { request, at, .. } = adjustment;
    match accounts.begin(tenant, &request.key, &request.body, LEASE, *at).await? {
        Begun::Ours => {}
        Begun::Done { status, answer } => return Ok(Answer { status, body: answer }),
        Begun::Reused => return Err(Problem::key_reused()),
        Begun::Running => return Err(Problem::in_flight()),
    }
    // Should this fail, nobody knows whether it was stored: the lease stays, and the call that comes after it finds out.
    let adjusted = accounts.adjust(tenant, adjustment).await?;
    let is_refused = adjusted == Adjusted::Overdrawn;
    let answered = answer(adjustment, adjusted);
    if is_refused {
        accounts.give_up(tenant, &request.key).await?;
    } else if let Ok(Answer { status, body }) = &answered {
        accounts.finish(tenant, &request.key, *status, body, *at).await?;
    }
    answered
}

fn answer(adjustment: &Adjustment, adjusted: Adjusted) -> Result<Answer, Problem> {
    match adjusted {
        Adjusted::Stored => Ok(adjustment.request.clone().into()),
        Adjusted::Exists(known) if known.body == adjustment.request.body => Ok(known.into()),
        Adjusted::Exists(_) => Err(Problem::key_reused()),
        Adjusted::Overdrawn => Err(Problem::overdrawn(adjustment.account.account)),
    }
}
