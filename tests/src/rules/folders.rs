//! A function is a folder, a package and a binary of one name.

use super::Findings;
use crate::repository::{self, Result};
use waybill_lambda::Stage;

/// The longest an entry point may be: it wires and decides nothing.
pub const MAX_MAIN: usize = 25;

/// A folder in `functions/` as it is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Its name.
    pub name: String,
    /// The package's name.
    pub package: String,
    /// The names of its binaries.
    pub binaries: Vec<String>,
    /// Its README, if there is one.
    pub readme: Option<String>,
    /// Its entry point.
    pub main: String,
}

impl Folder {
    /// Every folder in `functions/`.
    ///
    /// # Errors
    /// A manifest or an entry point cannot be read.
    pub fn all() -> Result<Vec<Self>> {
        repository::folders("functions")?.into_iter().map(Self::read).collect()
    }

    fn read(name: String) -> Result<Self> {
        let manifest = repository::toml(&format!("functions/{name}/Cargo.toml"))?;
        let package = manifest.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
        let package = package.unwrap_or_default().to_owned();
        let declared = manifest.get("bin").and_then(toml::Value::as_array).into_iter().flatten();
        let declared: Vec<String> =
            declared.filter_map(|binary| binary.get("name")?.as_str().map(str::to_owned)).collect();
        let main = repository::text(&format!("functions/{name}/src/main.rs"))?;
        // Without `[[bin]]` cargo names the binary after the package.
        let binaries = if declared.is_empty() { vec![package.clone()] } else { declared };
        let readme = repository::text(&format!("functions/{name}/README.md")).ok();
        Ok(Self { name, package, binaries, readme, main })
    }

    /// The stage its entry point serves.
    #[must_use]
    pub fn serves(&self) -> Option<&str> {
        let code = self.main.split_once("serve(Stage::")?.1;
        code.split(|c: char| !c.is_alphanumeric()).next()
    }
}

/// Folder, package and binary bear one name, and a README says what the function is for.
#[must_use]
pub fn one_name(folders: &[Folder]) -> Findings {
    let mut found = Vec::new();
    for Folder { name, package, binaries, readme, .. } in folders {
        if package != name {
            found.push(format!("functions/{name} holds the package `{package}`"));
        }
        if binaries != std::slice::from_ref(name) {
            found.push(format!("functions/{name} builds the binaries {binaries:?}, not `{name}` alone"));
        }
        if readme.as_ref().is_none_or(|readme| !readme.starts_with("# ")) {
            found.push(format!("functions/{name} has no README.md that begins with a title"));
        }
    }
    found
}

/// Entry points only wire. Blank lines and comments are not counted.
#[must_use]
pub fn thin_entry_points(folders: &[Folder]) -> Findings {
    let lines = |folder: &Folder| {
        let lines = folder.main.lines().map(str::trim);
        lines.filter(|line| !line.is_empty() && !line.starts_with("//")).count()
    };
    let thick = folders.iter().map(|folder| (folder, lines(folder))).filter(|(_, lines)| *lines > MAX_MAIN);
    thick
        .map(|(folder, lines)| format!("functions/{}/src/main.rs has {lines} lines, more than {MAX_MAIN}", folder.name))
        .collect()
}

/// Every stage has its folder, and every folder that serves a stage serves the one of its name.
#[must_use]
pub fn stages_and_folders(folders: &[Folder]) -> Findings {
    let has_folder = |stage: &Stage| folders.iter().any(|folder| folder.name == stage.name());
    let homeless = Stage::ALL.into_iter().filter(|stage| !has_folder(stage));
    let mut found: Findings =
        homeless.map(|stage| format!("the stage {} has no folder in functions/", stage.name())).collect();
    for folder in folders {
        let own = Stage::ALL.into_iter().find(|stage| stage.name() == folder.name).map(|stage| format!("{stage:?}"));
        if folder.serves() != own.as_deref() {
            let (served, own) = (folder.serves().unwrap_or("no stage"), own.unwrap_or_else(|| "none".to_owned()));
            found.push(format!("functions/{} serves {served}; the Stage of its name is {own}", folder.name));
        }
    }
    found
}
