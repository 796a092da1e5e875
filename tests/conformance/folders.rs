//! Folders, packages, binaries, stages.

use crate::holds;
use waybill_lambda::Stage;
use waybill_tests::repository;
use waybill_tests::rules::folders::{self, Folder};
use waybill_tests::source::Source;

#[test]
fn a_function_is_a_folder_a_package_and_a_binary_of_one_name_with_a_readme() {
    holds(&folders::one_name(&Folder::all().unwrap()));
}

#[test]
fn an_entry_point_only_wires() {
    holds(&folders::thin_entry_points(&Folder::all().unwrap()));
}

#[test]
fn every_stage_has_its_folder_and_every_folder_of_the_workflow_its_stage() {
    holds(&folders::stages_and_folders(&Folder::all().unwrap()));
}

#[test]
fn every_stage_there_is_stands_in_all_of_them() {
    let source = Source::of(&repository::text("shared/lambda/src/stage.rs").unwrap());
    let (_, body) = source.code.split_once("pub enum Stage {").unwrap();
    let (variants, _) = body.split_once('}').unwrap();
    let declared: Vec<String> =
        variants.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    let known: Vec<String> = Stage::ALL.into_iter().map(|stage| format!("{stage:?}")).collect();
    assert_eq!(declared, known);
}

#[test]
fn the_meter_counts_every_stage() {
    let stages = Stage::ALL.map(Stage::name);
    assert_eq!(waybill_harness::meter::STAGES, stages);
}

#[test]
fn a_folder_that_drifted_is_found_out() {
    type Change = fn(&mut Folder);
    let broken = |change: fn(&mut Folder)| {
        let mut all = Folder::all().unwrap();
        change(all.iter_mut().find(|folder| folder.name == "ship").unwrap());
        let rules = [folders::one_name, folders::thin_entry_points, folders::stages_and_folders];
        rules.iter().flat_map(|rule| rule(&all)).collect::<Vec<_>>().join("\n")
    };
    let table: [(Change, &str); 6] = [
        (|ship| ship.package = "shipping".to_owned(), "functions/ship holds the package `shipping`"),
        (|ship| ship.binaries.push("other".to_owned()), "not `ship` alone"),
        (|ship| ship.readme = None, "functions/ship has no README.md"),
        (|ship| ship.main.push_str(&"x();\n".repeat(26)), "functions/ship/src/main.rs has"),
        (|ship| ship.main = ship.main.replace("Stage::Ship", "Stage::Pack"), "functions/ship serves Pack"),
        (|ship| ship.name = "sink".to_owned(), "the stage ship has no folder"),
    ];
    for (change, named) in table {
        let found = broken(change);
        assert!(found.contains(named), "{named} was not found out; found: {found}");
    }
}
