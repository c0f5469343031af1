"""
What goes wrong on the line between a client and the simulated ERP, by name.

A fault waits for the function it was injected on and is then used up. What goes wrong inside the
ERP (errors in RETURN, locks, terminated updates) is injected into the engine instead.
"""

from __future__ import annotations

from enum import StrEnum

from connector.simulator.waiting_faults import InjectedFault, WaitingFaults

COMMIT = "BAPI_TRANSACTION_COMMIT"


class Fault(StrEnum):
    """The faults; the comment says what the client sees and what the ERP has done."""

    #: CommunicationError on connecting: nobody listens.
    CONNECTION_REFUSED = "connection refused"
    #: CommunicationError on connecting: no more conversations.
    NO_FREE_SESSION = "no free session"
    #: LogonError on connecting.
    LOGON_FAILURE = "logon failure"
    #: LogonError on connecting: the password must be changed in a dialog first.
    PASSWORD_EXPIRED = "password expired"  # noqa: S105 - the name of a fault
    #: All sessions end without commit; connecting is refused as often as the fault was injected.
    ERP_RESTARTING = "erp restarting"
    #: The connection drops; the function has not run.
    LOST_BEFORE_CALL = "connection lost before call"
    #: The function has run; its answer never arrives.
    LOST_AFTER_CALL = "connection lost after call"
    #: The answer arrives; the next call, e.g. the commit, finds the connection dropped.
    LOST_BEFORE_COMMIT = "connection lost between create and commit"
    #: The commit has been done; its answer never arrives.
    LOST_AFTER_COMMIT = "connection lost after commit"
    #: The answer arrives; later calls run in a new session: a commit commits nothing, and succeeds.
    SILENT_REOPEN = "silent reopen"
    #: The client gives up waiting (RFC_CANCELED); the commit is done later.
    CLIENT_TIMEOUT = "client timeout with late commit"
    #: The commit is held back and done later, whether or not the client is still there.
    COMMIT_LATE = "commit late"
    #: ABAPRuntimeError, code 3; the unit of work is lost.
    SHORT_DUMP = "short dump"
    #: ABAPRuntimeError, code 4; the unit of work is lost.
    MESSAGE_A = "message a"
    #: The function has run; a field of its answer is not there, as in another release.
    FIELD_MISSING = "field missing"
    #: The function has run; a field of its answer is of another type, as in another release.
    FIELD_OF_ANOTHER_TYPE = "field of another type"


#: When each fault strikes: on opening, before the call, instead of the answer, in it, after it.
MOMENTS = {
    Fault.CONNECTION_REFUSED: "open",
    Fault.NO_FREE_SESSION: "open",
    Fault.LOGON_FAILURE: "open",
    Fault.PASSWORD_EXPIRED: "open",
    Fault.ERP_RESTARTING: "open",
    Fault.LOST_BEFORE_CALL: "before",
    Fault.SHORT_DUMP: "before",
    Fault.MESSAGE_A: "before",
    Fault.CLIENT_TIMEOUT: "before",
    Fault.COMMIT_LATE: "before",
    Fault.LOST_AFTER_CALL: "after",
    Fault.LOST_AFTER_COMMIT: "after",
    Fault.FIELD_MISSING: "in the answer",
    Fault.FIELD_OF_ANOTHER_TYPE: "in the answer",
    Fault.LOST_BEFORE_COMMIT: "answered",
    Fault.SILENT_REOPEN: "answered",
}
#: Faults that mean the commit when no function is named.
_ON_COMMIT = {Fault.LOST_AFTER_COMMIT, Fault.CLIENT_TIMEOUT, Fault.COMMIT_LATE}


class ConnectionFaults(WaitingFaults[Fault]):
    """
    The faults of calls that wait, for all threads.

    The ``field`` that an answer lacks is a parameter, a field of any, or ``PARAMETER-FIELD``.
    """

    _called = "connection fault"

    def __init__(self) -> None:
        super().__init__(Fault)

    def inject(
        self,
        name: str,
        on: str = "",
        times: int = 1,
        skip: int = 0,
        seconds: float | None = None,
        *,
        field: str = "",
    ) -> None:
        """
        Let fault *name* happen on function *on* (empty: any, or the commit where that is meant).

        Raises:
            ValueError: the name is unknown; the text lists those that exist.
        """
        fault = self._named(name)
        on = on or (COMMIT if fault in _ON_COMMIT else "*")
        self._add(InjectedFault(fault, on, times, skip, seconds, field))

    def take(self, moment: str, function: str = "*") -> InjectedFault[Fault] | None:
        """Return the fault that strikes now, using one up, or None."""
        return self._take(lambda each: MOMENTS[each.fault] == moment and each.on in ("*", function))
