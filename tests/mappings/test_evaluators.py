"""Compiled expressions mean exactly what jmespath's own interpreter makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import jmespath
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.mappings.expressions import ExpressionError, compile_expression
from connector.resources import shipped

PLAIN = (
    "a", "a.b", "a.b.c", "a[0]", "a[-1].b", "a[5]", "a || b", "a && b", "a.b || a[0] || 'x'",
    "!a", "!(a.b)", "a == b", "a != `0`", "a == 'x'", "a < b", "a >= `1`", "[a, b]", "{x: a, y: b}",
    "a[*].b", "a[].b", "a[?b]", "a[?b == 'x'].c", "a[?b != `0` && c]", "a[1:]", "*.b", "a.*",
    "a[?b] | [0]", "[a, b][] | [?c]", "a | b", "@", "`[1, {\"k\": null}]`", "not_null(a, b)",
    "length(a || `[]`)", "[@] | [0].a", "a[?@ == 'x']", "a[*][0]", "a.b[?c].d | [0]",
)  # fmt: skip

VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, 1, "", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3)
    ),
    max_leaves=10,
)


@pytest.mark.parametrize("text", PLAIN)
@settings(deadline=None, max_examples=25)
@given(value=st.dictionaries(st.sampled_from("abcd"), VALUES))
def test_it_yields_what_the_interpreter_yields(text: str, value: dict[str, Any]) -> None:
    try:
        expected = jmespath.search(text, value)
    except (jmespath.exceptions.JMESPathError, TypeError):
        with pytest.raises(ExpressionError):
            compile_expression(text).evaluate(value)
        return

    assert compile_expression(text).evaluate(value) == expected


def _expressions(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for part in node.values():
            yield from _expressions(part)
    elif isinstance(node, list):
        for part in node:
            yield from _expressions(part)
    elif isinstance(node, str):
        yield node


def test_every_expression_of_the_shopify_profile_yields_the_same_over_a_real_shape() -> None:
    """With jmespath's interpreter and our functions in it, as the compiler leaves them to it."""
    from jmespath.visitor import Options, TreeInterpreter

    from connector.mappings import expressions

    interpreter = TreeInterpreter(Options(custom_functions=expressions._FUNCTIONS))
    profile = yaml.safe_load((shipped("config/channels") / "shopify.yaml").read_text("utf-8"))
    path = shipped("fixtures/orders") / "shopify/edited-order/order.json"
    order = json.loads(path.read_text("utf-8"), parse_float=Decimal)["order"]
    line = {**order["line_items"][0], "parent": order}
    compared = 0
    for text in _expressions(profile["order"]):
        expression = compile_expression(text)
        tree = expressions._exact(jmespath.compile(text).parsed)
        for scope in (order, line):
            try:
                expected = interpreter.visit(tree, scope)
            except (jmespath.exceptions.JMESPathError, ValueError, TypeError):
                continue
            assert expression.evaluate(scope) == expected, text
            compared += 1
    assert compared > 100
