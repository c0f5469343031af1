"""What is written as Python yields what jmespath's interpreter and the shapes themselves yield."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator
from typing import Any

import jmespath
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jmespath.visitor import Options, TreeInterpreter

from connector.errors import MessageError
from connector.mappings import expressions
from connector.mappings.evaluators import is_false
from connector.mappings.expressions import EVALUATION_ERRORS, ExpressionError, compile_expression
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.map_order import map_order
from connector.mappings.plain_values import plain_values
from connector.mappings.profile import ChannelProfile
from connector.mappings.raw_message import RawMessage
from connector.mappings.readers.registry import read_messages
from connector.mappings.reading import order_of
from connector.mappings.shape import ShapeError
from connector.mappings.trace import FieldTrace, Trace
from connector.resources import shipped
from tests.mappings.conftest import profile_of, rules_of

INTERPRETER = TreeInterpreter(Options(custom_functions=expressions._FUNCTIONS))
CHANNELS = sorted(path.name for path in shipped("fixtures/orders").iterdir())

SIMPLE = st.sampled_from(
    [
        "a", "b", "a.b", "b.a.c", "@", "'x'", "''", "`0`", "`1`", "`true`", "`false`", "`null`",
        "`[]`", "`{}`", "a[0]", "b[-1]", "a[1:]", "a[*]", "a[].b", "*.a", "a.*",
    ]
)  # fmt: skip
COMPOUND = (
    "({0}) || ({1})", "({0}) && ({1})", "!({0})", "({0}) == ({1})", "({0}) != ({1})",
    "({0}) < ({1})", "({0}) >= ({1})", "[{0}, {1}]", "{{a: {0}, b: {1}}}", "({0}) | ({1})",
    "({0})[?{1}]", "({0})[?{1}].b", "({0})[*].a", "({0})[]", "({0})[0]", "({0})[*].[{1}][]",
    "not_null({0}, {1})", "length({0})", "contains({0}, {1})", "starts_with({0}, {1})",
    "text({0})", "sum({0})", "add({0}, {1})", "concat({0}, {1})", "sort_by({0}, &a)",
    "map(&({1}), {0})", "keys({0})", "trim({0}) || ({1})",
)  # fmt: skip
EXPRESSIONS = st.recursive(
    SIMPLE,
    lambda inner: st.builds(str.format, st.sampled_from(COMPOUND), inner, inner),
    max_leaves=6,
)
VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, 1, -2, "", "x", "7"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=150)
@given(text=EXPRESSIONS, value=VALUES)
@example("(a)[?(b)[?a]].b", {"a": [{"b": [{"a": 1}]}, None, {"b": []}]})
@example("[@] | [0].a", {"a": {"b": None}})
@example("@ | 'x'", None)
def test_any_expression_yields_what_the_interpreter_yields(text: str, value: Any) -> None:
    try:
        expression = compile_expression(text)
    except ExpressionError:
        return
    try:
        expected = INTERPRETER.visit(expressions._exact(jmespath.compile(text).parsed), value)
    except EVALUATION_ERRORS as error:
        for run in (expression.run, expression.test):
            with pytest.raises(type(error)):
                run(value)
        return

    assert repr(expression.run(value)) == repr(expected)
    assert expression.test(value) is not is_false(expected)


def test_a_name_in_a_profile_is_never_code() -> None:
    name = "x') or exit(1) or ('"

    expression = compile_expression(f"\"{name}\".a || '{{exit(1)}}'")

    assert expression.run({name: {"a": 1}}) == 1
    assert expression.run({}) == "{exit(1)}"


@pytest.mark.parametrize(
    "text", ["'x' == `true`", "`1` != `false`", "(@ | 'x') == `true`", "'x'[0]"]
)
def test_python_has_no_doubt_about_what_is_written(text: str) -> None:
    """Warnings are errors here; at a user's they would be lines about files that nobody has."""
    node = jmespath.compile(text).parsed
    writer = expressions.code_writer()

    assert writer.function(writer.code(node, "value"))({}) == INTERPRETER.visit(node, {})


