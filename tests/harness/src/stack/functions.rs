//! Whose credential is whose: which access key the local AWS gives which function.

use super::NAME;
use crate::aws::Aws;
use crate::error::Result;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// The functions' folders by their access keys.
///
/// # Errors
/// When the local AWS does not list its functions.
pub async fn access_keys(aws: &Aws) -> Result<BTreeMap<String, String>> {
    let mut keys = BTreeMap::new();
    let mut path = "/2015-03-31/functions/?MaxItems=50".to_owned();
    loop {
        let listed = aws.rest("lambda", reqwest::Method::GET, &path, &Value::Null).await?;
        for function in listed["Functions"].as_array().into_iter().flatten() {
            let text = |name: &str| function[name].as_str().unwrap_or_default();
            let name = text("FunctionName");
            let folder = name.strip_prefix(NAME).map_or(name, |rest| rest.trim_start_matches('-'));
            keys.insert(access_key(text("FunctionArn"), text("Role")), folder.to_owned());
        }
        match listed["NextMarker"].as_str() {
            Some(marker) if !marker.is_empty() => path = format!("/2015-03-31/functions/?MaxItems=50&Marker={marker}"),
            Some(_) | None => return Ok(keys),
        }
    }
}

/// The local AWS derives a function's session key from its ARN and its role's.
fn access_key(function: &str, role: &str) -> String {
    let digest = Sha256::digest(format!("{function}:{role}"));
    let hex: Vec<String> = digest.iter().take(8).map(|byte| format!("{byte:02X}")).collect();
    format!("ASIA{}", hex.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_keys_are_derived_as_the_local_aws_does() {
        assert_eq!(
            access_key("arn:aws:lambda:us-east-1:000000000000:function:f", "arn:aws:iam::000000000000:role/r"),
            EXPECTED
        );
    }

    const EXPECTED: &str = "ASIA824F04C3A2D09E80";
}
