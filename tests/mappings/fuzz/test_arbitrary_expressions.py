"""Whatever expression meets whatever document: a value or an error, soon, and no file is opened."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from connector.mappings.expressions import ExpressionError, compile_expression
from tests.mappings.fuzz.arbitrary import DEEP, DOCUMENTS, EXPRESSIONS, NONSENSE, REPEATED, nested
from tests.mappings.fuzz.checks import check_expression

#: jmespath takes what is no JSON between backticks for text, and says that it will not for ever.
pytestmark = pytest.mark.filterwarnings(
    "ignore:deprecated string literal:PendingDeprecationWarning"
)


@settings(max_examples=150, deadline=None)
@given(text=EXPRESSIONS, document=DOCUMENTS)
def test_any_expression_over_any_document_yields_a_value_or_an_error(
    text: str, document: Any
) -> None:
    check_expression(text, document)


@settings(max_examples=100, deadline=None)
@given(text=EXPRESSIONS, document=DEEP)
def test_a_deep_document_is_no_danger(text: str, document: Any) -> None:
    check_expression(text, document)


@settings(max_examples=100, deadline=None)
@given(text=NONSENSE | REPEATED, document=DOCUMENTS)
def test_any_text_is_an_expression_or_refused(text: str, document: Any) -> None:
    check_expression(text, document)


@pytest.mark.parametrize("piece", ["(", "[", "!", "a || ", "a | ", "{a: ", "[?", "text("])
def test_what_is_nested_too_deep_is_refused_with_a_reason(piece: str) -> None:
    closing = {"(": ")", "[": "]", "{a: ": "}", "[?": "]", "text(": ")"}.get(piece, "")

    with pytest.raises(ExpressionError, match="levels inside one another"):
        compile_expression(piece * 2_000 + "a" + closing * 2_000)


def test_an_expression_as_deep_as_any_that_is_written_works() -> None:
    text = "(" * 50 + "a" + ")" * 50 + "[0]" * 40

    assert compile_expression(text).evaluate({"a": nested("x", 40, lists=True)}) == "x"
