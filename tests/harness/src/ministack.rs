//! Starts the local AWS on a port of its own, with nothing of our environment but the path.

use crate::aws::Aws;
use crate::error::{Error, Result};
use crate::processes::{Group, Log, free_port};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// How often a port that was free when asked for may turn out to be taken.
const TRIES: u32 = 3;
const PATIENCE: Duration = Duration::from_mins(1);

/// How to start it.
#[derive(Clone, Copy, Debug)]
pub struct Ministack<'a> {
    /// The folder with its program.
    pub programs: &'a Path,
    /// A folder for what it writes while it runs.
    pub scratch: &'a Path,
    /// Where its logs go.
    pub logs: &'a Path,
    /// What its Lambdas call in its place.
    pub endpoint: &'a str,
    /// Divides every wait of a workflow, as in `SFN_WAIT_SCALE`.
    pub wait_scale: Option<&'a str>,
}

impl Ministack<'_> {
    /// Starts it and waits until it answers; tells the port it took.
    ///
    /// # Errors
    /// When it ends or does not answer.
    pub async fn start(&self) -> Result<(Group, u16)> {
        let mut last = None;
        for _ in 0..TRIES {
            let port = free_port()?;
            let mut group = Group::start("ministack", &self.command(port)?, Log::Files(self.logs.join("ministack")))?;
            match ready(&mut group, port).await {
                Ok(()) => return Ok((group, port)),
                Err(cause) => last = Some(cause),
            }
        }
        Err(last.unwrap_or_else(|| Error::Setup("the local AWS was never tried".into())))
    }

    fn command(&self, port: u16) -> Result<Command> {
        let (state, temporary) = (self.scratch.join("state"), self.scratch.join("tmp"));
        for folder in [&state, &temporary] {
            std::fs::create_dir_all(folder).map_err(Error::at("create", folder))?;
        }
        let path = std::env::var("PATH").unwrap_or_default();
        // Its Lambdas inherit its environment: whatever is not named here, they do not see.
        let mut command = Command::new("env");
        command.arg("-i");
        command.arg(format!("PATH={}:{path}", self.programs.display()));
        command.arg(format!("HOME={}", self.scratch.display()));
        command.arg(format!("TMPDIR={}", temporary.display()));
        command.arg(format!("STATE_DIR={}", state.display()));
        command.arg(format!("GATEWAY_PORT={port}"));
        command.arg(format!("AWS_ENDPOINT_URL={}", self.endpoint));
        if let Some(scale) = self.wait_scale {
            command.arg(format!("SFN_WAIT_SCALE={scale}"));
        }
        command.args(["AUTH=true", "BIND_HOST=127.0.0.1", "IOT_MTLS_ENABLED=0", "LANG=C.UTF-8"]);
        command.args(["AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_DEFAULT_REGION=us-east-1"]);
        command.arg(self.programs.join("ministack"));
        Ok(command)
    }
}

async fn ready(group: &mut Group, port: u16) -> Result<()> {
    let aws = Aws::new(format!("http://127.0.0.1:{port}"))?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        group.expect_running()?;
        let answer = aws.http().get(format!("{}/_ministack/health", aws.endpoint())).send().await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            // Someone else's answer on a port that ours could not take.
            tokio::time::sleep(Duration::from_millis(50)).await;
            return group.expect_running();
        }
        if Instant::now() > deadline {
            let last = "no answer on its port".to_owned();
            return Err(Error::Late { what: "the local AWS".into(), seconds: PATIENCE.as_secs(), last });
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
