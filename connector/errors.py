"""
Every error the connector raises, grouped by what the daemon does next.

ConnectorError
|- TransientError          nothing was posted; the same call may work later -> retry
|  |- ErpUnavailableError  the ERP cannot be reached at all                 -> wait, count nothing
|  `- LockedError          another user holds the document
|- OutcomeUnknownError     the ERP may have posted it                        -> look, then act
|- RejectedError           the data is wrong and a person must decide        -> hold the order
|  `- MessageError         unreadable or incomplete message from outside
|- LeaseLostError          another worker took the step over                 -> stop, touch nothing
`- ConfigurationError      nothing will work until it is fixed               -> stop, exit code 2
   |- LogonRefusedError    user or password refused; each try counts towards the user's lock
   `- NotAuthorizedError   logged on, and without the right to do this
"""

from __future__ import annotations

from dataclasses import dataclass


class ConnectorError(Exception):
    """Root of all errors that the connector raises on purpose."""


@dataclass(frozen=True, slots=True)
class ErpMessage:
    """
    One message of the ERP, e.g. a RETURN row.

    ``type`` is S, I, W, E, A or X. ``message_class`` and ``number`` are empty for failures that
    carry none (logon, communication); ``key`` then holds the failure's own key.
    """

    type: str
    message_class: str
    number: str
    text: str
    key: str = ""
    item_number: int | None = None
    field: str = ""

    def __str__(self) -> str:
        label = f"{self.message_class} {self.number}".strip() or self.key
        return f"{self.text} ({self.type} {label})" if label else self.text


class TransientError(ConnectorError):
    """
    Nothing was posted, and the same call may succeed later.

    ``retry_after_s`` is how long the ERP asked to be left alone, in seconds; None when it did not.
    """

    def __init__(
        self,
        text: str,
        messages: tuple[ErpMessage, ...] = (),
        retry_after_s: float | None = None,
    ) -> None:
        self.messages, self.retry_after_s = messages, retry_after_s
        super().__init__(text)


class ErpUnavailableError(TransientError):
    """The ERP cannot be reached. Everybody waits; no order is to blame and no attempt counts."""


class LockedError(TransientError):
    """Another user holds the document; ``locked_by`` names them, empty when unknown."""

    def __init__(
        self, object_key: str, locked_by: str, messages: tuple[ErpMessage, ...] = ()
    ) -> None:
        self.object_key, self.locked_by = object_key, locked_by
        holder = locked_by or "another user"
        super().__init__(f"{object_key} is locked by {holder}", messages)


class OutcomeUnknownError(ConnectorError):
    """No answer came back after the ERP was told to post: it may or may not have done so."""

    def __init__(self, text: str, messages: tuple[ErpMessage, ...] = ()) -> None:
        self.messages = messages
        super().__init__(text)


class RejectedError(ConnectorError):
    """
    The ERP or a rule refused the document and a retry of the same would be refused again.

    ``code`` is the hold reason in capitals, e.g. ``ERP_REJECTED``; ``messages`` are the ERP's own
    words, empty when our own rule refused.
    """

    def __init__(
        self, text: str, messages: tuple[ErpMessage, ...] = (), code: str = "ERP_REJECTED"
    ) -> None:
        self.messages, self.code = messages, code
        super().__init__(text)


class MessageError(RejectedError):
    """
    A message from outside cannot be read.

    ``source`` names file and position (``orders.json, line 3``), ``expected`` says what should
    have been there.
    """

    def __init__(self, source: str, problem: str, expected: str) -> None:
        self.source, self.problem, self.expected = source, problem, expected
        super().__init__(f"{source}: {problem}; expected {expected}", code="UNREADABLE_MESSAGE")

    def __reduce__(self) -> tuple[type[MessageError], tuple[str, str, str]]:
        return type(self), (self.source, self.problem, self.expected)


class LeaseLostError(ConnectorError):
    """The step was taken over by another worker: stop without touching it."""


class ConfigurationError(ConnectorError):
    """
    Settings, profile, rules or a table are wrong; nothing will work until that is fixed.

    ``where`` is file and key (``config/connector.yaml: erp.driver``), ``hint`` says what to do.
    """

    def __init__(self, where: str, problem: str, hint: str = "") -> None:
        self.where, self.problem, self.hint = where, problem, hint
        super().__init__(f"{where}: {problem}" + (f". {hint}" if hint else ""))


class LogonRefusedError(ConfigurationError):
    """The ERP refused user or password. Not retried: each try counts towards the user's lock."""


class NotAuthorizedError(ConfigurationError):
    """
    The user is logged on and may not do this; somebody has to add it to the user's role.

    ``authorization`` names the missing one as an administrator knows it, with its fields
    (``S_TABU_NAM TABLE=VBAK ACTVT=03``); empty where the ERP does not say.
    """

    def __init__(self, where: str, problem: str, authorization: str, hint: str = "") -> None:
        self.authorization = authorization
        wanted = f"Add to the user's role: {authorization}" if authorization else ""
        super().__init__(where, problem, hint or wanted)
