//! What was shown, kept between runs: a long proof may be made in shares, or go on after it broke off.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use waybill_faults::prove::Shown;
use waybill_harness::workspace::Workspace;
use waybill_harness::{Error, Result};

/// What a proof is of, and what proves it: a run shown of other code shows nothing. The rest of the checkout may change.
const PROVEN: [&str; 10] = [
    "Cargo.lock",
    "Cargo.toml",
    "functions",
    "infra",
    "shared",
    "statemachine",
    "tests/faults",
    "tests/harness",
    "tests/partners",
    "tests/seed",
];

/// One line of JSON for each run, in a file of the code's own.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    commit: String,
    shown: BTreeMap<String, Shown>,
}

impl Journal {
    /// The journal of what is checked out. Nothing that was shown earlier is known unless it is to be gone on with; it is
    /// kept all the same, so that a single run made again does not cost a long proof its journal.
    ///
    /// # Errors
    /// When git does not tell the commit, or the file cannot be read or opened.
    pub fn open(workspace: &Workspace, resume: bool) -> Result<Self> {
        let changed = |paths: &[&str]| -> Result<&str> {
            let asked = [&["status", "--porcelain", "--untracked-files=no", "--"], paths].concat();
            Ok(if git(workspace, &asked, "")?.is_empty() { "" } else { "+" })
        };
        let commit = git(workspace, &["rev-parse", "--short", "HEAD"], "")? + changed(&["."])?;
        let trees = git(workspace, &[&["ls-tree", "HEAD", "--"], PROVEN.as_slice()].concat(), "")?;
        let code = git(workspace, &["hash-object", "--stdin"], &trees)?;
        let code = code.chars().take(12).collect::<String>() + changed(&PROVEN)?;
        let folder = workspace.target.join("prove");
        std::fs::create_dir_all(&folder).map_err(Error::at("create", &folder))?;
        let path = folder.join(format!("{code}.ndjson"));
        let mut shown = BTreeMap::new();
        if resume && path.is_file() {
            let text = std::fs::read_to_string(&path).map_err(Error::at("read", &path))?;
            for line in text.lines() {
                let one: Shown = serde_json::from_str(line).map_err(Error::json("a line of the journal"))?;
                shown.insert(one.case.clone(), one);
            }
        }
        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(Error::at("open", &path))?;
        Ok(Self { file, path, commit, shown })
    }

    /// The commit's short name; with `+` where the checkout differs from it.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// Is there a run of this case?
    pub fn knows(&self, case: &str) -> bool {
        self.shown.contains_key(case)
    }

    /// One more run, written down at once; the last of a case counts.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(&mut self, shown: Shown) -> Result<()> {
        let line = serde_json::to_string(&shown).map_err(Error::json("a run"))? + "\n";
        // In one piece: shares may be proven side by side.
        self.file.write_all(line.as_bytes()).map_err(Error::at("write", &self.path))?;
        self.shown.insert(shown.case.clone(), shown);
        Ok(())
    }

    /// Every run.
    pub fn shown(&self) -> Vec<Shown> {
        self.shown.values().cloned().collect()
    }
}

/// What git answers, with `input` to read.
fn git(workspace: &Workspace, arguments: &[&str], input: &str) -> Result<String> {
    let mut command = Command::new("git");
    command.args(arguments).current_dir(&workspace.root).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut asked = command.spawn().map_err(Error::io("ask git"))?;
    if let Some(mut pipe) = asked.stdin.take() {
        pipe.write_all(input.as_bytes()).map_err(Error::io("tell git"))?;
    }
    let output = asked.wait_with_output().map_err(Error::io("hear git"))?;
    if !output.status.success() {
        return Err(Error::Setup(format!("git {} ended with {}", arguments.join(" "), output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
