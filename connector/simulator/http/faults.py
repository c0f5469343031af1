"""
What goes wrong between a client and the simulated ERP over HTTP, by name.

A fault waits for the request it was injected on and is then used up. What goes wrong inside the ERP
is injected into the engine instead. The names are those of the RFC face where they mean the same.
"""

from __future__ import annotations

from enum import StrEnum

from connector.simulator.http.operations import matches
from connector.simulator.waiting_faults import InjectedFault, WaitingFaults


class HttpFault(StrEnum):
    """The faults; the comment says what the client sees and what the ERP has done."""

    #: Nobody listens: the connection is reset before a byte was read.
    CONNECTION_REFUSED = "connection refused"
    #: 503: no free work process.
    NO_FREE_SESSION = "no free session"
    #: 401: name or password is wrong.
    LOGON_FAILURE = "logon failure"
    #: 401 (or as set): the password has to be changed.
    PASSWORD_EXPIRED = "password expired"  # noqa: S105 - a name
    #: All sessions are gone, 503 while it starts.
    ERP_RESTARTING = "erp restarting"
    #: The connection drops; nothing was done.
    LOST_BEFORE_CALL = "connection lost before call"
    #: It is done; the answer never arrives.
    LOST_AFTER_CALL = "connection lost after call"
    #: The client waits in vain; it is done later (`seconds`, or when released).
    CLIENT_TIMEOUT = "client timeout with late commit"
    #: It is done late; the answer arrives then if somebody still waits.
    COMMIT_LATE = "commit late"
    #: 429 or 503 with Retry-After, in seconds or as a date; nothing was done.
    TOO_MANY_SECONDS = "too many requests, seconds"
    TOO_MANY_DATE = "too many requests, date"
    UNAVAILABLE_SECONDS = "service unavailable, seconds"
    UNAVAILABLE_DATE = "service unavailable, date"
    #: 403 with X-CSRF-Token: Required; the token is no longer good.
    CSRF_EXPIRED = "csrf token expired"
    #: 412, 428, and 400 /IWBEP/CM_COS/005; nothing was done now.
    PRECONDITION_FAILED = "precondition failed"
    PRECONDITION_REQUIRED = "precondition required"
    REQUEST_ID_OUTDATED = "request id outdated"
    #: 200 with a logon page; nothing was done.
    LOGIN_PAGE = "html login page"
    #: It is done; what is answered cannot be read, or not as expected.
    MALFORMED_JSON = "malformed json"
    TRUNCATED_JSON = "truncated json"
    MALFORMED_XML = "malformed xml"
    TRUNCATED_XML = "truncated xml"
    FIELD_MISSING = "field missing"
    FIELD_OF_ANOTHER_TYPE = "field of another type"


#: Faults after the work was done; all others strike before it.
AFTER = frozenset(
    {
        HttpFault.LOST_AFTER_CALL,
        HttpFault.MALFORMED_JSON,
        HttpFault.TRUNCATED_JSON,
        HttpFault.MALFORMED_XML,
        HttpFault.TRUNCATED_XML,
        HttpFault.FIELD_MISSING,
        HttpFault.FIELD_OF_ANOTHER_TYPE,
    }
)
#: Faults that answer a single operation, so inside a batch they strike there.
OF_OPERATIONS = frozenset(
    {
        HttpFault.PRECONDITION_FAILED,
        HttpFault.PRECONDITION_REQUIRED,
        HttpFault.REQUEST_ID_OUTDATED,
    }
)
#: Faults that only a write can meet: reads pass them by.
OF_WRITES = OF_OPERATIONS | {HttpFault.CSRF_EXPIRED}
#: Faults of the logon: they strike before anything else is looked at.
AT_LOGON = frozenset(
    {
        HttpFault.CONNECTION_REFUSED,
        HttpFault.NO_FREE_SESSION,
        HttpFault.LOGON_FAILURE,
        HttpFault.PASSWORD_EXPIRED,
        HttpFault.ERP_RESTARTING,
    }
)


class HttpFaults(WaitingFaults[HttpFault]):
    """The faults of requests that wait, for all threads."""

    _called = "HTTP fault"

    def __init__(self) -> None:
        super().__init__(HttpFault)

    def inject(
        self,
        name: str,
        on: str = "*",
        times: int = 1,
        skip: int = 0,
        *,
        seconds: float | None = None,
        field: str = "",
    ) -> None:
        """
        Let fault *name* happen on requests that *on* means (see `operations`).

        Raises:
            ValueError: the name is unknown; the text lists those that exist.
        """
        self._add(InjectedFault(self._named(name), on or "*", times, skip, seconds, field))

    def take(
        self, among: frozenset[HttpFault], names: tuple[str, ...]
    ) -> InjectedFault[HttpFault] | None:
        """Return the fault of *among* that strikes a request of these names, using one up."""
        return self._take(lambda each: each.fault in among and matches(each.on, names))
