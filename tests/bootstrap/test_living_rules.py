"""Rules and value tables count as soon as they are changed; a mistake in them stops nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from connector.bootstrap.living_rules import LivingRoute, LivingRules
from tests.mappings.support import ORDER, RULES, SKUS, a_line, an_order, codes, rules_from


@pytest.fixture
def route(tmp_path: Path) -> LivingRoute:
    rules = rules_from(tmp_path)
    return LivingRoute(rules, "standard", LivingRules(rules.path))


def test_a_row_that_is_added_to_a_table_counts_at_the_next_order(
    route: LivingRoute, tmp_path: Path
) -> None:
    order = an_order(a_line("C"))
    assert codes(route.map(order, ORDER)) == ["UNKNOWN_SKU"]

    (tmp_path / "skus.csv").write_text(SKUS + "C,M-C,ST,\n", "utf-8")

    assert codes(route.map(order, ORDER)) == []


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("skus.csv", SKUS + "C,M-C\n"),
        ("rules.yaml", RULES + "documnts: {}\n"),
        ("rules.yaml", RULES.replace("prefix: K-", "prefix: OTHER-")),
        ("rules.yaml", RULES.replace("channel: kiosk", "channel: another")),
        ("rules.yaml", "proposal: made by a program\n" + RULES.lstrip()),
    ],
)
def test_what_must_not_count_is_said_once_and_the_earlier_rules_stay(
    route: LivingRoute, tmp_path: Path, file: str, content: str
) -> None:
    before = route.map(an_order(), ORDER)
    (tmp_path / file).write_text(content, "utf-8")

    with capture_logs() as logs:
        found = [route.map(an_order(), ORDER) for _ in range(3)]

    assert found == [before] * 3
    assert [entry["log_level"] for entry in logs] == ["error"]


def test_a_table_that_is_gone_for_a_moment_changes_nothing(
    route: LivingRoute, tmp_path: Path
) -> None:
    before = route.map(an_order(), ORDER)
    (tmp_path / "skus.csv").unlink()
    assert route.map(an_order(), ORDER) == before

    (tmp_path / "skus.csv").write_text(SKUS.replace("M-A", "M-Z"), "utf-8")

    assert route.map(an_order(), ORDER) != before


def test_files_that_stay_as_they_are_are_read_once(
    route: LivingRoute, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*paths: object) -> None:
        pytest.fail("the rules were read again")

    monkeypatch.setattr("connector.bootstrap.living_rules.load_rules", refused)
    assert codes(route.map(an_order(), ORDER)) == []
