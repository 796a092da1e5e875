//! Points the template at uploaded code, as `sam package` does.
//!
//! The template is edited as text: nothing else of it changes, and no YAML parser has to know the
//! intrinsic functions.

use crate::error::{Error, Result};

/// Where the uploaded code is.
#[derive(Clone, Debug)]
pub struct Uris {
    folder: String,
}

impl Uris {
    /// In this bucket, or in a folder of it.
    #[must_use]
    pub fn in_bucket(folder: &str) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The new location of a local one; `None` when it is not local.
    fn of(&self, local: &str) -> Option<String> {
        let local = local.trim_matches(['"', '\'']);
        let key = if let Some(function) = local.strip_prefix("../target/lambda/") {
            format!("{}.zip", function.trim_end_matches('/'))
        } else {
            local.strip_prefix("../statemachine/")?.to_owned()
        };
        Some(format!("s3://{}/{key}", self.folder))
    }
}

/// The template with every local `CodeUri` and `DefinitionUri` replaced.
///
/// # Errors
/// When a `CodeUri` or `DefinitionUri` leads to a place we do not upload from.
pub fn rewrite(template: &str, uris: &Uris) -> Result<String> {
    let lines = template.lines().map(|line| rewrite_line(line, uris));
    let lines: Result<Vec<String>> = lines.collect();
    Ok(lines?.join("\n") + "\n")
}

fn rewrite_line(line: &str, uris: &Uris) -> Result<String> {
    if line.trim_start().starts_with('#') {
        return Ok(line.to_owned());
    }
    for key in ["CodeUri:", "DefinitionUri:"] {
        let Some(start) = line.find(key) else {
            continue;
        };
        let (before, rest) = line.split_at(start + key.len());
        let value = rest.trim_start();
        let end = value.find([',', '}', ' ']).unwrap_or(value.len());
        let (local, after) = value.split_at(end);
        let uri = uris.of(local).ok_or_else(|| {
            Error::Setup(format!("the template's {key} {local} is not under ../target/lambda/ or ../statemachine/"))
        })?;
        return Ok(format!("{before} {uri}{after}"));
    }
    Ok(line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(template: &str) -> String {
        rewrite(template, &Uris::in_bucket("b")).unwrap()
    }

    #[test]
    fn code_and_definition_lead_to_the_bucket_and_nothing_else_changes() {
        let template = "Resources:\n  Pick:\n    Properties:\n      CodeUri: ../target/lambda/pick/\n      Role: !GetAtt A.Arn\n      DefinitionUri: ../statemachine/order.asl.json\n";
        assert_eq!(
            rewritten(template),
            "Resources:\n  Pick:\n    Properties:\n      CodeUri: s3://b/pick.zip\n      Role: !GetAtt A.Arn\n      DefinitionUri: s3://b/order.asl.json\n"
        );
    }

    #[test]
    fn quotes_and_flow_style_are_understood() {
        assert_eq!(
            rewritten("  Properties: {CodeUri: ../target/lambda/pick/, Timeout: 3}"),
            "  Properties: {CodeUri: s3://b/pick.zip, Timeout: 3}\n"
        );
        assert_eq!(rewritten("CodeUri: \"../target/lambda/hand-over/\""), "CodeUri: s3://b/hand-over.zip\n");
    }

    #[test]
    fn a_comment_is_left_alone() {
        assert_eq!(rewritten("# CodeUri: ./elsewhere"), "# CodeUri: ./elsewhere\n");
    }

    #[test]
    fn code_from_elsewhere_is_refused() {
        let said = rewrite("CodeUri: ./src", &Uris::in_bucket("b")).unwrap_err().to_string();
        assert!(said.contains("./src"), "{said}");
    }

    #[test]
    fn every_function_of_the_real_template_is_rewritten() {
        let workspace = crate::workspace::Workspace::find().unwrap();
        let template = std::fs::read_to_string(workspace.path("infra/template.yaml")).unwrap();
        let rewritten = rewritten(&template);
        for function in workspace.functions().unwrap() {
            assert!(rewritten.contains(&format!("s3://b/{function}.zip")), "{function}");
        }
    }
}
