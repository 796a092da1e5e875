//! What tests look at behind the API: mails, queues, tables, executions.

use crate::aws::{Aws, DYNAMODB, Paging, SQS, STEP_FUNCTIONS};
use crate::error::{Error, Result};
use crate::stack::NAME;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A mail that SES accepted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Mail {
    /// To whom.
    #[serde(alias = "To")]
    pub to: Vec<String>,
    /// What about.
    #[serde(alias = "Subject")]
    pub subject: String,
    /// The plain text.
    #[serde(alias = "BodyText")]
    pub text: String,
    /// The HTML, if it has any.
    #[serde(alias = "BodyHtml", default)]
    pub html: Option<String>,
    /// When, in seconds since the epoch.
    #[serde(alias = "Timestamp", skip_serializing)]
    pub at: Value,
}

/// A message received from a queue; it stays there until deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its body.
    pub body: String,
    /// Its attributes with a text value.
    pub attributes: Vec<(String, String)>,
    /// For [`Aws::delete_message`].
    pub receipt: String,
}

impl Aws {
    /// Every mail so far, oldest first.
    ///
    /// # Errors
    /// When the local AWS does not show its outbox.
    pub async fn outbox(&self) -> Result<Vec<Mail>> {
        let request = self.http().get(format!("{}/_ministack/ses/messages", self.endpoint()));
        let text = crate::aws::text("the outbox", request).await?;
        let shown: Value = serde_json::from_str(&text).map_err(Error::json("the outbox"))?;
        let accounts = shown["messages"].as_object().into_iter().flatten();
        let mails = accounts.filter_map(|(_, mails)| mails.as_array()).flatten();
        mails.map(|mail| Mail::deserialize(mail).map_err(Error::json("a mail"))).collect()
    }

