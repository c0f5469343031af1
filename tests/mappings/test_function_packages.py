"""Functions that an installed package brings, by entry points."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from connector.errors import ConfigurationError
from connector.mappings.function_packages import GROUP, functions_of
from tests.mappings.support import RULES, SKUS

MODULE = '''
from datetime import date
from decimal import Decimal


def net_weight(pieces: Decimal, grams: Decimal | None) -> Decimal:
    """`net_weight(pieces, grams)`: kilograms of so many pieces."""
    return pieces * (grams or Decimal(0)) / 1000


def season(day: date, *names: str) -> str:
    """`season(day, names...)`: the name of the half year."""
    return names[0 if day.month < 7 else 1]


def broken(value: str) -> str:
    """`broken(value)`: always fails."""
    return {}[value]


def untyped(value):
    """`untyped(value)`: says nothing of its types."""


def floating(value: float) -> Decimal:
    """`floating(value)`: inexact."""
    return Decimal(1)


def silent(value: str) -> str:
    return value


NUMBER = 5
'''


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """A module of functions on the path, under a name of its own."""
    name = f"packaged_{abs(hash(request.node.name))}"
    (tmp_path / f"{name}.py").write_text(MODULE, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return name


def _points(module: str, *names: str) -> list[EntryPoint]:
    return [EntryPoint(name, f"{module}:{name}", GROUP) for name in names]


def test_arguments_come_as_they_are_annotated(module: str) -> None:
    found = functions_of(_points(module, "net_weight", "season"), ())

    assert str(found["net_weight"].call("3", 250)) == "0.75"
    assert str(found["net_weight"].call("3", None)) == "0"
    assert found["season"].call("2026-08-01", "spring", "autumn") == "autumn"
    assert (found["net_weight"].least, found["net_weight"].most) == (2, 2)
    assert found["season"].most is None
    assert found["net_weight"].package == module


def test_a_function_that_fails_is_a_failed_expression_and_no_crash(module: str) -> None:
    call = functions_of(_points(module, "broken"), ())["broken"].call

    with pytest.raises(ValueError, match=r"broken\(\) failed: KeyError"):
        call("x")
    with pytest.raises(ValueError, match="parameter pieces is empty"):
        functions_of(_points(module, "net_weight"), ())["net_weight"].call(None, 1)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("untyped", "its parameter value has no type. Annotate it as one of str, Decimal"),
        ("floating", "its parameter value is annotated as float"),
        ("silent", "has no docstring"),
        ("NUMBER", "is not a name such as net_weight"),
        ("missing", "cannot be imported"),
    ],
)
def test_a_function_that_is_not_as_it_must_be_is_refused_by_name(
    module: str, name: str, problem: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        functions_of(_points(module, name), ())

    assert problem in str(caught.value)
    assert f"entry point {name} = {module}:{name}" in str(caught.value)


def test_a_name_that_is_taken_is_refused(module: str) -> None:
    with pytest.raises(ConfigurationError, match="there is a function season"):
        functions_of(_points(module, "season"), {"season"})


def test_rules_call_a_function_of_an_installed_package(tmp_path: Path) -> None:
    """A distribution in a folder of its own, seen by a new process as an installed one is."""
    site = tmp_path / "site"
    info = site / "net_weights-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "net_weights.py").write_text(MODULE, "utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: net-weights\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\nnet_weight = net_weights:net_weight\n")
    text = RULES.replace(
        "      unit: sku.unit\n",
        "      unit: sku.unit\n      item_text: concat(net_weight(line.quantity, `250`), ' kg')\n",
    )
    (tmp_path / "rules.yaml").write_text(text, "utf-8")
    (tmp_path / "skus.csv").write_text(SKUS, "utf-8")
    program = f"""
import sys
sys.path.insert(0, {str(site)!r})
from pathlib import Path
from connector.mappings.functions import all_functions
from connector.mappings.rules import load_rules
from tests.mappings.support import an_order, mapped
rules = load_rules(Path({str(tmp_path / "rules.yaml")!r}))
print(mapped(an_order(), rules).documents[0].document.items[0].item_text)
print(all_functions()["net_weight"].package)
"""

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip

    assert done.stdout.split("\n")[:2] == ["0.25 kg", "net-weights"], done.stderr


def test_the_function_of_the_how_to_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Path(__file__).parents[2] / "docs/how-to/extend-expressions.md"
    code = page.read_text("utf-8").partition("```python\n")[2].partition("```")[0]
    (tmp_path / "acme_mapping.py").write_text(code, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("pallets", "acme_mapping:pallets", GROUP)

    pallets = functions_of([point], ())["pallets"]

    assert [str(pallets.call(pieces, 24)) for pieces in (24, 25, "49")] == ["1", "2", "3"]
    assert pallets.description.startswith("`pallets(pieces, per_pallet)`: ")
