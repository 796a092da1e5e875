//! Whose credential is whose: which access key the local AWS gives which function.

use super::NAME;
use crate::aws::Aws;
use crate::error::Result;
use crate::signature::hex;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// A function's credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The function's folder.
    pub folder: String,
    /// What it signs with.
    pub secret: String,
}

/// The functions' credentials by their access keys.
///
/// # Errors
/// When the local AWS does not list its functions.
pub async fn credentials(aws: &Aws) -> Result<BTreeMap<String, Credential>> {
    let mut keys = BTreeMap::new();
    for function in aws.functions().await? {
        let text = |name: &str| function[name].as_str().unwrap_or_default();
        let name = text("FunctionName");
        let folder = name.strip_prefix(NAME).map_or(name, |rest| rest.trim_start_matches('-'));
        let (access_key, secret) = derived(text("FunctionArn"), text("Role"));
        keys.insert(access_key, Credential { folder: folder.to_owned(), secret });
    }
    Ok(keys)
}

/// The local AWS derives a function's session key and its secret from its ARN and its role's.
fn derived(function: &str, role: &str) -> (String, String) {
    let digest = hex(&Sha256::digest(format!("{function}:{role}")));
    let key = digest.chars().take(16).collect::<String>().to_uppercase();
    (format!("ASIA{key}"), hex(&Sha256::digest(format!("secret:{digest}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_keys_are_derived_as_the_local_aws_does() {
        assert_eq!(
            derived("arn:aws:lambda:us-east-1:000000000000:function:f", "arn:aws:iam::000000000000:role/r").0,
            EXPECTED
        );
    }

    const EXPECTED: &str = "ASIA824F04C3A2D09E80";
}
