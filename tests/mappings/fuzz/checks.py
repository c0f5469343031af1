"""What holds for whatever arrives: a value, or an error that says what is wrong."""

from __future__ import annotations

from typing import Any, Final

from connector.errors import MessageError
from connector.mappings.coercion import coercer_for
from connector.mappings.expressions import (
    EVALUATION_ERRORS,
    ExpressionError,
    compile_expression,
)
from connector.mappings.external_order import ExternalLine, ExternalOrder
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.map_order import map_order
from connector.mappings.reading import read_orders
from connector.sd_documents.values import DocumentCategory
from tests.mappings.conftest import profile_of, rules_of
from tests.mappings.fuzz.watching import nothing_opened, within

#: Far more than any expression or message of this size needs.
_SECONDS: Final = 5.0

_FIELDS: Final = [
    field.annotation
    for model in (ExternalOrder, ExternalLine)
    for field in model.model_fields.values()
]


def check_expression(text: str, document: Any) -> None:
    """Compile *text* and run it over *document*, and make fields of what comes out."""
    with within(_SECONDS), nothing_opened():
        try:
            expression = compile_expression(text)
        except ExpressionError:
            return
        found: Any = None
        try:
            found = expression.run(document)
            expression.test(document)
        except EVALUATION_ERRORS as error:
            assert not isinstance(error, RecursionError)
        for annotation in _FIELDS:
            try:
                coercer_for(annotation)(found)
            except (*EVALUATION_ERRORS, OverflowError):
                continue


def check_message(channel: str, content: bytes) -> None:
    """Read *content* as a message of *channel*, and map what comes of it."""
    profile, rules = profile_of(channel), rules_of(channel)
    with within(_SECONDS), nothing_opened():
        found = list(read_orders(profile, content, "message"))
        assert found
        for each in found:
            assert isinstance(each, InboundOrder | MessageError)
            if isinstance(each, InboundOrder):
                mapped = map_order(each.order, rules, {DocumentCategory.SALES_ORDER})
                assert mapped.documents or mapped.problems
                assert all(problem.message for problem in mapped.problems)
