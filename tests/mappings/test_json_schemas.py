"""What editors are told of profiles and rules is what the connector takes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from connector.mappings.json_schemas import profile_schema, rules_schema
from connector.resources import shipped
from tests.mappings.support import PROFILE, RULES, TSV_PROFILE

CONFIG = shipped("config")
VALIDATORS = {
    "profile": Draft202012Validator(profile_schema()),
    "rules": Draft202012Validator(rules_schema()),
}
SHIPPED = [
    *(("profile", path) for path in sorted((CONFIG / "channels").rglob("*.yaml"))),
    *(("rules", path) for path in sorted((CONFIG / "mappings").rglob("*.yaml"))),
]


def _problems(name: str, text: str) -> list[str]:
    return [
        f"{'.'.join(str(part) for part in error.absolute_path)}: {error.message}"
        for error in _innermost(VALIDATORS[name].iter_errors(yaml.safe_load(text)))
    ]


def _innermost(errors: Iterator[Any]) -> Iterator[Any]:
    """Yield what is wrong at the bottom of alternatives, as an editor underlines it."""
    for error in errors:
        if error.context:
            yield from _innermost(iter(error.context))
        else:
            yield error


@pytest.mark.parametrize("name", sorted(VALIDATORS))
def test_it_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(VALIDATORS[name].schema)


@pytest.mark.parametrize(("name", "path"), SHIPPED, ids=lambda each: getattr(each, "name", each))
def test_every_shipped_file_fits_its_schema(name: str, path: Path) -> None:
    assert _problems(name, path.read_text("utf-8")) == []


@pytest.mark.parametrize(("name", "path"), SHIPPED, ids=lambda each: getattr(each, "name", each))
def test_every_shipped_file_names_its_schema_for_editors(name: str, path: Path) -> None:
    first = path.read_text("utf-8").partition("\n")[0]

    named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert named, f"{path.name} does not begin with its schema"
    assert (path.parent / named[1]).resolve() == CONFIG.resolve() / f"schemas/{name}.schema.json"


@pytest.mark.parametrize(
    ("name", "text"), [("profile", PROFILE), ("profile", TSV_PROFILE), ("rules", RULES)]
)
def test_what_the_connector_reads_fits_the_schema(name: str, text: str) -> None:
    assert _problems(name, text) == []


@pytest.mark.parametrize(
    ("right", "wrong", "where"),
    [
        ("material: sku", "materiel: sku", "materiel"),
        ("      material: sku.material\n", "", "material"),
        ("{constant: TA}", "{constant: TA, becuase: why}", "becuase"),
        ("{constant: TA}", "{constant: TA, value: order.x}", "sales_order_type"),
        ("function: sold_to_party", "function: soldto", "function"),
        ("sales_order:", "salesorder:", "salesorder"),
        ("missing: UNKNOWN_SKU", "missing: unknown", "missing"),
        ("by: line.sku", "bye: line.sku", "bye"),
        ("key: sku}", "key: sku, repeat: hold}", "repeat"),
        ("file: skus.csv,", "", "skus"),
        ("reference: {prefix: K-}\n", "", "reference"),
        ("prefix: K-", "prefix: k lower", "prefix"),
    ],
)
def test_a_mistake_in_rules_is_underlined(right: str, wrong: str, where: str) -> None:
    assert right in RULES

    assert any(where in problem for problem in _problems("rules", RULES.replace(right, wrong, 1)))


@pytest.mark.parametrize(
    ("right", "wrong", "where"),
    [
        ("external_id: text(id)", "external_idd: text(id)", "external_idd"),
        ("    sku: sku\n", "    skuu: sku\n", "skuu"),
        ("    each: lines\n", "", "each"),
        ("format: json", "format: jsn", "format"),
        ("  currency: currency || 'EUR'\n", "", "currency"),
        ("channel: kiosk", "channel: Kiosk!", "channel"),
    ],
)
def test_a_mistake_in_a_profile_is_underlined(right: str, wrong: str, where: str) -> None:
    assert right in PROFILE

    found = _problems("profile", PROFILE.replace(right, wrong, 1))

    assert any(where in problem for problem in found), found


def test_rules_that_include_others_may_leave_out_what_those_have() -> None:
    text = """
include: base/all.yaml
channel: kiosk
documents:
  sales_order:
    payment_terms: null
    items:
      conditions:
        - {name: bonus, leave_out: true}
"""

    assert _problems("rules", text) == []
    assert _problems("rules", text.replace("payment_terms", "payment_term")) != []


def test_the_schemas_in_the_configuration_are_in_step_with_the_models() -> None:
    from connector.bootstrap.json_schemas import SCHEMAS, file_name

    for name, make in SCHEMAS.items():
        written = json.loads((CONFIG / "schemas" / file_name(name)).read_text("utf-8"))
        assert written == json.loads(json.dumps(make())), (
            f"run `sd-connector config schema {name} --output config/schemas`"
        )
