"""Plans: what is shipped, what they may say, and how a mistake in one is explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.errors import ConfigurationError
from connector.resources import shipped
from connector.sd_documents.values import DocumentCategory
from connector.sync.plan import MadeBy, load_plan, load_plans

WHOLE = """
sales_order: {by: create}
delivery: {by: observe}
goods_issue: {by: observe}
billing: {by: observe}
payment: {by: create}
"""


def test_the_shipped_plans_say_who_makes_what() -> None:
    plans = load_plans(shipped("config/plans"))
    standard, presales = plans["standard"], plans["presales"]
    assert standard.created_sales_documents == (DocumentCategory.SALES_ORDER,)
    assert (standard.delivery.by, standard.billing.by) == (MadeBy.OBSERVE, MadeBy.OBSERVE)
    assert standard.payment.is_created
    assert presales.created_sales_documents == (
        DocumentCategory.INQUIRY,
        DocumentCategory.QUOTATION,
        DocumentCategory.SALES_ORDER,
    )
    for made in (presales.delivery, presales.goods_issue, presales.billing, presales.payment):
        assert made.is_created


def test_a_plan_is_named_by_its_file(tmp_path: Path) -> None:
    assert load_plan(_write(tmp_path, "own", WHOLE)).name == "own"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("sales_order", "sales_oder"), "sales_oder: unknown key. Did you mean sales_order?"),
        (("{by: create}\ndelivery", "{bye: create}\ndelivery"), "Did you mean by?"),
        (("payment: {by: create}", "payment: {by: create, diffring: hold}"), "differing"),
        (("payment: {by: create}", "payment: {by: sometimes}"), "payment.by"),
        (("billing: {by: observe}", "billing: {by: observe, wait_days: -1}"), "billing.wait_days"),
        (("sales_order: {by: create}", "sales_order: {by: observe}"), "sales_order must be"),
        (("delivery: {by: observe}", "delivery: {by: absent}"), "together or not at all"),
        (("billing: {by: observe}", "billing: {by: absent}"), "a payment needs billing"),
        (("payment: {by: create}", "payment: {by: create}\nquotation: {by: observe}"), "quotation"),
    ],
)
def test_mistakes_name_the_file_the_key_and_what_is_right(
    tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    path = _write(tmp_path, "own", WHOLE.replace(*change))
    with pytest.raises(ConfigurationError) as caught:
        load_plan(path)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"sales_order: {by: create", "is not valid YAML"),
        (b"- a\n- b\n", "a plan is a mapping"),
        (b"\xff\xfe\x00", "is not valid YAML"),
    ],
)
def test_what_is_no_plan_at_all_is_said_plainly(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=words):
        load_plan(path)


def test_missing_plans_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_plan(tmp_path / "none.yaml")
    with pytest.raises(ConfigurationError, match="holds no plan"):
        load_plans(tmp_path)


def _write(folder: Path, name: str, content: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(content, encoding="utf-8")
    return path
