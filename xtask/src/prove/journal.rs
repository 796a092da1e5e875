//! What was shown, kept between runs: a long proof may be made in shares, or go on after it broke off.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use waybill_faults::Found;
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

/// What of it only picks runs and tells of them: none is otherwise for it.
const TELLING: [&str; 4] = [
    "tests/faults/src/campaign.rs",
    "tests/faults/src/page.rs",
    "tests/faults/src/report.rs",
    "tests/faults/src/summary.rs",
];

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Run(Box<Shown>),
    Left(Left),
}

/// What a laboratory left behind, and whose runs were made in it. It counts until each of them was made again in another.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Left {
    left: String,
    of: BTreeSet<String>,
}

/// One line of JSON for each run, and for whatever a laboratory left behind, in a file of the code's own.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    commit: String,
    told: Told,
}

/// What the lines tell: every case's last run, and all that was left behind.
#[derive(Debug, Default)]
struct Told {
    shown: BTreeMap<String, Shown>,
    left: Vec<Left>,
}

impl Told {
    fn keep(&mut self, line: Line) {
        match line {
            Line::Run(one) => {
                for left in &mut self.left {
                    left.of.remove(&one.case);
                }
                self.shown.insert(one.case.clone(), *one);
            }
            Line::Left(left) => self.left.push(left),
        }
    }
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
        let files = git(workspace, &[&["ls-tree", "-r", "HEAD", "--"], PROVEN.as_slice()].concat(), "")?;
        let proves = |line: &&str| !TELLING.iter().any(|file| line.ends_with(file));
        let files: Vec<&str> = files.lines().filter(proves).collect();
        let code = git(workspace, &["hash-object", "--stdin"], &files.join("\n"))?;
        let others = TELLING.map(|file| format!(":(exclude){file}"));
        let paths: Vec<&str> = PROVEN.into_iter().chain(others.iter().map(String::as_str)).collect();
        let code = code.chars().take(12).collect::<String>() + changed(&paths)?;
        let folder = workspace.target.join("prove");
        std::fs::create_dir_all(&folder).map_err(Error::at("create", &folder))?;
        let path = folder.join(format!("{code}.ndjson"));
        let told = if resume && path.is_file() {
            read(&std::fs::read_to_string(&path).map_err(Error::at("read", &path))?)?
        } else {
            Told::default()
        };
        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(Error::at("open", &path))?;
        Ok(Self { file, path, commit, told })
    }

    /// The commit's short name; with `+` where the checkout differs from it.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// Is there a run of this case that shows something? One whose fault did not strike shows nothing, nor does one in a
    /// laboratory that left something behind: whose it was, nobody can tell.
    pub fn knows(&self, case: &str) -> bool {
        let is_sound = !self.told.left.iter().any(|left| left.of.contains(case));
        is_sound && self.told.shown.get(case).is_some_and(|shown| shown.found != Found::Missed)
    }

    /// The runs of a laboratory and what they left behind, written down when it is over and not before: a run whose end
    /// nobody looked at has shown nothing. The last run of a case counts.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(&mut self, shown: Vec<Shown>, left: Vec<String>) -> Result<()> {
        let of: BTreeSet<String> = shown.iter().map(|one| one.case.clone()).collect();
        let runs = shown.into_iter().map(|one| Line::Run(Box::new(one)));
        let left = left.into_iter().map(|left| Line::Left(Left { left, of: of.clone() }));
        let lines: Vec<Line> = runs.chain(left).collect();
        let mut text = String::new();
        for line in &lines {
            text += &serde_json::to_string(line).map_err(Error::json("a line of the journal"))?;
            text.push('\n');
        }
        // In one piece: shares may be proven side by side.
        self.file.write_all(text.as_bytes()).map_err(Error::at("write", &self.path))?;
        for line in lines {
            self.told.keep(line);
        }
        Ok(())
    }

    /// Every run.
    pub fn shown(&self) -> Vec<Shown> {
        self.told.shown.values().cloned().collect()
    }

    /// What laboratories left behind.
    pub fn left(&self) -> Vec<String> {
        self.left_by(|left| !left.of.is_empty())
    }

    /// What was left behind by laboratories whose runs have all been made again since.
    pub fn left_before(&self) -> Vec<String> {
        self.left_by(|left| left.of.is_empty())
    }

    fn left_by(&self, counts: fn(&Left) -> bool) -> Vec<String> {
        self.told.left.iter().filter(|left| counts(left)).map(|left| left.left.clone()).collect()
    }
}

fn read(text: &str) -> Result<Told> {
    let mut told = Told::default();
    for line in text.lines() {
        told.keep(serde_json::from_str(line).map_err(Error::json("a line of the journal"))?);
    }
    Ok(told)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn run(case: &str, found: Found) -> Shown {
        Shown { case: case.to_owned(), flow: "one-shipment".to_owned(), faults: Vec::new(), found, took: 1 }
    }

    #[test]
    fn a_journal_gone_on_with_knows_each_cases_last_run_and_all_that_was_left() {
        let name = format!("waybill-journal-{}.ndjson", std::process::id());
        let path = std::env::temp_dir().join(name);
        let file = File::create(&path).unwrap();
        let mut journal = Journal { file, path: path.clone(), commit: String::new(), told: Told::default() };
        let known = |journal: &Journal| ["a", "b", "c"].map(|case| journal.knows(case));
        journal.add(vec![run("a", Found::Missed), run("b", Found::Same)], Vec::new()).unwrap();
        assert_eq!(known(&journal), [false, true, false]);
        journal.add(vec![run("a", Found::Same), run("b", Found::Same)], vec!["a dead letter".to_owned()]).unwrap();
        assert_eq!((known(&journal), journal.left()), ([false; 3], vec!["a dead letter".to_owned()]));
        journal.add(vec![run("b", Found::Same)], Vec::new()).unwrap();
        assert_eq!((known(&journal), journal.left().len()), ([false, true, false], 1));
        journal.add(vec![run("a", Found::Same)], Vec::new()).unwrap();
        assert_eq!((known(&journal), journal.left().len()), ([true, true, false], 0));
        assert_eq!(journal.left_before(), ["a dead letter"]);
        journal.add(vec![run("c", Found::Same)], vec!["a second mail".to_owned()]).unwrap();
        journal.told = read(&std::fs::read_to_string(&path).unwrap()).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!((known(&journal), journal.left()), ([true, true, false], vec!["a second mail".to_owned()]));
        assert_eq!(journal.left_before(), ["a dead letter"]);
        assert!(read("{}").is_err());
    }
}
