//! Where the checkout, its build products and its tools are.

use crate::error::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The checkout that the harness works on.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The folder of the root `Cargo.toml`.
    pub root: PathBuf,
    /// The build folder; `CARGO_TARGET_DIR` is respected.
    pub target: PathBuf,
}

impl Workspace {
    /// Asks cargo.
    ///
    /// # Errors
    /// When cargo is missing or the manifests cannot be read.
    pub fn find() -> Result<Self> {
        let output = cargo()
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .map_err(Error::io("run cargo metadata"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Error::Setup(format!("cargo metadata failed: {said}")));
        }
        let metadata: serde_json::Value =
            serde_json::from_slice(&output.stdout).map_err(Error::json("cargo metadata"))?;
        let folder = |key: &str| {
            let text = metadata[key].as_str();
            text.map(PathBuf::from).ok_or_else(|| Error::Setup(format!("cargo metadata has no {key}")))
        };
        Ok(Self { root: folder("workspace_root")?, target: folder("target_directory")? })
    }

    /// A folder of the checkout, or a file in it.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// A folder under the build folder's `local`, where a run keeps what it leaves to read.
    pub fn local(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.target.join("local").join(relative)
    }

    /// The names of the Lambda functions: the folders of `functions/`, sorted.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn functions(&self) -> Result<Vec<String>> {
        let folder = self.path("functions");
        let entries = std::fs::read_dir(&folder).map_err(Error::at("read", &folder))?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(Error::at("read", &folder))?;
            if entry.path().join("Cargo.toml").is_file() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// A program that `cargo build` made in `profile` (`debug` or `release`).
    #[must_use]
    pub fn program(&self, profile: &str, name: &str) -> PathBuf {
        self.target.join(profile).join(name)
    }
}

/// The cargo that started us, or the one on the path.
fn program() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// A cargo command without what the cargo that started us set for us: build scripts that look at
/// those variables would run again each time.
#[must_use]
pub fn cargo() -> Command {
    let mut command = Command::new(program());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let is_ours = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
        if is_ours.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command
}
