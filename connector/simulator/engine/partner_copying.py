"""
Partners that come along with a reference: whoever got and paid what is referred to.

What the caller names himself wins. A reference to documents of another sold-to brings none.
"""

from __future__ import annotations

from dataclasses import replace

from connector.simulator.engine.copy_control import SourceDocument, source_document
from connector.simulator.engine.keys import padded
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.specs import Partner, SalesDocumentSpec

#: Functions that are copied; the sold-to brings its address along.
FUNCTIONS = ("AG", "WE", "RE", "RG")


def with_copied(work: UnitOfWork, spec: SalesDocumentSpec) -> list[Partner]:
    """Return the partners of *spec*, completed from what it and its items refer to."""
    if not spec.reference_document and not any(each.reference_document for each in spec.items):
        return list(spec.partners)
    given = {
        (work.core.master.partner_function(each.function), each.item_number): each
        for each in spec.partners
    }
    first = spec.reference_document or next(
        (each.reference_document for each in spec.items if each.reference_document), ""
    )
    source = source_document(work, first) if first else None
    sold_to = given.get(("AG", 0))
    known = _partner(source, "AG", 0) if source is not None else None
    if source is None or sold_to is None or known is None:
        return list(spec.partners)
    if padded(sold_to.customer) != known.customer:
        return list(spec.partners)
    partners = [
        replace(each, address=known.address) if each is sold_to and not each.address else each
        for each in spec.partners
    ]
    header = {"AG": known.customer}
    for function in FUNCTIONS[1:]:
        own = given.get((function, 0))
        copied = _partner(source, function, 0)
        if own is not None:
            header[function] = padded(own.customer)
        elif copied is not None:
            partners.append(replace(copied, item_number=0))
            header[function] = copied.customer
    partners.extend(_of_items(work, spec, source, given, header))
    return partners


def _of_items(
    work: UnitOfWork,
    spec: SalesDocumentSpec,
    source: SourceDocument,
    given: dict[tuple[str, int], Partner],
    header: dict[str, str],
) -> list[Partner]:
    """Return the partners of items whose reference has others than the header."""
    references = [
        (item.item_number, item.reference_document or spec.reference_document, item.reference_item)
        for item in spec.items
        if item.reference_item and item.item_number
    ]
    if not spec.items:
        references = [(each.item_number, source.number, each.item_number) for each in source.items]
    found = []
    for item_number, number, reference_item in references:
        document = source if padded(number) == source.number else source_document(work, number)
        for function in FUNCTIONS[1:]:
            copied = _partner(document, function, reference_item)
            if (
                copied is not None
                and (function, item_number) not in given
                and (function, 0) not in given
                and copied.customer != header.get(function)
            ):
                found.append(replace(copied, item_number=item_number))
    return found


def _partner(source: SourceDocument | None, function: str, item_number: int) -> Partner | None:
    """Return the partner of an item of a document, else that of its header."""
    header: Partner | None = None
    for each in source.partners if source is not None else ():
        if each.function == function:
            if each.item_number == item_number:
                return each
            if each.item_number == 0:
                header = each
    return header
