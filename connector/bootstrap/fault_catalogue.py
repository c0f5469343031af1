"""
Every fault by name: when it strikes, what the client sees, and what the ERP has done by then.

Each part of the simulated ERP has its own: what goes wrong in the business (`engine`), on the line
of RFC (`rfc`), and over HTTP (`http`). Some names are in several. What goes wrong beside the ERP,
in the connector's `store` and in the `orders` that arrive, is listed with how to bring it about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from connector.simulator.engine.faults import CLOCK_FAULTS, OPERATIONS
from connector.simulator.rfc.faults import COMMIT

ENGINE: Final = "engine"
RFC: Final = "rfc"
HTTP: Final = "http"
STORE: Final = "store"
ORDERS: Final = "orders"
#: The parts that faults can be injected into.
PARTS: Final = (ENGINE, RFC, HTTP)

#: What the faults of each part can be injected on, in words, and examples of it.
CALLS: Final[Mapping[str, str]] = {
    ENGINE: "an operation of the business",
    RFC: "a function module",
    HTTP: "an entity set, service, function import or SOAP operation, with or without its method",
    STORE: "nothing: it is brought about",
    ORDERS: "nothing: they are sent",
}
_EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    ENGINE: OPERATIONS,
    RFC: ("*", COMMIT, "BAPI_SALESORDER_CREATEFROMDAT2", "RFC_READ_TABLE"),
    HTTP: ("*", "POST A_SalesOrder", "API_SALES_ORDER_SRV", "PostGoodsIssue", "POST /sap/opu/*"),
    STORE: (),
    ORDERS: (),
}

_LOGON = "at the logon"
_BEFORE = "before the call"
_INSTEAD = "instead of the answer"
_IN_ANSWER = "in the answer"
_AFTER = "after the answer"
_INSIDE = "in the call"
_AT_ONCE = "at once"

#: part -> rows of (name, moment, what the client sees, what the ERP has done).
_ROWS: Final[Mapping[str, tuple[tuple[str, str, str, str], ...]]] = {
    ENGINE: (
        ("return E", _INSIDE, "a message of type E in RETURN, body or log", "nothing"),
        ("return A", _INSIDE, "a message of type A (over OData and SOAP E)", "nothing"),
        ("warning", _INSIDE, "success, with a message of type W beside it", "all of it"),
        ("duplicate purchase order", _INSIDE, "success, with a notice (V4 115)", "all of it"),
        ("document locked", _INSIDE, "a message that another user has it (--by)", "nothing"),
        ("credit block", _INSIDE, "success; credit status B", "all of it, blocked for delivery"),
        ("account determination", _INSIDE, "success", "billed, and not posted to FI"),
        ("short dump", _INSIDE, "a runtime error (OData 500, SOAP fault)", "nothing: rolled back"),
        ("deadlock", _INSIDE, "a runtime error of the database", "nothing: rolled back"),
        (
            "update terminated after commit",
            "in the commit",
            "a number, then S& 101, or nothing at all without WAIT",
            "nothing; the numbers are lost",
        ),
        (
            "commit delayed until released",
            "in the commit",
            "success, and a document that cannot be read",
            "all of it, later",
        ),
        (
            "disk full",
            "in the commit",
            "a runtime error of the database",
            "nothing; the numbers are lost",
        ),
        ("clock ahead", _AT_ONCE, "stamps that are an hour late (--seconds)", "all of it"),
        ("clock behind", _AT_ONCE, "stamps that are an hour early (--seconds)", "all of it"),
        (
            "daylight saving begins",
            _AT_ONCE,
            "half an hour later there is an hour less (--seconds)",
            "all of it",
        ),
        (
            "daylight saving ends",
            _AT_ONCE,
            "half an hour later an hour comes twice (--seconds)",
            "all of it",
        ),
    ),
    RFC: (
        ("connection refused", _LOGON, "CommunicationError: nobody listens", "nothing"),
        ("no free session", _LOGON, "CommunicationError: no more conversations", "nothing"),
        ("logon failure", _LOGON, "LogonError: name or password is wrong", "nothing"),
        ("password expired", _LOGON, "LogonError: it must be changed in a dialog", "nothing"),
        (
            "erp restarting",
            "at once and at the logon",
            "CommunicationError, as often as injected",
            "ended all sessions without commit",
        ),
        ("connection lost before call", _BEFORE, "CommunicationError", "nothing"),
        ("connection lost after call", _INSTEAD, "CommunicationError", "run it; not committed"),
        (
            "connection lost between create and commit",
            _AFTER,
            "an answer; then CommunicationError",
            "ended the session without commit",
        ),
        (
            "silent reopen",
            _AFTER,
            "an answer; then a commit that succeeds",
            "nothing: the commit ran in another session",
        ),
        ("connection lost after commit", _INSTEAD, "CommunicationError", "committed"),
        ("client timeout with late commit", _BEFORE, "RFC_CANCELED", "all of it, later"),
        ("commit late", _BEFORE, "a late answer", "all of it, late"),
        ("short dump", _BEFORE, "ABAPRuntimeError (code 3)", "nothing: the unit of work is lost"),
        ("message a", _BEFORE, "ABAPRuntimeError (code 4)", "nothing: the unit of work is lost"),
        ("field missing", _IN_ANSWER, "an answer without a field (--field)", "all of it"),
        (
            "field of another type",
            _IN_ANSWER,
            "a number for text, text for a number (--field)",
            "all of it",
        ),
    ),
    HTTP: (
        ("connection refused", _LOGON, "the connection is reset", "nothing"),
        ("no free session", _LOGON, "503, all work processes are occupied", "nothing"),
        ("logon failure", _LOGON, "401", "nothing"),
        ("password expired", _LOGON, "401 (or as set), and a text", "nothing"),
        (
            "erp restarting",
            "at once and at the logon",
            "503, as often as injected",
            "ended all sessions",
        ),
        ("connection lost before call", _BEFORE, "a dropped connection", "nothing"),
        ("connection lost after call", _INSTEAD, "a dropped connection", "all of it"),
        ("client timeout with late commit", _BEFORE, "no answer", "all of it, later"),
        ("commit late", _BEFORE, "a late answer", "all of it, late"),
        ("too many requests, seconds", _BEFORE, "429, Retry-After: seconds", "nothing"),
        ("too many requests, date", _BEFORE, "429, Retry-After: a date", "nothing"),
        ("service unavailable, seconds", _BEFORE, "503, Retry-After: seconds", "nothing"),
        ("service unavailable, date", _BEFORE, "503, Retry-After: a date", "nothing"),
        ("csrf token expired", _BEFORE, "403, X-CSRF-Token: Required", "ended the token"),
        ("precondition failed", _BEFORE, "412", "nothing"),
        ("precondition required", _BEFORE, "428", "nothing"),
        ("request id outdated", _BEFORE, "400, /IWBEP/CM_COS/005", "nothing now, maybe before"),
        ("html login page", _BEFORE, "200 with a form that asks for a password", "nothing"),
        ("malformed json", _IN_ANSWER, "JSON that cannot be read", "all of it"),
        ("truncated json", _IN_ANSWER, "half of the JSON", "all of it"),
        ("malformed xml", _IN_ANSWER, "XML that cannot be read", "all of it"),
        ("truncated xml", _IN_ANSWER, "half of the XML", "all of it"),
        ("field missing", _IN_ANSWER, "an answer without a field (--field)", "all of it"),
        ("field of another type", _IN_ANSWER, "a field that holds no value (--field)", "all of it"),
    ),
    STORE: (
        (
            "store locked",
            "at any write",
            "another program holds a transaction open (`sqlite3 FILE 'BEGIN EXCLUSIVE'`)",
            "-",
        ),
        ("store in use", "at the start", "a second connector on the same store", "-"),
        (
            "disk full",
            "at any write",
            "a full disk: put the store on a small one (`mount -t tmpfs -o size=2m`)",
            "-",
        ),
    ),
    ORDERS: (
        ("order twice in one batch", "at the intake", "the same order twice in a file", "-"),
        ("order sent again", "at the intake", "the same file once more", "-"),
        ("versions out of order", "at the intake", "an older version after a newer one", "-"),
        ("order changed in flight", "at the intake", "a new version while it is written", "-"),
        (
            "same reference from two channels",
            "at the intake",
            "one number from two shops",
            "-",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class FaultEntry:
    """
    A fault of one part: when it strikes, what is seen, and what the ERP has done by then.

    ``calls`` says what it can be injected on, with ``examples``; those that strike at the logon are
    for any call over RFC. ``can_be_injected`` is off for what happens beside the ERP.
    """

    name: str
    part: str
    moment: str
    client_sees: str
    erp_has_done: str
    calls: str
    examples: tuple[str, ...]

    @property
    def can_be_injected(self) -> bool:
        """Whether the simulated ERP can be told to do it."""
        return self.part in PARTS


@cache
def fault_catalogue() -> tuple[FaultEntry, ...]:
    """Return every fault of every part."""
    return tuple(
        FaultEntry(name, part, moment, sees, done, *_struck(name, part))
        for part, rows in _ROWS.items()
        for name, moment, sees, done in rows
    )


def _struck(name: str, part: str) -> tuple[str, tuple[str, ...]]:
    """Return on what a fault can be injected, and examples of it."""
    if name in CLOCK_FAULTS:
        return "nothing: it begins at once", ()
    return CALLS[part], _EXAMPLES[part]


def names_in(part: str) -> tuple[str, ...]:
    """Return the names of the faults of *part*."""
    return tuple(entry.name for entry in fault_catalogue() if entry.part == part)
