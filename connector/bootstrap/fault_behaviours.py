"""
What the connector does about each fault, on each transport.

The tests of the faults run every row of this table on a whole company, and the reference page of
the faults is made from it: what is written there has been seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from connector.bootstrap.fault_catalogue import ENGINE, HTTP, ORDERS, RFC, STORE
from connector.ports.capabilities import Transport
from connector.ports.step_state import Operation


class Reaction(StrEnum):
    """What the connector does; in the end there is exactly one document each time."""

    GOES_ON = "goes on"
    WAITS = "waits for the ERP"
    STOPS = "stops until it is put right"
    TRIES_AGAIN = "tries again"
    FINDS = "looks, and finds it"
    FINDS_LATER = "looks until it is there"
    SENDS_AGAIN = "looks twice, and sends again"
    HOLDS = "holds the order"


#: Each reaction in a sentence.
MEANINGS: Final[Mapping[Reaction, str]] = {
    Reaction.GOES_ON: "The step is done in its first attempt; nobody notices anything.",
    Reaction.WAITS: (
        "The pass ends. Nothing is held, and the attempt does not count: no order is to blame. A "
        "later pass goes on, not before the time that the ERP asked for (Retry-After)."
    ),
    Reaction.STOPS: (
        "Nothing is tried again by itself: every failed logon counts towards the user's lock. "
        "Nothing is held, no attempt counts, and the order goes on when the logon works again."
    ),
    Reaction.TRIES_AGAIN: (
        "Nothing was posted, for certain. The attempt counts, and the step is tried again after a "
        "while, not before the time that the ERP asked for (Retry-After)."
    ),
    Reaction.FINDS: (
        "The step is in doubt. A look-up finds the document with what was sent; nothing is sent "
        "again."
    ),
    Reaction.FINDS_LATER: (
        "The step is in doubt. Look-ups before the settle time is over conclude nothing; the "
        "document is found when it is there, and nothing is sent again."
    ),
    Reaction.SENDS_AGAIN: (
        "The step is in doubt. When two look-ups after the settle time have found nothing, it is "
        "sent again; that attempt counts."
    ),
    Reaction.HOLDS: (
        "Nothing was posted, and the same would be refused again. The order is held with the ERP's "
        "own words; a person corrects the cause and retries."
    ),
}

_EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Behaviour:
    """
    A fault of *part*, injected on the call *on*, and what the connector does about it.

    ``operation`` is the step that it strikes, ``via`` the transport of that step. ``reason`` is
    that of the hold, ``more`` says more about the fault, as `simulator inject` takes it.
    """

    fault: str
    part: str
    via: Transport
    operation: Operation
    on: str
    reaction: Reaction
    reason: str = ""
    more: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)


_ORDER: Final = Operation.CREATE_SALES_ORDER
_DELIVERY: Final = Operation.CREATE_DELIVERY
_ISSUE: Final = Operation.POST_GOODS_ISSUE
_BILLING: Final = Operation.CREATE_BILLING_DOCUMENT
_PAYMENT: Final = Operation.POST_PAYMENT

_CREATE: Final = "BAPI_SALESORDER_CREATEFROMDAT2"
_DELIVER: Final = "BAPI_OUTB_DELIVERY_CREATE_SLS"
_COMMIT: Final = "BAPI_TRANSACTION_COMMIT"
_CLEAR: Final = "Z_SD_CONNECTOR_POST_CLEAR"
_READ: Final = "BAPISDORDER_GETDETAILEDLIST"
_POST_ORDER: Final = "POST A_SalesOrder"
_POST_DELIVERY: Final = "POST A_OutbDeliveryHeader"
_POST_ISSUE: Final = "PostGoodsIssue"
_POST_ENTRY: Final = "POST /sap/bc/srt/scs/sap/journalentrycreaterequestconfi"
#: The order is priced before it is created: that is the first call of this operation.
_ONE_PASSES: Final = {"skip": 1}
#: Reads over RFC are tried three times in a row.
_THREE: Final = {"times": 3}
_UNCLEAR: Final = "ERP_ANSWER_UNCLEAR"


def _rfc() -> tuple[Behaviour, ...]:
    rows: tuple[tuple[Any, ...], ...] = (
        ("connection refused", _ORDER, "", Reaction.WAITS, "", _THREE),
        ("no free session", _ORDER, "", Reaction.WAITS, "", _THREE),
        ("logon failure", _ORDER, "", Reaction.STOPS),
        ("password expired", _ORDER, "", Reaction.STOPS),
        ("erp restarting", _ORDER, "", Reaction.WAITS, "", _THREE),
        ("connection lost before call", _ORDER, _CREATE, Reaction.WAITS),
        ("connection lost before call", _PAYMENT, _CLEAR, Reaction.WAITS),
        ("connection lost after call", _ORDER, _CREATE, Reaction.WAITS),
        ("connection lost after call", _DELIVERY, _DELIVER, Reaction.WAITS),
        (
            "connection lost between create and commit",
            _ORDER,
            _CREATE,
            Reaction.SENDS_AGAIN,
        ),
        (
            "connection lost between create and commit",
            _PAYMENT,
            _CLEAR,
            Reaction.SENDS_AGAIN,
        ),
        ("connection lost after commit", _ORDER, _COMMIT, Reaction.FINDS),
        ("connection lost after commit", _DELIVERY, _COMMIT, Reaction.FINDS, "", {"skip": 1}),
        ("connection lost after commit", _ISSUE, _COMMIT, Reaction.FINDS, "", {"skip": 2}),
        ("connection lost after commit", _BILLING, _COMMIT, Reaction.FINDS, "", {"skip": 3}),
        ("connection lost after commit", _PAYMENT, _COMMIT, Reaction.FINDS, "", {"skip": 4}),
        ("client timeout with late commit", _ORDER, _COMMIT, Reaction.FINDS_LATER),
        (
            "client timeout with late commit",
            _DELIVERY,
            _COMMIT,
            Reaction.FINDS_LATER,
            "",
            {"skip": 1},
        ),
        ("commit late", _ORDER, _COMMIT, Reaction.GOES_ON, "", {"seconds": 0.02}),
        ("silent reopen", _ORDER, _CREATE, Reaction.SENDS_AGAIN),
        ("silent reopen", _DELIVERY, _DELIVER, Reaction.SENDS_AGAIN),
        ("silent reopen", _PAYMENT, _CLEAR, Reaction.SENDS_AGAIN),
        ("short dump", _ORDER, _CREATE, Reaction.TRIES_AGAIN),
        ("short dump", _PAYMENT, _CLEAR, Reaction.TRIES_AGAIN),
        ("short dump", _ORDER, _COMMIT, Reaction.SENDS_AGAIN),
        ("message a", _ORDER, _CREATE, Reaction.HOLDS, "FUNCTION_NOT_SUPPORTED"),
        ("field missing", _ORDER, _CREATE, Reaction.HOLDS, _UNCLEAR, {"field": "SALESDOCUMENT"}),
        ("field missing", _ORDER, _READ, Reaction.FINDS, "", {"field": "ORDER_HEADERS_OUT"}),
        (
            "field of another type",
            _ORDER,
            _CREATE,
            Reaction.HOLDS,
            _UNCLEAR,
            {"field": "SALESDOCUMENT"},
        ),
        (
            "field of another type",
            _ORDER,
            _READ,
            Reaction.FINDS,
            "",
            {"field": "ORDER_ITEMS_OUT-REQ_QTY"},
        ),
    )
    return tuple(_row(RFC, Transport.RFC, row) for row in rows)


def _odata() -> tuple[Behaviour, ...]:
    rows: tuple[tuple[Any, ...], ...] = (
        ("connection refused", _ORDER, "*", Reaction.WAITS),
        ("no free session", _ORDER, _POST_ORDER, Reaction.WAITS),
        ("logon failure", _ORDER, _POST_ORDER, Reaction.STOPS),
        ("password expired", _ORDER, _POST_ORDER, Reaction.STOPS),
        ("erp restarting", _ORDER, _POST_ORDER, Reaction.WAITS),
        ("connection lost before call", _ORDER, _POST_ORDER, Reaction.SENDS_AGAIN),
        ("connection lost before call", _ISSUE, _POST_ISSUE, Reaction.SENDS_AGAIN),
        ("connection lost after call", _ORDER, _POST_ORDER, Reaction.FINDS),
        ("connection lost after call", _DELIVERY, _POST_DELIVERY, Reaction.FINDS),
        ("connection lost after call", _ISSUE, _POST_ISSUE, Reaction.FINDS),
        ("client timeout with late commit", _ORDER, _POST_ORDER, Reaction.FINDS_LATER),
        ("client timeout with late commit", _ISSUE, _POST_ISSUE, Reaction.FINDS_LATER),
        ("commit late", _ORDER, _POST_ORDER, Reaction.GOES_ON, "", {"seconds": 0.02}),
        (
            "too many requests, seconds",
            _ORDER,
            _POST_ORDER,
            Reaction.TRIES_AGAIN,
            "",
            {"seconds": 300},
        ),
        (
            "too many requests, date",
            _DELIVERY,
            _POST_DELIVERY,
            Reaction.TRIES_AGAIN,
            "",
            {"seconds": 300},
        ),
        (
            "service unavailable, seconds",
            _ORDER,
            _POST_ORDER,
            Reaction.WAITS,
            "",
            {"seconds": 300},
        ),
        ("service unavailable, date", _ISSUE, _POST_ISSUE, Reaction.WAITS, "", {"seconds": 300}),
        ("csrf token expired", _ORDER, _POST_ORDER, Reaction.GOES_ON),
        ("csrf token expired", _ISSUE, _POST_ISSUE, Reaction.GOES_ON),
        ("precondition failed", _ISSUE, _POST_ISSUE, Reaction.TRIES_AGAIN),
        ("precondition required", _ISSUE, _POST_ISSUE, Reaction.TRIES_AGAIN),
        ("request id outdated", _ORDER, _POST_ORDER, Reaction.SENDS_AGAIN),
        ("html login page", _ORDER, _POST_ORDER, Reaction.STOPS),
        ("malformed json", _ORDER, _POST_ORDER, Reaction.FINDS),
        ("malformed json", _ISSUE, _POST_ISSUE, Reaction.FINDS),
        ("malformed json", _ORDER, "GET A_SalesOrder", Reaction.GOES_ON),
        ("truncated json", _ORDER, _POST_ORDER, Reaction.FINDS),
        ("truncated json", _DELIVERY, _POST_DELIVERY, Reaction.FINDS),
        ("truncated json", _ORDER, "GET A_SalesOrder", Reaction.GOES_ON),
        ("malformed xml", _ORDER, "$metadata", Reaction.GOES_ON),
        ("truncated xml", _ORDER, "$metadata", Reaction.GOES_ON),
        ("field missing", _ORDER, _POST_ORDER, Reaction.FINDS, "", {"field": "SalesOrder"}),
        (
            "field of another type",
            _ORDER,
            _POST_ORDER,
            Reaction.FINDS,
            "",
            {"field": "SalesOrder"},
        ),
    )
    return tuple(_row(HTTP, Transport.ODATA, row) for row in rows)


def _soap() -> tuple[Behaviour, ...]:
    rows: tuple[tuple[Any, ...], ...] = (
        # In this process nothing tells connecting and sending apart: it may have been sent.
        ("connection refused", _PAYMENT, _POST_ENTRY, Reaction.SENDS_AGAIN),
        ("no free session", _PAYMENT, _POST_ENTRY, Reaction.WAITS),
        ("logon failure", _PAYMENT, _POST_ENTRY, Reaction.STOPS),
        ("password expired", _PAYMENT, _POST_ENTRY, Reaction.STOPS),
        ("erp restarting", _PAYMENT, _POST_ENTRY, Reaction.WAITS),
        ("connection lost before call", _PAYMENT, _POST_ENTRY, Reaction.SENDS_AGAIN),
        ("connection lost after call", _PAYMENT, _POST_ENTRY, Reaction.FINDS),
        ("client timeout with late commit", _PAYMENT, _POST_ENTRY, Reaction.FINDS_LATER),
        ("commit late", _PAYMENT, _POST_ENTRY, Reaction.GOES_ON, "", {"seconds": 0.02}),
        (
            "too many requests, seconds",
            _PAYMENT,
            _POST_ENTRY,
            Reaction.TRIES_AGAIN,
            "",
            {"seconds": 300},
        ),
        (
            "too many requests, date",
            _PAYMENT,
            _POST_ENTRY,
            Reaction.TRIES_AGAIN,
            "",
            {"seconds": 300},
        ),
        (
            "service unavailable, seconds",
            _PAYMENT,
            _POST_ENTRY,
            Reaction.WAITS,
            "",
            {"seconds": 300},
        ),
        (
            "service unavailable, date",
            _PAYMENT,
            _POST_ENTRY,
            Reaction.WAITS,
            "",
            {"seconds": 300},
        ),
        ("html login page", _PAYMENT, _POST_ENTRY, Reaction.STOPS),
        ("malformed xml", _PAYMENT, _POST_ENTRY, Reaction.FINDS),
        ("truncated xml", _PAYMENT, _POST_ENTRY, Reaction.FINDS),
        (
            "field missing",
            _PAYMENT,
            _POST_ENTRY,
            Reaction.FINDS,
            "",
            {"field": "AccountingDocument"},
        ),
        (
            "field of another type",
            _PAYMENT,
            _POST_ENTRY,
            Reaction.FINDS,
            "",
            {"field": "AccountingDocument"},
        ),
    )
    return tuple(_row(HTTP, Transport.SOAP, row) for row in rows)


def _business() -> tuple[Behaviour, ...]:
    create, post = "create sales document", "post accounting document"
    refused = "ERP_REJECTED"
    everywhere: tuple[tuple[Any, ...], ...] = (
        ("return E", _ORDER, create, Reaction.HOLDS, refused, _ONE_PASSES),
        ("return A", _ORDER, create, Reaction.HOLDS, refused, _ONE_PASSES),
        ("warning", _ORDER, create, Reaction.GOES_ON, "", _ONE_PASSES),
        ("duplicate purchase order", _ORDER, create, Reaction.GOES_ON, "", _ONE_PASSES),
        ("document locked", _DELIVERY, "create deliveries", Reaction.TRIES_AGAIN),
        ("update terminated after commit", _ORDER, "commit", Reaction.SENDS_AGAIN),
        ("commit delayed until released", _ORDER, "commit", Reaction.FINDS_LATER),
        ("disk full", _ORDER, "commit", Reaction.SENDS_AGAIN),
    )
    # Over RFC a dump before the commit has lost its unit of work, for certain.
    by_rfc: tuple[tuple[Any, ...], ...] = (
        ("short dump", _ORDER, create, Reaction.TRIES_AGAIN, "", _ONE_PASSES),
        ("deadlock", _ORDER, create, Reaction.TRIES_AGAIN, "", _ONE_PASSES),
        ("return E", _DELIVERY, "create deliveries", Reaction.HOLDS, refused),
    )
    by_odata: tuple[tuple[Any, ...], ...] = (
        ("short dump", _ORDER, create, Reaction.SENDS_AGAIN, "", _ONE_PASSES),
        ("deadlock", _ORDER, create, Reaction.SENDS_AGAIN, "", _ONE_PASSES),
        ("document locked", _ISSUE, "confirm delivery", Reaction.TRIES_AGAIN),
    )
    by_soap: tuple[tuple[Any, ...], ...] = (
        ("return E", _PAYMENT, post, Reaction.HOLDS, refused),
        ("return A", _PAYMENT, post, Reaction.HOLDS, refused),
        ("warning", _PAYMENT, post, Reaction.GOES_ON),
        ("short dump", _PAYMENT, post, Reaction.SENDS_AGAIN),
        ("deadlock", _PAYMENT, post, Reaction.SENDS_AGAIN),
    )
    return (
        *(_row(ENGINE, Transport.RFC, row) for row in (*everywhere, *by_rfc)),
        *(_row(ENGINE, Transport.ODATA, row) for row in (*everywhere, *by_odata)),
        *(_row(ENGINE, Transport.SOAP, row) for row in by_soap),
    )


def _row(part: str, via: Transport, row: tuple[Any, ...]) -> Behaviour:
    fault, operation, on, reaction, reason, more = (*row, "", _EMPTY)[:6]
    return Behaviour(fault, part, via, operation, on, reaction, reason or "", more or _EMPTY)


BEHAVIOURS: Final = (*_rfc(), *_odata(), *_soap(), *_business())

#: (part, fault) -> what the connector does, for what strikes no single call.
STANDING: Final[Mapping[tuple[str, str], str]] = {
    (ENGINE, "credit block"): (
        "makes the order and waits: nothing is delivered until somebody releases it in the ERP"
    ),
    (ENGINE, "account determination"): (
        "makes the invoice and waits: nothing is paid until somebody posts it in the ERP"
    ),
    (ENGINE, "clock ahead"): "misses no change, and posts nothing before the company's day",
    (ENGINE, "clock behind"): (
        "misses no change, and bills on the company's day; over OData the ERP dates a goods issue"
    ),
    (ENGINE, "daylight saving begins"): "misses no change; leases and waits are as long as ever",
    (ENGINE, "daylight saving ends"): "misses no change; leases and waits are as long as ever",
    (STORE, "store locked"): (
        "says which file is locked and ends with exit code 3; the daemon tries again at its next "
        "run; nothing is lost and nothing is sent twice"
    ),
    (STORE, "store in use"): "says which process has it and ends with exit code 2",
    (STORE, "disk full"): (
        "says which disk and stops; before a write nothing is sent, after one the step is in doubt "
        "and is looked up at the next start"
    ),
    (ORDERS, "order twice in one batch"): "takes it once",
    (
        ORDERS,
        "order sent again",
    ): "takes it once; a copy changes nothing, not even after it is done",
    (ORDERS, "versions out of order"): "takes the newest; an older one that comes later is noted",
    (ORDERS, "order changed in flight"): (
        "finishes what is being written with the old version first, then looks at the new one"
    ),
    (ORDERS, "same reference from two channels"): (
        "refuses two channels with one prefix at the start; with prefixes both orders are made"
    ),
}