def test_an_expression_deeper_than_python_allows_is_left_to_the_interpreter() -> None:
    expression = compile_expression("a[?" * 80 + "b" + "]" * 80)
    value: Any = {"b": True}
    for _ in range(80):
        value = {"a": [value]}

    assert expression.run(value) == value["a"]
    assert expression.test(value) is True
    assert expression.run({"a": []}) == []


def test_a_path_of_many_names_is_followed() -> None:
    names = "abcdefghij"
    value: Any = "end"
    for name in reversed(names):
        value = {name: value}

    expression = compile_expression(".".join(names))

    assert (expression.run(value), expression.run({"a": {"b": 1}})) == ("end", None)


def messages(channel: str) -> Iterator[tuple[ChannelProfile, RawMessage]]:
    """All messages of a channel's cases that can be told apart."""
    folder = shipped("fixtures/orders") / channel
    profile = profile_of(channel.removeprefix("demo-"))
    for path in sorted(folder.rglob("order*.*")):
        for found in read_messages(profile.message, io.BytesIO(path.read_bytes()), path.name):
            if not isinstance(found, MessageError):
                yield profile, found


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_filler_fills_what_the_shape_fills(channel: str) -> None:
    for profile, message in messages(channel):
        try:
            expected = profile.shape.fill(message.content)
        except ShapeError as error:
            with pytest.raises(ShapeError) as raised:
                profile.filler.fill(message.content)
            assert str(raised.value) == str(error)
            continue
        assert repr(profile.filler.fill(message.content)) == repr(expected)


def test_a_value_that_does_not_fit_is_named_with_its_place() -> None:
    profile, message = next(messages("shopify"))
    broken = {**message.content, "line_items": [*message.content["line_items"], {"price": "much"}]}

    with pytest.raises(ShapeError, match=r"^lines\[\d+\]\.price: 'much' is not a decimal number$"):
        profile.filler.fill(broken)


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_expressions_see_of_an_order_is_what_it_dumps(channel: str) -> None:
    for profile, message in messages(channel):
        found = order_of(profile, message)
        if isinstance(found, InboundOrder):
            assert repr(plain_values(found.order)) == repr(with_lists(found.order.model_dump()))


def with_lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: with_lists(content) for name, content in value.items()}
    return [with_lists(each) for each in value] if isinstance(value, tuple) else value


def test_what_expressions_see_of_an_order_is_not_the_orders_own() -> None:
    profile, message = next(messages("shopify"))
    found = order_of(profile, message)
    assert isinstance(found, InboundOrder)

    values = plain_values(found.order)
    values["attributes"]["new"] = "1"
    values["lines"].clear()
    values["totals"]["tax"] = None

    assert "new" not in found.order.attributes
    assert found.order.lines
    assert found.order.totals.tax is not None


@pytest.mark.parametrize("channel", ["shopify", "portal", "edifact"])
def test_a_document_that_was_mapped_is_one_that_validates_and_travels(channel: str) -> None:
    """Also the trace, whichever document and payment was traced after it."""
    seen = 0
    for profile, message in messages(channel):
        found = order_of(profile, message)
        if not isinstance(found, InboundOrder):
            continue
        rules = rules_of(profile.channel)
        mapped = map_order(found.order, rules, set(rules.documents))
        again = pickle.loads(pickle.dumps(mapped))
        for document, other in zip(mapped.documents, again.documents, strict=True):
            plain = document.document
            assert type(plain).model_validate(plain.model_dump()) == plain
            assert (other.document, other.trace) == (plain, document.trace)
            assert not [each.path for each in document.trace if "payments" in each.path]
            seen += 1
    assert seen


def test_a_trace_is_like_the_tuple_of_its_fields() -> None:
    first, second = FieldTrace("a", "1", "r"), FieldTrace("b", "2", "s", "x", "y", "because", "f:1")
    trace = Trace([first, second])

    assert trace == (first, second)
    assert (len(trace), trace[0], trace[1:], list(trace)) == (2, first, (second,), [first, second])
    assert hash(trace) == hash((first, second))
    assert repr(trace) == repr((first, second))
    assert trace != (first,)
    assert Trace() != "ab"
