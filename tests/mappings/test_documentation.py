"""The reference pages say what the code does."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from connector.mappings.documentation import functions_page, hold_reasons_page
from connector.mappings.functions import FUNCTIONS
from connector.mappings.problems import HOLD_REASONS
from connector.mappings.rules_documentation import profiles_page, rules_page
from connector.resources import shipped
from tests.mappings.golden import WRITE

ROOT = shipped("config").parent


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("mapping-functions.md", functions_page),
        ("hold-reasons.md", hold_reasons_page),
        ("mapping-rules.md", rules_page),
        ("channel-profiles.md", profiles_page),
    ],
)
def test_the_page_is_in_step_with_the_code(name: str, page: Callable[[], str]) -> None:
    path = ROOT / "docs/reference" / name
    if os.environ.get(WRITE):
        path.write_text(page(), "utf-8")

    assert path.read_text("utf-8") == page(), "run `make golden`"


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_says_how_it_is_called_and_what_it_means(name: str) -> None:
    assert re.match(rf"`{name}\([^`]*\)`: \S.{{10,}}", FUNCTIONS[name].description)


def test_every_code_that_mapping_raises_is_explained() -> None:
    sources = (ROOT / "connector/mappings").glob("*.py")
    raised = {
        code
        for source in sources
        for code in re.findall(r'"([A-Z]{3,}(?:_[A-Z]+)+)"', Path(source).read_text("utf-8"))
    }

    assert raised <= set(HOLD_REASONS) | {"UNREADABLE_MESSAGE"}


@pytest.mark.parametrize(
    "path", sorted((ROOT / "config/mappings").rglob("*.yaml")), ids=lambda path: path.stem
)
def test_every_code_that_shipped_rules_raise_is_explained(path: Path) -> None:
    rules = path.read_text("utf-8")

    assert set(re.findall(r"(?:missing|code): ([A-Z_]+)", rules)) <= set(HOLD_REASONS)
