//! Everything together: partners, local AWS, proxy, stack, master data.

use crate::api::{Api, tokens};
use crate::aws::Aws;
use crate::error::{Progress, Result, silent};
use crate::meter::{Bill, Call, Invocation, Meter, invocations, transitions};
use crate::ministack::Ministack;
use crate::partners::{Delivery, Partners};
use crate::processes::Group;
use crate::proxy::{Gate, Proxy};
use crate::scratch::{Scratch, run_name};
use crate::seed;
use crate::stack::{Deployment, NAME, Stack, credentials};
use crate::tools::Tools;
use crate::workspace::Workspace;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// The address that every mail comes from.
pub const SENDER: &str = "orders@waybill.example";

/// What to start.
#[derive(Clone)]
pub struct LocalOptions {
    /// The build profile's folder under `target`: `debug` or `release`.
    pub profile: String,
    /// The tenant that the app clients and the master data belong to.
    pub tenant: String,
    /// Whether to import the master data.
    pub seed: bool,
    /// Template parameters to set besides those that the local AWS needs.
    pub parameters: BTreeMap<String, String>,
    /// Scales the waits of workflows (`0.1` is ten times as fast); as they are when `None`.
    pub wait_scale: Option<String>,
    /// What functions call in place of the proxy: told the proxy's address, it answers its own and passes on to there.
    pub doorway: Option<Doorway>,
    /// Who decides what becomes of every call and event on its way; nobody when `None`.
    pub gate: Option<Arc<dyn Gate>>,
    /// Where to say what is being done.
    pub progress: Progress,
}

/// Something that stands before the proxy.
pub type Doorway = Arc<dyn Fn(&str) -> Result<String> + Send + Sync>;

/// The version that a run deploys first.
const FIRST_VERSION: &str = "first";

impl Default for LocalOptions {
    fn default() -> Self {
        Self {
            profile: "debug".into(),
            tenant: "demo".into(),
            seed: true,
            parameters: BTreeMap::new(),
            wait_scale: None,
            doorway: None,
            progress: silent(),
            gate: None,
        }
    }
}

impl std::fmt::Debug for LocalOptions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("LocalOptions").field("profile", &self.profile).finish_non_exhaustive()
    }
}

/// A running, deployed, seeded local AWS. Dropping it ends every process it started.
#[derive(Debug)]
pub struct Local {
    /// The local AWS, as root and past the proxy.
    pub aws: Aws,
    /// The deployed API.
    pub api: Api,
    /// The stack's outputs.
    pub stack: Stack,
    /// The fake partners.
    pub partners: Partners,
    /// What passed the proxy.
    pub meter: Arc<Meter>,
    /// The tenant of clients and master data.
    pub tenant: String,
    /// Where this run's logs are.
    pub logs: PathBuf,
    /// Where this run's files are; the programs of its functions are in the folder `programs` there.
    pub folder: PathBuf,
    deployment: Deployment,
    workspace: Workspace,
    // Fields are dropped in this order: first who calls, then who is called, then their files.
    _ministack: Group,
    _proxy: Proxy,
    _scratch: Scratch,
}

impl Local {
    /// Starts everything.
    ///
    /// # Errors
    /// When a tool cannot be installed, a program is not built, or the stack fails.
    pub async fn start(options: LocalOptions) -> Result<Self> {
        let workspace = Workspace::find()?;
        let say = &options.progress;
        let programs = Tools::of(&workspace).local(say).await?;
        let run = run_name();
        let logs = workspace.local("logs").join(&run);
        let scratch = Scratch::create(&workspace.local("run"), &run)?;
        say("starting the fake partners");
        let program = workspace.program(&options.profile, "waybill-partners");
        let partners = Partners::start(&program, &logs).await?;
        say("starting the local AWS");
        let meter = Arc::new(Meter::default());
        let proxy = Proxy::start(meter.clone(), options.gate.clone())?;
        let wait_scale = options.wait_scale.as_deref();
        let endpoint = match &options.doorway {
            Some(doorway) => doorway(&proxy.url())?,
            None => proxy.url(),
        };
        let ministack =
            Ministack { programs: &programs, scratch: scratch.path(), logs: &logs, endpoint: &endpoint, wait_scale };
        let (group, port) = ministack.start().await?;
        proxy.forward_to(port);
        proxy.forward_partner("stripe", &partners.addresses().stripe);
        proxy.forward_partner("easypost", &partners.addresses().easypost);
        let aws = Aws::new(format!("http://127.0.0.1:{port}"))?;
        say("deploying the stack");
        let deployment = Deployment {
            profile: options.profile.clone(),
            programs: scratch.path().join("programs"),
            version: FIRST_VERSION.to_owned(),
            parameters: parameters(&options, &partners),
            through: options.gate.is_some().then(|| proxy.url()),
        };
        let stack = Stack::create(&aws, &workspace, &deployment).await?;
        let api = prepare(&aws, &stack, &partners, &options.tenant).await?;
        let credentials = credentials(&aws).await?;
        meter.name_functions(credentials.iter().map(|(key, owner)| (key.clone(), owner.folder.clone())).collect());
        proxy.sign_for(credentials.into_iter().map(|(key, owner)| (key, owner.secret)).collect());
        if options.seed {
            say("importing the master data");
            seed::catalog(&aws, &workspace, &stack, &options.tenant).await?;
        }
        Ok(Self {
            aws,
            api,
            stack,
            partners,
            meter,
            tenant: options.tenant,
            logs,
            folder: scratch.path().to_owned(),
            deployment,
            workspace,
            _ministack: group,
            _proxy: proxy,
            _scratch: scratch,
        })
    }

