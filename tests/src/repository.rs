//! The checkout as the tests read it: files, manifests, sources.

use serde_json::Value;
use std::error::Error;
use std::path::{Path, PathBuf};

/// What a check could not even look at.
pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The root of the checkout, or a place in it.
#[must_use]
pub fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(relative)
}

/// The text of a file.
///
/// # Errors
/// It cannot be read; the error names it.
pub fn text(relative: &str) -> Result<String> {
    std::fs::read_to_string(path(relative)).map_err(|error| format!("{relative}: {error}").into())
}

/// A file of JSON.
///
/// # Errors
/// It cannot be read or parsed; the error names it.
pub fn json(relative: &str) -> Result<Value> {
    serde_json::from_str(&text(relative)?).map_err(|error| format!("{relative}: {error}").into())
}

/// A file of TOML.
///
/// # Errors
/// It cannot be read or parsed; the error names it.
pub fn toml(relative: &str) -> Result<toml::Table> {
    text(relative)?.parse().map_err(|error| format!("{relative}: {error}").into())
}

/// The names of the folders in a folder, sorted.
///
/// # Errors
/// It cannot be read.
pub fn folders(relative: &str) -> Result<Vec<String>> {
    let entries = entries(relative)?.into_iter().filter(|entry| path(relative).join(entry).is_dir());
    Ok(entries.collect())
}

/// The names of everything in a folder, sorted.
///
/// # Errors
/// It cannot be read.
pub fn entries(relative: &str) -> Result<Vec<String>> {
    let read = std::fs::read_dir(path(relative)).map_err(|error| format!("{relative}: {error}"))?;
    let mut names = Vec::new();
    for entry in read {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Every Rust file in a folder and its folders, as its path from the root.
///
/// # Errors
/// A folder cannot be read.
pub fn sources(relative: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in entries(relative)? {
        let below = format!("{relative}/{entry}");
        if path(&below).is_dir() {
            if entry != "target" {
                found.extend(sources(&below)?);
            }
        } else if Path::new(&entry).extension().is_some_and(|extension| extension == "rs") {
            found.push(below);
        }
    }
    Ok(found)
}

/// Everything that is written by hand in Rust.
///
/// # Errors
/// A folder cannot be read.
pub fn all_sources() -> Result<Vec<String>> {
    let mut found = Vec::new();
    for folder in ["functions", "shared", "tests", "xtask"] {
        found.extend(sources(folder)?);
    }
    Ok(found)
}
