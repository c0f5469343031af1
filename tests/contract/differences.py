"""
What differs between the ways, and nothing else does.

Each line is asserted from both sides: where a way has the difference the suite makes sure that it
is there, and everywhere else that it is not.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel

from connector.erp.routes import SALES_OPERATIONS
from connector.ports.capabilities import Access, ErpOperation, Transport
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.sales_document import PostedSalesDocument, PostedSalesDocumentItem
from connector.sd_documents.values import DocumentCategory as C
from tests.contract.ways import CAPABILITIES, Way


class Difference(StrEnum):
    """What a way does not show or take, with the reason."""

    #: The sales order's service shows neither, and takes neither.
    INNER_DATES = "dates of availability and goods issue of schedule lines are not shown"
    #: Only the sales order's service has dated schedule lines.
    UNDATED_LINES = "inquiries, quotations, returns and memo requests show no schedule lines"
    #: Its service has no field for either.
    BARE_INQUIRY = "an inquiry shows neither requested date nor plant"
    #: Nothing is delivered for it, so its service has no such field.
    UNDATED_MEMO_REQUEST = "a credit memo request has no requested date"
    #: Messages of OData name a property, not the row that they speak of.
    UNNAMED_ITEM = "a refusal does not say which item it is about"
    #: Messages of OData have no variables.
    UNNAMED_LOCK = "a lock names document and user in its text alone"
    #: The simulation's service has no field for tax codes; items show their tax all the same.
    NO_TAX_CONDITIONS = "a simulation shows no conditions of taxes"
    #: Its order types are those of orders.
    SIMULATED_AS_ORDERS = "quotations are simulated as orders: item category and confirmation"
    #: Addresses became creatable in a later release of the service.
    NO_ADDRESSES = "a partner's own address is refused"
    #: So did schedule lines.
    NO_SCHEDULE_LINES = "dates and quantities of several schedule lines are refused"
    #: The function import takes no date.
    CANCELLED_TODAY = "a cancellation bears the day on which it is made"
    #: Returns deliveries have a service of their own, which the connector does not use.
    NO_RETURNS_DELIVERIES = "returns deliveries are neither shown nor made"
    #: Their service's interface was not at hand.
    NO_DEBIT_MEMO_REQUESTS = "debit memo requests are neither shown nor made"
    #: The process flow and the items' references have no such date for every link.
    UNDATED_LINKS = "links do not say when they were made"
    #: Deliveries are created for items, whenever these are due.
    NO_DUE_DATE = "a delivery is created before it is due"
    #: Changes are noticed by days, which are read again.
    BY_DAYS = "changes are noticed by their day, so its documents come again"


_OF_2020 = frozenset({Difference.NO_ADDRESSES, Difference.NO_SCHEDULE_LINES})
_OF_ODATA = frozenset(Difference) - _OF_2020 - {Difference.BY_DAYS}


def differs(way: Way, difference: Difference) -> bool:
    """Whether *way* has *difference*."""
    if difference is Difference.BY_DAYS:
        return way.uses(Transport.RFC)
    if difference in _OF_2020:
        return way.uses(Transport.ODATA) and way.name.release == "2020"
    if difference is Difference.NO_DEBIT_MEMO_REQUESTS:
        # Where they go over RFC, their chains are read there as well.
        return not way.can(ErpOperation.DEBIT_MEMO_REQUEST, Access.READ)
    return difference in _OF_ODATA and way.uses(Transport.ODATA)


def as_shown(
    way: Way, document: PostedSalesDocument, operation: ErpOperation = ErpOperation.DOCUMENT_FLOW
) -> PostedSalesDocument:
    """Return *document* as the transport of *operation* can show it."""
    readable = CAPABILITIES[Transport.ODATA][SALES_OPERATIONS[document.category]].access
    if way.routes.get(operation) is not Transport.ODATA or readable is Access.NONE:
        return document
    items = tuple(_item_as_shown(way, document, item) for item in document.items)
    shown: dict[str, object] = {"items": items}
    undated = (
        (C.INQUIRY, Difference.BARE_INQUIRY),
        (C.CREDIT_MEMO_REQUEST, Difference.UNDATED_MEMO_REQUEST),
    )
    if any(document.category is category and differs(way, each) for category, each in undated):
        shown["requested_delivery_date"] = None
    return document.model_copy(update=shown)


def as_made(way: Way, document: PostedSalesDocument) -> PostedSalesDocument:
    """Return *document* without what *way* cannot ask for."""
    asked = document.category is not C.CREDIT_MEMO_REQUEST or not differs(
        way, Difference.UNDATED_MEMO_REQUEST
    )
    if asked:
        return document
    items = tuple(item.model_copy(update={"schedule_lines": ()}) for item in document.items)
    return document.model_copy(update={"requested_delivery_date": None, "items": items})


def _item_as_shown(
    way: Way, document: PostedSalesDocument, item: PostedSalesDocumentItem
) -> PostedSalesDocumentItem:
    lines = item.schedule_lines
    if document.category is not C.SALES_ORDER and differs(way, Difference.UNDATED_LINES):
        lines = ()
    if differs(way, Difference.INNER_DATES):
        hidden = {"material_availability_date": None, "goods_issue_date": None}
        lines = tuple(line.model_copy(update=hidden) for line in lines)
    bare = document.category is C.INQUIRY and differs(way, Difference.BARE_INQUIRY)
    plant = "" if bare else item.plant
    return item.model_copy(update={"schedule_lines": lines, "plant": plant})


def unequal(found: object, expected: object, where: str = "") -> str:
    """Name every field in which *found* is not as *expected*, a line for each."""
    return "\n".join(_unequal(found, expected, where))


def _unequal(found: object, expected: object, where: str) -> list[str]:
    if isinstance(found, BaseModel) and isinstance(expected, BaseModel):
        names = type(expected).model_fields
        pairs = [(getattr(found, n), getattr(expected, n), f"{where}.{n}") for n in names]
    elif isinstance(found, tuple) and isinstance(expected, tuple) and len(found) == len(expected):
        pairs = [
            (*pair, f"{where}[{n}]") for n, pair in enumerate(zip(found, expected, strict=True))
        ]
    else:
        return [] if found == expected else [f"{where}: {found!r}, expected {expected!r}"]
    return [line for each in pairs for line in _unequal(*each)]


def links_as_shown(way: Way, links: tuple[FlowLink, ...]) -> set[FlowLink]:
    """Return *links* as *way* can show them, in no order."""
    if not differs(way, Difference.UNDATED_LINKS):
        return set(links)
    return {link.model_copy(update={"created_on": None}) for link in links}
