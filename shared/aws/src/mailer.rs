//! Outgoing mail through SES.

use crate::classify::{broken, classify};
use aws_config::SdkConfig;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};
use waybill_domain::ports::{Mail, Mailer, StoreError};

/// Mail from one sender.
#[derive(Clone, Debug)]
pub struct SesMailer {
    client: Client,
    from: String,
}

impl SesMailer {
    /// Mail from the verified address `from`.
    #[must_use]
    pub fn new(config: &SdkConfig, from: impl Into<String>) -> Self {
        Self { client: Client::new(config), from: from.into() }
    }
}

fn content(text: &str) -> Result<Content, StoreError> {
    Content::builder().data(text).charset("UTF-8").build().map_err(|error| broken(error.to_string()))
}

impl Mailer for SesMailer {
    async fn send(&self, mail: &Mail) -> Result<(), StoreError> {
        let body = Body::builder().text(content(&mail.text)?).html(content(&mail.html)?).build();
        let message = Message::builder().subject(content(&mail.subject)?).body(body).build();
        let send = self
            .client
            .send_email()
            .from_email_address(&self.from)
            .destination(Destination::builder().to_addresses(&mail.to).build())
            .content(EmailContent::builder().simple(message).build());
        send.send().await.map(|_| ()).map_err(classify)
    }
}
