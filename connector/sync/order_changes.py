"""
What a new version of an order changes in a sales document that exists: the difference alone.

Three readings are compared: what was sent, what is wanted now, and what the ERP has. What the order
did not change stays as it is in the ERP, even where somebody has changed it there. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from connector.mappings.problems import Problem
from connector.ports.store_records import FlowView
from connector.sd_documents.document_flow import BILLED_BY, DELIVERED_BY, open_quantity
from connector.sd_documents.partners import Partner, PartnerFunction
from connector.sd_documents.sales_document import (
    PostedSalesDocument,
    PostedSalesDocumentItem,
    SalesDocument,
    SalesDocumentItem,
)
from connector.sd_documents.sales_document_change import (
    SalesDocumentChange,
    SalesDocumentItemChange,
)
from connector.sd_documents.values import Quantity, display_number
from connector.sync import hold_reasons
from connector.sync.chain import reference_of
from connector.sync.changes import differing_fields, in_short
from connector.sync.plan import ChangePlan

_STEP: Final = 10
#: What a change can carry of an item. Anything else is for a person.
_ITEM_FIELDS: Final = frozenset({"requested_quantity", "schedule_lines", "line_id"})


@dataclass(slots=True)
class Difference:
    """
    The change to be sent, None when there is nothing to send, and what speaks against it.

    Whoever accepts a problem has decided about it: what it is about is in the change where it can
    be sent, and left as it is where it cannot.
    """

    change: SalesDocumentChange | None = None
    problems: list[Problem] = field(default_factory=list)


def renumbered(wanted: SalesDocument, sent: SalesDocument, used: Sequence[int]) -> SalesDocument:
    """
    Give the items of *wanted* the numbers that their lines have in *sent*.

    A line is the same when the channel names it the same; the position of a line says nothing once
    another is gone. New lines count on above all numbers in *used*.
    """
    known = {item.line_id: item.item_number for item in sent.items if item.line_id}
    if not known:
        return wanted
    last = max((*used, *(item.item_number for item in sent.items)))
    numbers: dict[int, int] = {}
    for item in wanted.items:
        number = known.pop(item.line_id, 0)
        if not number:
            last = (last // _STEP + 1) * _STEP
            number = last
        numbers[item.item_number] = number
    return wanted.model_copy(
        update={
            "items": tuple(
                item.model_copy(update={"item_number": numbers[item.item_number]})
                for item in wanted.items
            ),
            "partners": _placed(wanted.partners, numbers),
            "texts": _placed(wanted.texts, numbers),
            "conditions": _placed(wanted.conditions, numbers),
        }
    )


def _placed(parts: Sequence[Any], numbers: dict[int, int]) -> tuple[Any, ...]:
    return tuple(
        part.model_copy(update={"item_number": numbers[part.item_number]})
        if part.item_number
        else part
        for part in parts
    )


def difference(
    view: FlowView,
    found: PostedSalesDocument,
    sent: SalesDocument,
    wanted: SalesDocument,
    plan: ChangePlan,
) -> Difference:
    """
    Return what has to change in *found* so that it is *wanted*, where *sent* was wanted before.

    Items of *wanted* have the numbers of *sent*, see :func:`renumbered`.
    """
    return _Comparison(view, found, sent, wanted, plan).result()


def rejection(view: FlowView, found: PostedSalesDocument, plan: ChangePlan) -> Difference:
    """Return the change that rejects everything of *found*: its order was cancelled."""
    name = f"order {view.flow.order_name or view.flow.external_id} was cancelled by the channel"
    open_items = [item for item in found.items if not item.rejection_reason]
    followed = [
        f"item {item.item_number}: {taken}"
        for item in open_items
        if (taken := taken_of(view, found, item)).value
    ]
    if followed:
        message = (
            f"{name}, but {display_number(found.number)} is delivered or billed in part: "
            f"{', '.join(followed)}. Reverse that in the ERP and retry, or release to carry the "
            "order out"
        )
        return _stopped(hold_reasons.CANCELLED_TOO_LATE, message)
    if not open_items:
        return Difference()
    if not plan.rejection_reason:
        message = (
            f"{name}; reject the items of {display_number(found.number)} in the ERP and retry, or "
            "name a reason in the plan: changes.rejection_reason"
        )
        return _stopped(hold_reasons.CHANGED_AFTER_CREATION, message)
    items = tuple(
        SalesDocumentItemChange(
            item_number=item.item_number, rejection_reason=plan.rejection_reason
        )
        for item in open_items
    )
    return Difference(_change_of(found, items=items))


def taken_of(
    view: FlowView, document: PostedSalesDocument, item: PostedSalesDocumentItem
) -> Quantity:
    """Return how much of *item* is delivered or billed: it must not be changed below that."""
    reference, ordered = reference_of(document, item), item.requested_quantity
    most = Decimal(0)
    for followers in (DELIVERED_BY, BILLED_BY):
        # Asked for more than was ordered, so that an over-delivery counts in full.
        ample = Quantity(value=Decimal(10) ** 11, unit=ordered.unit)
        rest = open_quantity(ample, reference, view.links, followers)
        most = max(most, ample.value - rest.value)
    return Quantity(value=most, unit=ordered.unit)


def _stopped(code: str, message: str) -> Difference:
    return Difference(None, [Problem(code=code, message=message)])


def _change_of(found: PostedSalesDocument, **parts: Any) -> SalesDocumentChange:
    return SalesDocumentChange(
        number=found.number,
        category=found.category,
        purchase_order_by_customer=found.purchase_order_by_customer,
        **parts,
    )


class _Comparison:
    """One comparison, part by part."""

    def __init__(
        self,
        view: FlowView,
        found: PostedSalesDocument,
        sent: SalesDocument,
        wanted: SalesDocument,
        plan: ChangePlan,
    ) -> None:
        self._view, self._found, self._plan = view, found, plan
        self._sent, self._wanted = sent, wanted
        self._there = {item.item_number: item for item in found.items}
        self._before = {item.item_number: item for item in sent.items}
        self._problems: list[Problem] = []

    def result(self) -> Difference:
        parts: dict[str, Any] = {}
        day = self._wanted.requested_delivery_date
        if self._sent.requested_delivery_date != day != self._found.requested_delivery_date:
            parts["requested_delivery_date"] = day
        if partners := tuple(self._partners()):
            parts["partners"] = partners
        if items := tuple(self._items()):
            parts["items"] = items
        if added := tuple(self._added()):
            parts["added_items"] = added
        self._note_the_rest()
        change = _change_of(self._found, **parts) if parts else None
        return Difference(change, self._problems)

    def _items(self) -> Iterator[SalesDocumentItemChange]:
        wanted = {item.item_number: item for item in self._wanted.items}
        for number, before in self._before.items():
            there = self._there.get(number)
            if there is None:
                continue
            if number not in wanted:
                change = self._removed(before, there)
            elif there.rejection_reason:
                change = None
            else:
                change = self._changed(before, wanted[number], there)
            if change is not None:
                yield change

    def _removed(
        self, before: SalesDocumentItem, there: PostedSalesDocumentItem
    ) -> SalesDocumentItemChange | None:
        if there.rejection_reason:
            return None
        if not self._may_be(before, there, Decimal(0)):
            return None
        if not self._plan.rejection_reason:
            self._differs(
                (f"{_line(before)} is gone, and the plan names no changes.rejection_reason",)
            )
            return None
        return SalesDocumentItemChange(
            item_number=before.item_number, rejection_reason=self._plan.rejection_reason
        )

    def _changed(
        self,
        before: SalesDocumentItem,
        wanted: SalesDocumentItem,
        there: PostedSalesDocumentItem,
    ) -> SalesDocumentItemChange | None:
        parts: dict[str, Any] = {}
        quantity = wanted.requested_quantity
        if quantity.unit != there.requested_quantity.unit:
            return None
        if before.requested_quantity != quantity != there.requested_quantity:
            if self._may_be(wanted, there, quantity.value):
                self._check_untouched(before, wanted, there)
                parts["requested_quantity"] = quantity
            else:
                return None
        day = _only_date(wanted, self._wanted)
        moved = day is not None and _only_date(before, self._sent) != day
        if moved and self._is_open(there) and requested_date(there) != day:
            parts["requested_delivery_date"] = day
        if not parts:
            return None
        return SalesDocumentItemChange(item_number=before.item_number, **parts)

    def _may_be(
        self, item: SalesDocumentItem, there: PostedSalesDocumentItem, wanted: Decimal
    ) -> bool:
        taken = taken_of(self._view, self._found, there)
        if wanted >= taken.value:
            return True
        self._problems.append(
            Problem(
                code=hold_reasons.CHANGE_BELOW_DELIVERED,
                message=f"version {self._view.flow.version} wants "
                f"{Quantity(value=wanted, unit=taken.unit)} of {_line(item)}, but {taken} are "
                f"delivered of item {there.item_number} of {display_number(self._found.number)}. "
                "Agree on a return, or release to leave the item as it is",
                where=f"items[{there.item_number}].requested_quantity",
            )
        )
        return False

    def _check_untouched(
        self,
        before: SalesDocumentItem,
        wanted: SalesDocumentItem,
        there: PostedSalesDocumentItem,
    ) -> None:
        if there.requested_quantity.value == before.requested_quantity.value:
            return
        self._problems.append(
            Problem(
                code=hold_reasons.CHANGED_IN_ERP,
                message=f"version {self._view.flow.version} wants {wanted.requested_quantity} of "
                f"{_line(wanted)} instead of {before.requested_quantity}, but item "
                f"{there.item_number} of {display_number(self._found.number)} was changed to "
                f"{there.requested_quantity} in the ERP. Release to send what the order says",
                where=f"items[{there.item_number}].requested_quantity",
            )
        )

    def _is_open(self, there: PostedSalesDocumentItem) -> bool:
        taken = taken_of(self._view, self._found, there)
        return taken.value < there.requested_quantity.value

    def _added(self) -> Iterator[SalesDocumentItem]:
        for item in self._wanted.items:
            if item.item_number not in self._before and item.item_number not in self._there:
                yield item

    def _partners(self) -> Iterator[Partner]:
        before = {(p.function, p.item_number): p for p in self._sent.partners}
        for partner in self._wanted.partners:
            old = before.pop((partner.function, partner.item_number), None)
            if old == partner:
                continue
            if _is_sold_to_another(old, partner):
                self._differs(("the sold-to party differs",))
                continue
            yield partner
        if before:
            functions = ", ".join(sorted(function.value for function, _ in before))
            self._differs((f"partner {functions} is gone",))

    def _note_the_rest(self) -> None:
        """Note the differences that no change can carry: prices, texts, materials, terms."""
        rest = differing_fields(_without(self._sent), _without(self._wanted))
        wanted = {item.item_number: item for item in self._wanted.items}
        for number, before in self._before.items():
            after = wanted.get(number)
            if after is not None:
                rest += tuple(
                    f"items[{number}].{name} differs"
                    for name in type(before).model_fields
                    if name not in _ITEM_FIELDS and getattr(before, name) != getattr(after, name)
                )
                if before.requested_quantity.unit != after.requested_quantity.unit:
                    rest += (f"items[{number}].requested_quantity.unit differs",)
                if _schedule_differs(before, after):
                    rest += (f"items[{number}].schedule_lines differ",)
        if rest:
            self._differs(rest)

    def _differs(self, differences: tuple[str, ...]) -> None:
        self._problems.append(
            Problem(
                code=hold_reasons.CHANGED_AFTER_CREATION,
                message=f"version {self._view.flow.version} of the order changes what cannot be "
                f"sent to {display_number(self._found.number)}: {in_short(differences)}. Change "
                "it in the ERP and release, or cancel the order",
            )
        )


def _without(document: SalesDocument) -> SalesDocument:
    """Return *document* with what is compared elsewhere taken out."""
    return document.model_copy(
        update={
            "requested_delivery_date": date.min,
            "partners": (),
            "items": (),
            "texts": tuple(text for text in document.texts if not text.item_number),
        }
    )


def _line(item: SalesDocumentItem) -> str:
    return f"line {item.line_id or item.item_number} ({item.material})"


def _only_date(item: SalesDocumentItem, document: SalesDocument) -> date | None:
    """Return the day on which all of *item* is wanted, None when it is wanted on several."""
    if not item.schedule_lines:
        return document.requested_delivery_date
    days = {line.requested_delivery_date for line in item.schedule_lines}
    return days.pop() if len(days) == 1 else None


def requested_date(there: PostedSalesDocumentItem) -> date | None:
    """Return the first day on which any of the item is wanted, None where nothing is."""
    lines = [line for line in there.schedule_lines if line.requested_quantity.value]
    return lines[0].requested_delivery_date if lines else None


def _schedule_differs(before: SalesDocumentItem, after: SalesDocumentItem) -> bool:
    """Tell whether the dates within an item changed in a way that one date cannot say."""
    if before.schedule_lines == after.schedule_lines:
        return False
    return len(before.schedule_lines) > 1 or len(after.schedule_lines) > 1


def _is_sold_to_another(old: Partner | None, new: Partner) -> bool:
    is_sold_to = new.function is PartnerFunction.SOLD_TO_PARTY
    return is_sold_to and (old is None or old.customer != new.customer)
