"""
Whether a change that lost its answer was made: read off the document's content.

A change is one unit of work in the ERP: all of it is there, or nothing. Anything between was made
by somebody else, and a person decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connector.sd_documents.partners import Address, Partner
from connector.sd_documents.sales_document import PostedSalesDocument, PostedSalesDocumentItem
from connector.sd_documents.sales_document_change import SalesDocumentItemChange
from connector.sd_documents.values import pad_number
from connector.sync.order_changes import requested_date
from connector.sync.writes import ChangeRequest

#: The shortest length that any transport hands an address field back in.
_READABLE = 35


@dataclass(frozen=True, slots=True)
class ChangeMade:
    """
    Parts of a change by what the ERP has of them; every part is named in one of the three.

    ``done`` are as wanted, ``undone`` as they were before, ``other`` neither.
    """

    done: tuple[str, ...]
    undone: tuple[str, ...]
    other: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        return not (self.undone or self.other)

    @property
    def is_untouched(self) -> bool:
        return not (self.done or self.other)

    @property
    def odd(self) -> tuple[str, ...]:
        """Parts that keep the change from being complete."""
        return self.other or self.undone


def compare_change(sent: ChangeRequest, found: PostedSalesDocument) -> ChangeMade:
    """Compare *found* with what *sent* wanted and with what was there before."""
    parts = list(_parts(sent, found))
    return ChangeMade(
        done=tuple(name for name, is_done, _ in parts if is_done),
        undone=tuple(name for name, is_done, is_undone in parts if is_undone and not is_done),
        other=tuple(name for name, is_done, is_undone in parts if not (is_done or is_undone)),
    )


_Part = tuple[str, bool, bool]


def _parts(sent: ChangeRequest, found: PostedSalesDocument) -> Iterator[_Part]:
    change, before = sent.change, sent.before
    for name in ("requested_delivery_date", "delivery_block_reason", "billing_block_reason"):
        wanted = getattr(change, name)
        if wanted is not None:
            there = getattr(found, name)
            yield name, there == wanted, there == getattr(before, name)
    for partner in change.partners:
        is_done = any(_same_partner(partner, there) for there in found.partners)
        # What was there before was never read: not as wanted counts as not changed yet.
        yield f"partner {partner.function.value}", is_done, not is_done
    now = {item.item_number: item for item in found.items}
    old = {item.item_number: item for item in before.items}
    for item in change.items:
        yield from _item_parts(item, now.get(item.item_number), old.get(item.item_number))
    for added in change.added_items:
        there = now.get(added.item_number)
        is_done = (
            there is not None
            and pad_number(there.material) == pad_number(added.material)
            and there.requested_quantity == added.requested_quantity
        )
        yield f"item {added.item_number}", is_done, there is None


def _item_parts(
    change: SalesDocumentItemChange,
    now: PostedSalesDocumentItem | None,
    old: PostedSalesDocumentItem | None,
) -> Iterator[_Part]:
    name = f"item {change.item_number}"
    if now is None or old is None:
        yield name, False, False
        return
    if change.requested_quantity is not None:
        there = now.requested_quantity
        yield (
            f"{name} quantity",
            there == change.requested_quantity,
            there == old.requested_quantity,
        )
    if change.requested_delivery_date is not None:
        day = requested_date(now)
        yield f"{name} date", day == change.requested_delivery_date, day == requested_date(old)
    if change.rejection_reason is not None:
        reason = now.rejection_reason
        yield (
            f"{name} rejection",
            reason == change.rejection_reason,
            reason == old.rejection_reason,
        )


def _same_partner(wanted: Partner, there: Partner) -> bool:
    if (wanted.function, wanted.item_number) != (there.function, there.item_number):
        return False
    if pad_number(wanted.customer) != pad_number(there.customer):
        return False
    return wanted.address is None or (
        there.address is not None and _readable(wanted.address) == _readable(there.address)
    )


def _readable(address: Address) -> tuple[str, ...]:
    """Return what every transport hands back of an address, in the length it has there."""
    parts = (address.name, address.street, address.postal_code, address.city, address.country)
    return tuple(part[:_READABLE].strip().upper() for part in parts)
