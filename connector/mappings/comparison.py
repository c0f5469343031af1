"""What changes for one order when the mapping changes: holds, notices, documents, payments."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from connector.errors import MessageError
from connector.mappings.amount_effects import effects_of
from connector.mappings.entered_value import Amounts
from connector.mappings.field_differences import (
    NO_AMOUNTS,
    Difference,
    FieldDifferences,
    Kind,
    Origins,
)
from connector.mappings.mapped_order import Mapped, MappedOrder
from connector.sd_documents.sales_document import SalesDocument
from connector.sd_documents.values import DocumentCategory, Money

#: What a message became: mapped, or not readable.
Outcome = MappedOrder | MessageError


def compare(old: Outcome, new: Outcome) -> tuple[Difference, ...]:
    """Return how *new* differs from *old*; empty where nothing that counts does."""
    if isinstance(old, MessageError) or isinstance(new, MessageError):
        return tuple(_readability(old, new))
    if old is new:
        return ()
    found = [*_holds(old, new), *_notices(old, new)]
    if old.order is not new.order and old.order != new.order:
        found += _fields(Kind.ORDER, "order", old.order.model_dump(), new.order.model_dump())
    before, after = _by_category(old), _by_category(new)
    for category in sorted(before.keys() | after.keys()):
        found += _documents(category, before.get(category), after.get(category))
    if old.payments != new.payments:
        one = {"payments": [payment.model_dump() for payment in old.payments]}
        other = {"payments": [payment.model_dump() for payment in new.payments]}
        found += _fields(Kind.PAYMENT, "", one, other)
    return tuple(found)


def _readability(old: Outcome, new: Outcome) -> Iterator[Difference]:
    if isinstance(old, MessageError) and isinstance(new, MessageError):
        if str(old) != str(new):
            yield Difference(Kind.UNREADABLE_OTHERWISE, "message", old=old.problem, new=new.problem)
    elif isinstance(new, MessageError):
        assert isinstance(old, MappedOrder)
        value = value_concerned(old)
        yield Difference(Kind.UNREADABLE, "message", new=new.problem, amounts=value)
    elif isinstance(old, MessageError):
        value = value_concerned(new)
        yield Difference(Kind.READABLE, "message", old=old.problem, amounts=value)


def _holds(old: MappedOrder, new: MappedOrder) -> Iterator[Difference]:
    before = {(each.code, each.where, each.amount): each for each in old.problems}
    after = {(each.code, each.where, each.amount): each for each in new.problems}
    if before.keys() == after.keys():
        return
    kind = Kind.HELD_OTHERWISE
    if not before:
        kind = Kind.HELD
    elif not after:
        kind = Kind.FREED
    # The order counts once, however many reasons hold it.
    concerned = value_concerned(new)
    for key, each in after.items():
        if key not in before:
            yield Difference(kind, each.code, where=each.where, new=each.message, amounts=concerned)
            concerned = NO_AMOUNTS
    for key, each in before.items():
        if key not in after:
            yield Difference(kind, each.code, where=each.where, old=each.message, amounts=concerned)
            concerned = NO_AMOUNTS


def _notices(old: MappedOrder, new: MappedOrder) -> Iterator[Difference]:
    before = {(each.code, each.where): each for each in old.notices}
    after = {(each.code, each.where): each for each in new.notices}
    for key in [*after, *(each for each in before if each not in after)]:
        one, other = before.get(key), after.get(key)
        if one and other and (one.message, one.amount) == (other.message, other.amount):
            continue
        notice = other or one
        assert notice is not None
        yield Difference(
            Kind.NOTICE,
            notice.code,
            where=notice.where,
            old=one.message if one else "",
            new=other.message if other else "",
            rule=notice.rule,
            amounts=_amounts(notice.amount),
        )


def value_concerned(mapped: MappedOrder) -> Amounts:
    """Return what the customer pays for the order, else its priced lines; empty for neither."""
    order = mapped.order
    total = order.totals.grand_total
    if total is None:
        prices = [line.price * line.quantity for line in order.lines if line.price is not None]
        total = sum(prices, Decimal(0)) if prices else None
    return _amounts(Money.rounded(total, order.currency) if total is not None else None)


def _amounts(money: Money | None) -> Amounts:
    return {money.currency: money.amount} if money is not None else NO_AMOUNTS


def _by_category(mapped: MappedOrder) -> dict[DocumentCategory, Mapped[SalesDocument]]:
    return {each.document.category: each for each in mapped.documents}


def _documents(
    category: DocumentCategory,
    old: Mapped[SalesDocument] | None,
    new: Mapped[SalesDocument] | None,
) -> Iterator[Difference]:
    name = category.name.lower()
    if old is None or new is None:
        there = "is built"
        yield Difference(
            Kind.DOCUMENT, name, old=there if old else "", new=there if new else "",
        )  # fmt: skip
        return
    if old.document == new.document:
        return
    compared = FieldDifferences(Kind.FIELD, name, Origins(old.trace), Origins(new.trace))
    compared.effects = effects_of(old.document, new.document)
    yield from compared.mappings("", "", "", old.document.model_dump(), new.document.model_dump())


def _fields(kind: Kind, name: str, old: Any, new: Any) -> Iterator[Difference]:
    yield from FieldDifferences(kind, name, Origins(()), Origins(())).mappings("", "", "", old, new)
