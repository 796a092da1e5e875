//! Deploys the real template to the local AWS and tells what came out of it.

mod bundle;
mod functions;
mod template;

use crate::aws::{Aws, SECRETS, element, elements};
use crate::error::{Error, Result};
use crate::workspace::Workspace;
pub use bundle::bundle;
pub use functions::{Credential, credentials};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};
pub use template::{Uris, rewrite};

/// The stack's name; every function's name begins with it.
pub const NAME: &str = "waybill";
/// The bucket for what is deployed, as `sam deploy` makes one.
const BUCKET: &str = "waybill-deploy";
const TEMPLATE: &str = "infra/template.yaml";
const WORKFLOW: &str = "statemachine/order.asl.json";

/// What the template is deployed with.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// The build profile's folder under `target`: `debug` or `release`.
    pub profile: String,
    /// A folder of the run that keeps the programs as they are now, one folder for each version.
    pub programs: PathBuf,
    /// Names what is deployed: another version is other code to Lambda, whatever its programs do.
    pub version: String,
    /// The template's parameters.
    pub parameters: BTreeMap<String, String>,
    /// The proxy that the functions' processes and their partners are led through, when a gate decides on them.
    pub through: Option<String>,
}

/// The deployed stack.
#[derive(Clone, Debug)]
pub struct Stack {
    outputs: BTreeMap<String, String>,
}

impl Stack {
    /// Uploads the code, creates the stack and waits for it.
    ///
    /// # Errors
    /// When a program is not built, or the stack fails; then every failed resource is named with
    /// its reason.
    pub async fn create(aws: &Aws, workspace: &Workspace, deployment: &Deployment) -> Result<Self> {
        aws.create_bucket(BUCKET).await?;
        Self::deploy(aws, "CreateStack", &upload(aws, workspace, deployment).await?, &deployment.parameters).await
    }

    /// Uploads another version of the code and deploys it over the stack, as a later `sam deploy` does.
    ///
    /// # Errors
    /// As [`Stack::create`]; also when nothing differs from what is deployed.
    pub async fn update(aws: &Aws, workspace: &Workspace, deployment: &Deployment) -> Result<Self> {
        Self::deploy(aws, "UpdateStack", &upload(aws, workspace, deployment).await?, &deployment.parameters).await
    }

    async fn deploy(aws: &Aws, how: &str, template: &str, parameters: &BTreeMap<String, String>) -> Result<Self> {
        // A template of our size is taken from a bucket only.
        aws.put_object(BUCKET, "template.yaml", template.into()).await?;
        let mut form = action(how);
        form.push(("TemplateURL".into(), format!("{}/{BUCKET}/template.yaml", aws.endpoint())));
        for (at, capability) in ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"].iter().enumerate()
        {
            form.push((format!("Capabilities.member.{}", at + 1), (*capability).to_owned()));
        }
        for (at, (key, value)) in parameters.iter().enumerate() {
            form.push((format!("Parameters.member.{}.ParameterKey", at + 1), key.clone()));
            form.push((format!("Parameters.member.{}.ParameterValue", at + 1), value.clone()));
        }
        aws.action("cloudformation", &form).await?;
        Self::settled(aws).await
    }

    async fn settled(aws: &Aws) -> Result<Self> {
        const PATIENCE: u64 = 120;
        let deadline = Instant::now() + Duration::from_secs(PATIENCE);
        loop {
            let xml = aws.action("cloudformation", &action("DescribeStacks")).await?;
            let status = element(&xml, "StackStatus").unwrap_or_default();
            match status.as_str() {
                "CREATE_COMPLETE" | "UPDATE_COMPLETE" => return Ok(Self { outputs: outputs(&xml) }),
                "CREATE_IN_PROGRESS"
                | "REVIEW_IN_PROGRESS"
                | "UPDATE_IN_PROGRESS"
                | "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS" => {}
                _ => return Err(Error::Setup(format!("the stack is {status}:\n{}", failures(aws).await?))),
            }
            if Instant::now() > deadline {
                return Err(Error::Late { what: "the stack".into(), seconds: PATIENCE, last: status });
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// One of the template's outputs.
    ///
    /// # Errors
    /// When the template has no such output.
    pub fn output(&self, name: &str) -> Result<&str> {
        let value = self.outputs.get(name).map(String::as_str);
        value.ok_or_else(|| Error::Setup(format!("the template has no output {name}")))
    }

    /// Puts the partners' secrets in place of the template's placeholders.
    ///
    /// # Errors
    /// When the local AWS refuses.
    pub async fn put_secrets(&self, aws: &Aws, secrets: &Value) -> Result<()> {
        let body = json!({"SecretId": self.output("PartnerSecretsArn")?, "SecretString": secrets.to_string()});
        aws.call(SECRETS, "PutSecretValue", &body).await.map(drop)
    }
}

/// Puts code and workflow into the version's folder of the bucket; the template that leads there.
async fn upload(aws: &Aws, workspace: &Workspace, deployment: &Deployment) -> Result<String> {
    let Deployment { profile, programs, version, parameters: _, through } = deployment;
    for name in workspace.functions()? {
        let program = workspace.program(profile, &name);
        let code = bundle(&program, &programs.join(version), version, through.as_deref())?;
        aws.put_object(BUCKET, &format!("{version}/{name}.zip"), code).await?;
    }
    let workflow = workspace.path(WORKFLOW);
    let definition = std::fs::read(&workflow).map_err(Error::at("read", &workflow))?;
    aws.put_object(BUCKET, &format!("{version}/order.asl.json"), definition).await?;
    let file = workspace.path(TEMPLATE);
    let text = std::fs::read_to_string(&file).map_err(Error::at("read", &file))?;
    rewrite(&text, &Uris::in_bucket(&format!("{BUCKET}/{version}")))
}

fn action(name: &str) -> Vec<(String, String)> {
    let fields = [("Action", name), ("Version", "2010-05-15"), ("StackName", NAME)];
    fields.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

fn outputs(xml: &str) -> BTreeMap<String, String> {
    let listed = elements(xml, "Outputs");
    let members = listed.iter().flat_map(|outputs| elements(outputs, "member"));
    members.filter_map(|member| Some((element(member, "OutputKey")?, element(member, "OutputValue")?))).collect()
}

/// The failed resources and why, oldest first: the first is the cause of the others.
async fn failures(aws: &Aws) -> Result<String> {
    let xml = aws.action("cloudformation", &action("DescribeStackEvents")).await?;
    let mut lines = Vec::new();
    for event in elements(&xml, "member") {
        let text = |name: &str| element(event, name).unwrap_or_default();
        let status = text("ResourceStatus");
        if status.ends_with("FAILED") {
            lines.push(format!("  {} {status}: {}", text("LogicalResourceId"), text("ResourceStatusReason")));
        }
    }
    lines.reverse();
    Ok(lines.join("\n"))
}
