"""`config check` and `config schema`, as a consultant and a pipeline use them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from connector.bootstrap.json_schemas import SCHEMAS
from connector.resources import shipped
from tests.cli.conftest import Run


def _own_rules(shop: Any, *changes: tuple[str, str]) -> Path:
    """Give the shop rules of its own, changed by *changes*; return their path."""
    folder = shop.folder / "mappings"
    shutil.copytree(shipped("config/mappings"), folder, dirs_exist_ok=True)
    path: Path = folder / "shopify.yaml"
    text = path.read_text("utf-8")
    for right, wrong in changes:
        assert right in text
        text = text.replace(right, wrong, 1)
    path.write_text(text, "utf-8")
    shop.set(channels={"shopify": {"rules": str(path)}})
    return path


def _line(path: Path, text: str) -> int:
    return path.read_text("utf-8").partition(text)[0].count("\n") + 1


def test_nothing_wrong_and_nothing_doubtful_ends_with_0(connector: Run) -> None:
    result = connector("config", "check")

    assert result.exit_code == 0, result.output
    assert "is right." in result.stdout
    assert "notes: `config check --notes` lists them." in result.stdout


def test_every_mistake_is_told_with_file_line_and_nearest_name_and_ends_with_2(
    connector: Run, shop: Any
) -> None:
    path = _own_rules(
        shop,
        ("material: sku.material", "material: sku.materia"),
        ("currency: order.currency\n    purchase", "currency: ordr.currency\n    purchase"),
    )

    result = connector("config", "check")
    found = json.loads(connector("config", "check", "--json").stdout)["findings"]

    assert result.exit_code == 2
    wrong = [each for each in found if each["level"] == "error"]
    assert [(each["line"], each["hint"]) for each in wrong] == [
        (_line(path, "ordr.currency"), "Did you mean 'order'?"),
        (_line(path, "sku.materia\n"), "Did you mean 'material'?"),
    ]
    assert f"Error: {path}:{wrong[0]['line']}: documents.sales_order.currency" in result.stderr
    assert "2 errors, 0 warnings." in result.stdout


def test_doubts_alone_end_with_1(connector: Run, shop: Any) -> None:
    path = _own_rules(shop, ("tables:\n", "tables:\n  spare: {file: shopify/skus.csv, key: sku}\n"))

    result = connector("config", "check")
    document = json.loads(connector("config", "check", "--json").stdout)

    assert result.exit_code == 1, result.output
    # What a service checks before it starts: doubts must not keep it from working.
    assert connector("config", "check", "--errors-only").exit_code == 0
    assert f"Warning: {path}:{_line(path, 'spare:')}: tables.spare no lookup uses" in result.stdout
    assert "is right, 1 warnings." in result.stdout
    assert [each["code"] for each in document["findings"] if each["level"] == "warning"] == [
        "unused-table"
    ]
    assert document["channels"]["shopify"]["plan"] == "standard"


def test_a_cell_that_is_too_long_for_the_erp_is_found_in_its_table(
    connector: Run, shop: Any
) -> None:
    path = _own_rules(shop)
    table = path.parent / "shopify/skus.csv"
    table.write_text(table.read_text("utf-8") + "LONG,M-1,KARTON,\n", "utf-8")
    line = table.read_text("utf-8").count("\n")

    result = connector("config", "check")

    assert result.exit_code == 2
    assert f"Error: {table}:{line}: unit 'KARTON' does not fit unit" in result.stderr


def test_notes_are_listed_when_asked_for(connector: Run) -> None:
    result = connector("config", "check", "--notes")

    assert result.exit_code == 0
    assert "no rule reads order.lines.requires_shipping" in result.stdout


def test_a_plan_whose_document_has_no_rule_is_doubtful(connector: Run, shop: Any) -> None:
    shop.set(channels={"shopify": {"plan": "presales"}})

    result = connector("config", "check")

    assert result.exit_code == 1, result.output
    assert "the plan creates a document of the kind inquiry, which has no rule" in result.stdout


def test_mistakes_in_the_settings_are_findings_for_programs_too(connector: Run, shop: Any) -> None:
    shop.set(sync={"wrkers": 4})

    result = connector("config", "check", "--json")

    assert result.exit_code == 2
    [found] = json.loads(result.stdout)["findings"]
    assert "wrkers" in found["file"] + found["problem"]


def test_a_schema_is_printed_or_written(run: Run, tmp_path: Path) -> None:
    printed = run("config", "schema", "rules")
    written = run("config", "schema", "--output", tmp_path / "schemas")

    assert json.loads(printed.stdout)["title"] == "Mapping rules"
    assert written.exit_code == 0
    assert {path.name for path in (tmp_path / "schemas").iterdir()} == {
        f"{name}.schema.json" for name in ("plan", "profile", "rules", "settings", "system")
    }


def test_an_unknown_schema_is_refused_with_the_nearest(run: Run) -> None:
    result = run("config", "schema", "rule")

    assert result.exit_code == 2
    assert "Did you mean rules?" in result.stderr


def test_shipped_plans_settings_and_system_profiles_fit_the_schemas_they_name() -> None:
    config = shipped("config")
    files = [("plan", path) for path in (config / "plans").glob("*.yaml")]
    files += [("settings", path) for path in config.glob("*.yaml")]
    files += [("system", path) for path in (config / "systems").glob("*.yaml")]
    assert len(files) > 8
    for name, path in files:
        named = path.read_text("utf-8").partition("\n")[0].partition("$schema=")[2]
        assert (path.parent / named).resolve() == (config / f"schemas/{name}.schema.json").resolve()
        validator = Draft202012Validator(SCHEMAS[name]())
        content = yaml.safe_load(path.read_text("utf-8"))
        assert [error.message for error in validator.iter_errors(content)] == [], path.name
        assert list(validator.iter_errors({**content, "misspelt": 1})), path.name
    assert len(files) > 4


def test_files_in_a_drop_folder_that_nobody_reads_are_doubtful(connector: Run, shop: Any) -> None:
    shop.drop(b"UNA:+.? '", "order.edi")

    result = connector("config", "check")

    assert result.exit_code == 1
    assert "channels.shopify 1 file is left alone, as no name matches *.json: order.edi" in (
        result.stdout
    )
    assert "Set `patterns`" in result.stdout


def test_health_tells_of_files_that_nobody_reads(connector: Run, shop: Any) -> None:
    shop.drop(b"UNA:+.? '", "order.edi")

    said = connector("health").stdout

    assert "channel shopify: 1 file is left alone" in said


@pytest.mark.parametrize(
    ("transport", "is_right"), [("none", True), ("soap", True), ("nowhere", False), ("nil", False)]
)
def test_an_operation_may_be_left_out_of_the_routes_of_settings_and_system_profiles(
    transport: str, is_right: bool
) -> None:
    routes = {"billing_pdf": transport}
    system = {"release": "s4", "routes": routes}
    shipped_settings = yaml.safe_load((shipped("config") / "connector.yaml").read_text("utf-8"))
    settings = {**shipped_settings, "erp": {**shipped_settings["erp"], "routes": routes}}

    assert Draft202012Validator(SCHEMAS["system"]()).is_valid(system) is is_right
    assert Draft202012Validator(SCHEMAS["settings"]()).is_valid(settings) is is_right
