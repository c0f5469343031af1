"""
One call of a web service, and what each way of failing means.

message does not fit the WSDL            -> ConfigurationError: nothing was sent
nothing left (connection, logon, fence)  -> as the HTTP session or the observer says
fault that blames the sender             -> RejectedError: the ERP has not begun
any other fault, no answer, another page -> OutcomeUnknownError
answer that cannot be read               -> OutcomeUnknownError
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import zeep.exceptions

from connector.clock import Clock
from connector.erp.hold_reasons import HoldReason
from connector.erp.http.errors import refusal_of
from connector.erp.http.exchange import Answer, Call
from connector.erp.http.session import HttpSession
from connector.erp.soap.wsdl import ServiceDescription
from connector.errors import (
    ConfigurationError,
    ConnectorError,
    ErpMessage,
    OutcomeUnknownError,
    RejectedError,
)
from connector.ports.erp import Point, SubmissionObserver

_XML: Final = frozenset({"text/xml", "application/soap+xml", "application/xml"})
#: Statuses whose body may be a fault: SOAP 1.2 blames the sender with 400.
_FAULTS: Final = frozenset({400, 500})
#: Local names of fault codes that say that the message itself is wrong.
_SENDER: Final = frozenset({"Client", "Sender", "DataEncodingUnknown"})
_SETTINGS: Final = frozenset({"VersionMismatch", "MustUnderstand"})
_FAULT_TEXT: Final = 300
#: How zeep names an element that the schema does not have.
_UNKNOWN_ELEMENT: Final = re.compile(r"unexpected keyword argument '(\w+)'")


@dataclass(slots=True)
class _Reply:
    """An answer as the SOAP library wants to see it."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    encoding: str | None = None


@dataclass(slots=True)
class _Sending:
    """Sends one message, once, after the fence was checked."""

    session: HttpSession
    observer: SubmissionObserver
    clock: Clock
    path: str
    action: str
    #: The observer was asked; it let the message go.
    asked: bool = field(default=False, init=False)
    checked: bool = field(default=False, init=False)

    def __call__(self, content: bytes, headers: Mapping[str, str]) -> _Reply:
        call = Call("POST", self.path, self.action, headers, content, writes=True)
        answer = self.session.exchange(call, self._sent, self._ready)
        self.observer.passed(Point.COMMIT_ANSWERED)
        error = self._unusable(answer, call)
        if error is not None:
            raise noted(error, self.observer)
        return _Reply(answer.status, answer.headers, answer.body)

    def _ready(self) -> None:
        if self.checked:
            return
        self.observer.passed(Point.CONNECTION_OPEN)
        self.asked = True
        self.observer.before_commit()
        self.checked = True
        self.observer.passed(Point.AFTER_FENCE_CHECK)

    def _sent(self) -> None:
        self.observer.passed(Point.COMMIT_SENT)

    def _unusable(self, answer: Answer, call: Call) -> ConnectorError | None:
        is_xml = answer.media_type in _XML
        if is_xml and (answer.status == 200 or answer.status in _FAULTS):
            return None
        refusal = refusal_of(answer, call, self.clock.now())
        if refusal is not None:
            return refusal
        kind = answer.media_type or "nothing that says what it is"
        return OutcomeUnknownError(
            f"{self.action}: HTTP {answer.status} with {kind} came back in place of an answer"
        )


@dataclass(frozen=True, slots=True)
class WebService:
    """A service that posts and commits with one message. It sends nothing twice."""

    description: ServiceDescription
    path: str
    clock: Clock

    def post(
        self, values: Mapping[str, Any], session: HttpSession, observer: SubmissionObserver
    ) -> Any:
        """
        Send *values* over *session* and return the answer.

        Raises:
            ErpUnavailableError, LogonRefusedError, TransientError, LeaseLostError,
            ConfigurationError, RejectedError: nothing was posted.
            OutcomeUnknownError: raised only after ``observer.before_commit`` was passed.
        """
        action = self.description.operation
        sending = _Sending(session, observer, self.clock, self.path, action)
        try:
            return self.description.call(values, sending)
        except ConnectorError:
            raise
        except zeep.exceptions.Fault as fault:
            raise noted(_fault(fault, action), observer) from fault
        except Exception as error:
            # The library raises whatever Python does on values and answers that it did not expect,
            # and all that comes once the message may have left is an unknown outcome.
            if sending.asked and not sending.checked:
                # Not ours: the observer could not make its progress durable.
                raise
            if not sending.checked:
                raise _does_not_fit(self.description, error) from error
            raise OutcomeUnknownError(
                f"{action}: the answer cannot be read ({_words(error)})"
            ) from error


def noted(error: ConnectorError, observer: SubmissionObserver) -> ConnectorError:
    """Return *error*; *observer* is told where it is the ERP's own word that nothing was posted."""
    if not isinstance(error, OutcomeUnknownError):
        observer.passed(Point.COMMIT_REFUSED)
    return error


def _fault(fault: zeep.exceptions.Fault, action: str) -> ConnectorError:
    code = str(fault.code or "").rpartition(":")[2].partition(".")[0]
    text = " ".join(str(fault.message or "without a text").split())[:_FAULT_TEXT]
    message = ErpMessage("E", "", "", text, key=f"SOAP {code or 'fault'}")
    if code in _SENDER:
        return RejectedError(
            f"{action}: the message was refused: {text}",
            (message,),
            HoldReason.VALUE_DOES_NOT_FIT.value,
        )
    if code in _SETTINGS:
        return ConfigurationError(
            action, f"{code}: {text}", "The key soap_version chooses between 1.1 and 1.2"
        )
    return OutcomeUnknownError(f"{action}: fault {code}: {text}", (message,))


def _does_not_fit(description: ServiceDescription, error: Exception) -> ConfigurationError:
    return ConfigurationError(
        str(description.path),
        f"does not take what is sent: {_words(error)}",
        "Is it the WSDL of that service in a release that the connector knows?",
    )


def _words(error: Exception) -> str:
    """Name the error; texts of answers may quote names and amounts and stay out."""
    if isinstance(error, zeep.exceptions.ValidationError):
        return str(error)
    unknown = _UNKNOWN_ELEMENT.search(str(error)) if isinstance(error, TypeError) else None
    return f"it has no element {unknown[1]}" if unknown else type(error).__name__
