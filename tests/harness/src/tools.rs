//! Installs the pinned tools under `target/tools`, once.
//!
//! Each set of tools has a marker file that holds its pins; a set whose marker differs is removed
//! and made anew. A file lock lets several processes ask at once.

use crate::error::{Error, Progress, Result};
use crate::processes::{Group, Log};
use crate::workspace::Workspace;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The local AWS and the Lambda builder. The versions are part of the project: see docs/decisions.
const LOCAL_PINS: [&str; 3] = ["ministack[full]==1.5.33", "cargo-lambda==1.9.2", "ziglang==0.17.1"];

/// The installed tools.
#[derive(Clone, Debug)]
pub struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// The tools' folder of `workspace`; nothing is installed by asking.
    #[must_use]
    pub fn of(workspace: &Workspace) -> Self {
        Self { folder: workspace.target.join("tools") }
    }

    /// Where the tools are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder with the programs of the local set: the local AWS and cargo-lambda.
    ///
    /// # Errors
    /// When Python 3 with venv is missing, or an install fails.
    pub async fn local(&self, progress: &Progress) -> Result<PathBuf> {
        self.python("local", &LOCAL_PINS.join("\n"), progress).await
    }

    /// The folder with the programs of a set of Python packages pinned by a requirements file.
    ///
    /// # Errors
    /// As [`Tools::local`]; also when the file cannot be read.
    pub async fn requirements(&self, name: &str, file: &Path, progress: &Progress) -> Result<PathBuf> {
        let pins = std::fs::read_to_string(file).map_err(Error::at("read", file))?;
        self.python(name, &pins, progress).await
    }

    async fn python(&self, name: &str, pins: &str, progress: &Progress) -> Result<PathBuf> {
        let set = Set { folder: self.folder.join(name), name, pins };
        let programs = set.folder.join("bin");
        let _lock = set.lock(progress).await?;
        if set.is_made() {
            return Ok(programs);
        }
        expect_python()?;
        set.clear()?;
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv"]).arg(&set.folder);
        set.run("make a Python environment", &venv, progress).await?;
        let list = set.folder.join("requirements.txt");
        std::fs::write(&list, pins).map_err(Error::at("write", &list))?;
        let mut pip = Command::new(programs.join("python"));
        pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-r"]);
        pip.arg(&list);
        set.run("install", &pip, progress).await?;
        set.mark()?;
        Ok(programs)
    }

    /// The folder with the programs of an npm lock file, or `None` where Node is not installed.
    ///
    /// # Errors
    /// When `npm ci` fails or the folder has no lock file.
    pub async fn node(&self, name: &str, source: &Path, progress: &Progress) -> Result<Option<PathBuf>> {
        if Command::new("npm").arg("--version").output().is_err() {
            return Ok(None);
        }
        let lock = source.join("package-lock.json");
        let pins = std::fs::read_to_string(&lock).map_err(Error::at("read", &lock))?;
        let set = Set { folder: self.folder.join(name), name, pins: &pins };
        let programs = set.folder.join("node_modules").join(".bin");
        let _lock = set.lock(progress).await?;
        if set.is_made() {
            return Ok(Some(programs));
        }
        set.clear()?;
        for file in ["package.json", "package-lock.json"] {
            let from = source.join(file);
            std::fs::copy(&from, set.folder.join(file)).map_err(Error::at("copy", &from))?;
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(&set.folder);
        set.run("install", &npm, progress).await?;
        set.mark()?;
        Ok(Some(programs))
    }
}

/// One set of tools and the pins it must have.
struct Set<'a> {
    folder: PathBuf,
    name: &'a str,
    pins: &'a str,
}

impl Set<'_> {
    /// Holds every other process off until dropped.
    async fn lock(&self, progress: &Progress) -> Result<File> {
        if let Some(parent) = self.folder.parent() {
            std::fs::create_dir_all(parent).map_err(Error::at("create", parent))?;
        }
        let path = self.folder.with_extension("lock");
        let file = File::create(&path).map_err(Error::at("create", &path))?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => {
                    progress(&format!("waiting for another process to install the {} tools", self.name));
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                Err(TryLockError::Error(source)) => return Err(Error::at("lock", &path)(source)),
            }
        }
    }

    fn marker(&self) -> PathBuf {
        self.folder.join("pins")
    }

    fn is_made(&self) -> bool {
        std::fs::read_to_string(self.marker()).is_ok_and(|made| made == self.pins)
    }

    fn mark(&self) -> Result<()> {
        std::fs::write(self.marker(), self.pins).map_err(Error::at("write", &self.marker()))
    }

    fn clear(&self) -> Result<()> {
        if self.folder.exists() {
            std::fs::remove_dir_all(&self.folder).map_err(Error::at("remove", &self.folder))?;
        }
        std::fs::create_dir_all(&self.folder).map_err(Error::at("create", &self.folder))
    }

    /// Runs one step, showing the last line it said.
    async fn run(&self, what: &str, command: &Command, progress: &Progress) -> Result<()> {
        let log = Log::Files(self.folder.with_file_name(format!("{}-install", self.name)));
        let mut group = Group::start(what, command, log.clone())?;
        let status = loop {
            if let Some(status) = group.ended()? {
                break status;
            }
            let said = log.out().and_then(|path| std::fs::read_to_string(path).ok());
            let line = said.as_deref().and_then(|text| text.lines().last()).unwrap_or_default();
            let line: String = line.trim().chars().take(70).collect();
            progress(&format!("{} tools: {what} {line}", self.name));
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        if status.success() {
            return Ok(());
        }
        let tail = log.tail();
        Err(Error::Setup(format!("could not {what} the {} tools ({status}):\n{tail}", self.name)))
    }
}

/// Says what to install when Python cannot make an environment.
fn expect_python() -> Result<()> {
    let check = Command::new("python3").args(["-c", "import venv, ensurepip"]).output();
    match check {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(Error::Setup(format!(
            "python3 cannot make environments; install its venv package (Debian: python3-venv):\n{}",
            String::from_utf8_lossy(&output.stderr)
        ))),
        Err(_) => Err(Error::Setup("python3 is missing; install Python 3.10 or later with venv".into())),
    }
}
