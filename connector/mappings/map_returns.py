"""
What comes back of an order, as a document: an order of the lines that come back.

A return is mapped by the rules of its own kind of document, from an order that holds nothing but
the returned lines in their returned quantities. Expressions see ``return_id`` and
``return_reason`` among its attributes.

An amount without lines becomes one piece of the dearest line at that price, so that the ERP taxes
it as the order was taxed; where lines are taxed differently, or none is worth as much, it is shared
among them by their value.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from connector.mappings.check_amounts import gross_of
from connector.mappings.external_order import (
    ExternalLine,
    ExternalOrder,
    ExternalReturn,
    ExternalReturnKind,
    ExternalTotals,
)
from connector.mappings.map_order import map_order
from connector.mappings.mapped_order import MappedOrder
from connector.mappings.problems import Problem
from connector.mappings.rules import MappingRules
from connector.mappings.shares import shares_of
from connector.sd_documents.currency import round_amount
from connector.sd_documents.values import DocumentCategory

#: What each kind of return becomes.
RETURN_CATEGORY: Final = {
    ExternalReturnKind.GOODS: DocumentCategory.RETURNS_ORDER,
    ExternalReturnKind.CREDIT: DocumentCategory.CREDIT_MEMO_REQUEST,
    ExternalReturnKind.DEBIT: DocumentCategory.DEBIT_MEMO_REQUEST,
}
#: Between the order's id and the return's in the reference by which the document is found again.
_SEPARATOR: Final = "/"


def map_return(order: ExternalOrder, returned: ExternalReturn, rules: MappingRules) -> MappedOrder:
    """Map one return of *order* to the document of its kind; pure, as :func:`map_order`."""
    if problems := tuple(unusable(order, returned)):
        return MappedOrder(order=order, problems=problems)
    return map_order(as_order(order, returned), rules, (RETURN_CATEGORY[returned.kind],))


def as_order(order: ExternalOrder, returned: ExternalReturn) -> ExternalOrder:
    """Return an order of what comes back; lines that *order* does not have are left out."""
    return order.model_copy(
        update={
            "external_id": f"{order.external_id}{_SEPARATOR}{returned.return_id}",
            "ordered_at": returned.returned_at,
            "updated_at": None,
            "cancelled_at": None,
            "requested_delivery_date": returned.returned_at.date(),
            "lines": tuple(_lines(order, returned)),
            "discounts": (),
            "shipping": (),
            "charges": (),
            "payments": (),
            "returns": (),
            "totals": ExternalTotals(),
            "attributes": {
                **order.attributes,
                "return_id": returned.return_id,
                "return_reason": returned.reason,
            },
        }
    )


def _lines(order: ExternalOrder, returned: ExternalReturn) -> Iterator[ExternalLine]:
    if returned.amount is not None:
        for line, gross in _shared(order, returned.amount):
            yield _line(line, Decimal(1), _price(order, line, gross))
        return
    lines = {line.line_id: line for line in order.lines}
    for part in returned.lines:
        if part.line_id in lines:
            yield _line(lines[part.line_id], part.quantity, part.price)


def _shared(order: ExternalOrder, amount: Decimal) -> list[tuple[ExternalLine, Decimal]]:
    """Return the lines that *amount* falls on, each with its part."""
    worth = [(line, _value(order, line)) for line in order.lines]
    worth = [(line, value) for line, value in worth if value > 0]
    if not worth or amount <= 0:
        return []
    dearest, most = max(worth, key=lambda each: each[1])
    if amount <= most and len({_rate(line) for line, _ in worth}) == 1:
        return [(dearest, amount)]
    parts = shares_of(amount, [value for _, value in worth], order.currency)
    return [(line, part) for (line, _), part in zip(worth, parts, strict=True) if part]


def _value(order: ExternalOrder, line: ExternalLine) -> Decimal:
    taken_off = sum((discount.amount or Decimal(0) for discount in line.discounts), Decimal(0))
    return gross_of(line, order.currency) - taken_off - line.allocated_discount


def _rate(line: ExternalLine) -> Decimal:
    return sum((tax.rate for tax in line.taxes), Decimal(0))


def _price(order: ExternalOrder, line: ExternalLine, gross: Decimal) -> Decimal:
    """Return *gross* as the order's prices are: with tax, or without."""
    return (
        gross if order.taxes_included else round_amount(gross / (1 + _rate(line)), order.currency)
    )


def _line(line: ExternalLine, quantity: Decimal, price: Decimal | None) -> ExternalLine:
    """Return *line* in another quantity: its amounts are those of the whole line and go."""
    return line.model_copy(
        update={
            "quantity": quantity,
            "price": line.price if price is None else price,
            "discounts": (),
            "allocated_discount": Decimal(0),
            "taxes": (),
            "requested_delivery_date": None,
            "schedule_lines": (),
        }
    )


def unusable(order: ExternalOrder, returned: ExternalReturn) -> Iterator[Problem]:
    """Yield what keeps *returned* from being a document: a person enters it in the ERP."""
    yield from _unknown_lines(order, returned)
    for kept in order.returns:
        if kept.amount is not None and kept.amount <= 0:
            yield Problem(
                code="REFUNDED_ORDER",
                message=f"return {kept.return_id}: {-kept.amount:f} {order.currency} less went "
                "back than its lines come to (a fee that the shop kept, or money on its way); "
                "enter the credit in the ERP and release, or wait for the shop's next message",
                where=f"returns[{kept.return_id}].amount",
            )
    if returned.amount is None or returned.amount <= 0:
        return
    shared = _shared(order, returned.amount)
    if not shared:
        yield Problem(
            code="REFUNDED_ORDER",
            message=f"return {returned.return_id}: {returned.amount:f} {order.currency} went back, "
            "and no line of the order has a value it could be taken from; enter it in the ERP",
            where=f"returns[{returned.return_id}].amount",
        )
    for line, gross in shared:
        price = _price(order, line, gross)
        with_tax = price + round_amount(price * _rate(line), order.currency)
        if not order.taxes_included and with_tax != gross:
            yield Problem(
                code="TOTALS_DO_NOT_ADD_UP",
                message=f"return {returned.return_id}: no price without tax gives "
                f"{gross:f} {order.currency} at {(_rate(line) * 100).normalize():f} % "
                f"({price:f} gives {with_tax:f}); enter the credit in the ERP and release",
                where=f"returns[{returned.return_id}].amount",
            )


def _unknown_lines(order: ExternalOrder, returned: ExternalReturn) -> Iterator[Problem]:
    known = {line.line_id for line in order.lines}
    for part in returned.lines:
        if part.line_id not in known:
            yield Problem(
                code="RETURN_OF_UNKNOWN_LINE",
                message=f"return {returned.return_id} names the line {part.line_id!r}, which the "
                "order does not have; correct it in the channel",
                where=f"returns[{returned.return_id}].lines",
            )
