//! Which package uses which.

use crate::holds;
use std::collections::BTreeSet;
use waybill_tests::repository;
use waybill_tests::rules::dependencies;

#[test]
fn dependencies_point_one_way() {
    holds(&dependencies::forbidden_edges(&dependencies::packages().unwrap()));
}

#[test]
fn a_forbidden_dependency_is_found_out() {
    let packages = dependencies::packages().unwrap();
    let table = [
        ("waybill-domain", "tokio"),
        ("waybill-domain", "waybill-lambda"),
        ("waybill-lambda", "waybill-aws"),
        ("waybill-lambda", "waybill-payments"),
        ("waybill-payments", "waybill-gateways"),
        ("waybill-payments", "waybill-aws"),
        ("waybill-payments", "lambda_runtime"),
        ("waybill-payments", "authorize"),
        ("waybill-gateways", "waybill-payments"),
        ("waybill-lambda", "aws-sdk-dynamodb"),
        ("waybill-aws", "lambda_runtime"),
        ("waybill-aws", "relay"),
        ("waybill-gateways", "aws-config"),
        ("ship", "aws-sdk-sqs"),
        ("ship", "waybill-testkit"),
        ("ship", "relay"),
        ("relay", "sweep"),
        ("waybill-testkit", "waybill-lambda"),
        ("ship", "waybill-harness"),
    ];
    for (from, to) in table {
        let mut broken = packages.clone();
        broken.iter_mut().find(|package| package.name == from).unwrap().uses.insert(to.to_owned());
        let found = dependencies::forbidden_edges(&broken);
        assert!(found.contains(&format!("{from} must not depend on {to}")), "{from} → {to}; found: {found:?}");
    }
}

#[test]
fn every_member_of_the_workspace_is_looked_at() {
    let root = repository::toml("Cargo.toml").unwrap();
    let members = root["workspace"]["members"].as_array().unwrap();
    let members = members.iter().flat_map(|member| match member.as_str().unwrap().strip_suffix("/*") {
        Some(group) => repository::folders(group).unwrap().iter().map(|name| format!("{group}/{name}")).collect(),
        None => vec![member.as_str().unwrap().to_owned()],
    });
    let seen = dependencies::packages().unwrap().into_iter().map(|package| package.folder).collect::<BTreeSet<_>>();
    assert_eq!(seen, members.collect::<BTreeSet<_>>());
}