    /// Puts a message on a queue, with text attributes.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn send_message(&self, queue: &str, body: &str, attributes: &[(&str, &str)]) -> Result<()> {
        let named: serde_json::Map<String, Value> = attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!({"DataType": "String", "StringValue": value})))
            .collect();
        let message = json!({"QueueUrl": queue, "MessageBody": body, "MessageAttributes": named});
        self.call(SQS, "SendMessage", &message).await.map(drop)
    }

    /// Receives up to ten messages without waiting.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn receive_messages(&self, queue: &str) -> Result<Vec<Message>> {
        let asked = json!({"QueueUrl": queue, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]});
        let answer = self.call(SQS, "ReceiveMessage", &asked).await?;
        let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
        Ok(messages.iter().map(message).collect())
    }

    /// Takes a received message off its queue.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn delete_message(&self, queue: &str, receipt: &str) -> Result<()> {
        let asked = json!({"QueueUrl": queue, "ReceiptHandle": receipt});
        self.call(SQS, "DeleteMessage", &asked).await.map(drop)
    }

    /// Every item of a table.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn scan(&self, table: &str) -> Result<Vec<Value>> {
        let paging = Paging { list: "Items", asked: "ExclusiveStartKey", answered: "LastEvaluatedKey" };
        self.pages(DYNAMODB, "Scan", json!({"TableName": table}), paging).await
    }

    /// Stores an item as its wire form has it.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn put_item(&self, table: &str, item: &Value) -> Result<()> {
        self.call(DYNAMODB, "PutItem", &json!({"TableName": table, "Item": item})).await.map(drop)
    }

    /// Invokes a function and waits for its answer.
    ///
    /// # Errors
    /// When there is none of that name, or it fails.
    pub async fn invoke(&self, function: &str, event: &Value) -> Result<Value> {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let answer = self.rest("lambda", reqwest::Method::POST, &path, event).await?;
        match answer["errorType"].as_str() {
            Some(error) => Err(Error::Setup(format!("{function} failed: {error}: {}", answer["errorMessage"]))),
            None => Ok(answer),
        }
    }

    /// Every Lambda function, as it is listed.
    ///
    /// # Errors
    /// When the listing is refused.
    pub async fn functions(&self) -> Result<Vec<Value>> {
        let mut found = Vec::new();
        let mut path = "/2015-03-31/functions/?MaxItems=50".to_owned();
        loop {
            let listed = self.rest("lambda", reqwest::Method::GET, &path, &Value::Null).await?;
            found.extend(listed["Functions"].as_array().into_iter().flatten().cloned());
            match listed["NextMarker"].as_str() {
                Some(marker) if !marker.is_empty() => {
                    path = format!("/2015-03-31/functions/?MaxItems=50&Marker={marker}");
                }
                Some(_) | None => return Ok(found),
            }
        }
    }

    /// Has messages of every queue come again after so many seconds, where whoever received them does not take them off.
    ///
    /// # Errors
    /// When a queue refuses.
    pub async fn set_visibility(&self, seconds: u64) -> Result<()> {
        for queue in self.queues().await? {
            self.set_attribute(&queue, "VisibilityTimeout", &seconds.to_string()).await?;
        }
        Ok(())
    }

    /// Has messages end among the dead letters after so many receipts, on every queue that has dead letters.
    ///
    /// # Errors
    /// When a queue refuses, or tells no rule.
    pub async fn set_receipts(&self, most: u32) -> Result<()> {
        for queue in self.queues().await? {
            let attributes = self.attributes(&queue, &["RedrivePolicy"]).await?;
            let Some(rule) = attributes["RedrivePolicy"].as_str() else { continue };
            let mut rule: Value = serde_json::from_str(rule).map_err(Error::json("a rule for dead letters"))?;
            rule["maxReceiveCount"] = most.into();
            self.set_attribute(&queue, "RedrivePolicy", &rule.to_string()).await?;
        }
        Ok(())
    }

    /// Messages on each of the stack's queues, those in flight included, by the queue's name in the template.
    ///
    /// # Errors
    /// When the local AWS does not show them.
    pub async fn depths(&self) -> Result<BTreeMap<String, u64>> {
        let mut depths = BTreeMap::new();
        for queue in self.queues().await? {
            let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
            let attributes = self.attributes(&queue, &names).await?;
            let count = |name: &str| attributes[name].as_str().and_then(|text| text.parse::<u64>().ok());
            let depth = names.iter().filter_map(|name| count(name)).sum();
            depths.insert(template_name(&queue), depth);
        }
        Ok(depths)
    }

    /// The address of each of the stack's queues.
    async fn queues(&self) -> Result<Vec<String>> {
        let paging = Paging { list: "QueueUrls", asked: "NextToken", answered: "NextToken" };
        let urls = self.pages(SQS, "ListQueues", json!({"QueueNamePrefix": NAME}), paging).await?;
        Ok(urls.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    async fn attributes(&self, queue: &str, names: &[&str]) -> Result<Value> {
        let asked = json!({"QueueUrl": queue, "AttributeNames": names});
        Ok(self.call(SQS, "GetQueueAttributes", &asked).await?["Attributes"].take())
    }

    async fn set_attribute(&self, queue: &str, name: &str, value: &str) -> Result<()> {
        let asked = json!({"QueueUrl": queue, "Attributes": {name: value}});
        self.call(SQS, "SetQueueAttributes", &asked).await.map(drop)
    }

    /// Switches the queue or stream that triggers a function on or off.
    ///
    /// # Errors
    /// When the function has no such source.
    pub async fn switch_source(&self, function: &str, enabled: bool) -> Result<()> {
        let folder = "/2015-03-31/event-source-mappings/";
        let listed = self.rest("lambda", reqwest::Method::GET, folder, &json!({})).await?;
        let is_its_own =
            |source: &&Value| source["FunctionArn"].as_str().is_some_and(|arn| arn.ends_with(&format!(":{function}")));
        let source = listed["EventSourceMappings"].as_array().and_then(|all| all.iter().find(is_its_own));
        let id = source.and_then(|source| source["UUID"].as_str());
        let id = id.ok_or_else(|| Error::Setup(format!("nothing triggers {function}: {listed}")))?;
        let path = format!("{folder}{id}");
        self.rest("lambda", reqwest::Method::PUT, &path, &json!({"Enabled": enabled})).await.map(drop)
    }

    /// Every execution of a state machine, newest first.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn executions(&self, machine: &str) -> Result<Vec<Value>> {
        let paging = Paging { list: "executions", asked: "nextToken", answered: "nextToken" };
        self.pages(STEP_FUNCTIONS, "ListExecutions", json!({"stateMachineArn": machine}), paging).await
    }

    /// One execution.
    ///
    /// # Errors
    /// When there is none.
    pub async fn execution(&self, arn: &str) -> Result<Value> {
        self.call(STEP_FUNCTIONS, "DescribeExecution", &json!({"executionArn": arn})).await
    }

    /// An execution's history, oldest event first.
    ///
    /// # Errors
    /// When there is none.
    pub async fn history(&self, arn: &str) -> Result<Vec<Value>> {
        let paging = Paging { list: "events", asked: "nextToken", answered: "nextToken" };
        let asked = json!({"executionArn": arn, "maxResults": 1000});
        self.pages(STEP_FUNCTIONS, "GetExecutionHistory", asked, paging).await
    }
}

fn message(message: &Value) -> Message {
    let attributes = message["MessageAttributes"].as_object().into_iter().flatten();
    let text = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
    Message {
        body: text("Body"),
        attributes: attributes
            .filter_map(|(name, value)| Some((name.clone(), value["StringValue"].as_str()?.to_owned())))
            .collect(),
        receipt: text("ReceiptHandle"),
    }
}

/// `NotificationQueue` of `http://…/000000000000/waybill-NotificationQueue-1A2B`.
fn template_name(url: &str) -> String {
    let name = url.rsplit('/').next().unwrap_or(url);
    let name = name.strip_prefix(NAME).map_or(name, |rest| rest.trim_start_matches('-'));
    name.split('-').next().unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queues_are_named_as_in_the_template() {
        let url = "http://127.0.0.1:4566/000000000000/waybill-NotificationQueue-AB12";
        assert_eq!(template_name(url), "NotificationQueue");
    }
}