    /// Deploys the same template once more over the running stack: all code under the name `version`, and these
    /// parameters besides those it was deployed with.
    ///
    /// # Errors
    /// When a program is not built, or the stack fails.
    pub async fn deploy_again(&self, version: &str, parameters: &[(&str, &str)]) -> Result<()> {
        let mut deployment = Deployment { version: version.to_owned(), ..self.deployment.clone() };
        deployment.parameters.extend(parameters.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        Stack::update(&self.aws, &self.workspace, &deployment).await.map(drop)
    }

    /// Ends everything now rather than when dropped.
    pub fn stop(self) {
        drop(self);
    }

    /// What `order` has cost so far.
    ///
    /// # Errors
    /// When the local AWS does not show its logs or histories.
    pub async fn bill(&self, order: &str) -> Result<Bill> {
        let machine = self.stack.output("StateMachineArn")?;
        let transitions = transitions(&self.aws, machine, order).await?;
        Ok(Bill::of(order, &self.meter.calls(), &self.invocations().await?, transitions))
    }

    /// What was spent on no order in particular.
    ///
    /// # Errors
    /// As [`Local::bill`].
    pub async fn overhead(&self) -> Result<Bill> {
        let calls: Vec<Call> = self.meter.calls();
        Ok(Bill::of_nobody(&calls, &self.invocations().await?))
    }

    /// Runs a function by its folder's name, as a schedule would, and waits for its answer.
    ///
    /// # Errors
    /// When the function fails.
    pub async fn run(&self, function: &str) -> Result<Value> {
        self.aws.invoke(&format!("{NAME}-{function}"), &json!({})).await
    }

    /// Where the payment processor's webhooks go.
    #[must_use]
    pub fn payment_webhook(&self) -> String {
        payment_webhook(&self.api, &self.tenant)
    }

    /// Every invocation so far.
    ///
    /// # Errors
    /// When the local AWS does not show its logs.
    pub async fn invocations(&self) -> Result<Vec<Invocation>> {
        invocations(&self.aws, &format!("/aws/lambda/{NAME}-")).await
    }
}

/// What the template is told locally.
fn parameters(options: &LocalOptions, partners: &Partners) -> BTreeMap<String, String> {
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let addresses = partners.addresses();
    let fixed = [
        ("Architecture", architecture),
        ("DataPolicy", "Delete"),
        ("MetricQueries", "false"),
        ("SenderEmail", SENDER),
        ("StripeBaseUrl", &addresses.stripe),
        ("EasyPostBaseUrl", &addresses.easypost),
    ];
    let mut parameters: BTreeMap<String, String> =
        fixed.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    parameters.extend(options.parameters.clone());
    parameters
}

/// What an operator does once after a deploy.
async fn prepare(aws: &Aws, stack: &Stack, partners: &Partners, tenant: &str) -> Result<Api> {
    stack.put_secrets(aws, &Partners::secrets()).await?;
    let identity = json!({"EmailIdentity": SENDER});
    let path = "/v2/email/identities";
    aws.rest("ses", reqwest::Method::POST, path, &identity).await?;
    seed::clients(aws, stack, tenant).await?;
    let api = Api::new(aws, stack, tokens(aws, stack).await?)?;
    partners.send_webhooks_to(&format!("{}/webhooks/carrier/{tenant}", api.base())).await?;
    partners.stripe_webhooks(&payment_webhook(&api, tenant), Delivery::default()).await?;
    Ok(api)
}

fn payment_webhook(api: &Api, tenant: &str) -> String {
    format!("{}/webhooks/payment/{tenant}", api.base())
}
