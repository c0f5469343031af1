"""
The exceptions of pyrfc 3.3.1, with its names, its tree and its attributes.

RFCError                            the Python side: unknown option, closed connection
`- RFCLibError                      carries code, key and the ABAP message
   |- ABAPApplicationError          a function raised a classic exception (code 5); the LUW lives on
   |- ABAPRuntimeError              short dump (3) or MESSAGE that left the function (4); LUW lost
   |- LogonError                    user or password refused (2)
   |- CommunicationError            connection refused or lost (1); LUW lost
   |- ExternalRuntimeError          the library itself: unknown field, value too long
   |- ExternalApplicationError
   |- ExternalAuthorizationError
   `- RFCTypeError

A caller that works with these works with the real ones: `connector/erp/rfc` tells them apart by
class name and code alone.
"""

from __future__ import annotations


class RFCError(Exception):
    """Root of the tree; ``args[0]`` is the text."""


class RFCLibError(RFCError):
    """
    An error with a return code.

    ``code`` is the library's return code, ``key`` its name or the name of the ABAP exception;
    ``msg_class`` to ``msg_v4`` are empty strings where the failure carries no ABAP message.
    """

    def __init__(  # noqa: PLR0917 - the order is pyrfc's
        self,
        message: str = "",
        code: int | None = None,
        key: str | None = None,
        msg_class: str = "",
        msg_type: str = "",
        msg_number: str = "",
        msg_v1: str = "",
        msg_v2: str = "",
        msg_v3: str = "",
        msg_v4: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.key = key
        self.msg_class = msg_class
        self.msg_type = msg_type
        self.msg_number = msg_number
        self.msg_v1 = msg_v1
        self.msg_v2 = msg_v2
        self.msg_v3 = msg_v3
        self.msg_v4 = msg_v4

    def __str__(self) -> str:
        variables = f"{self.msg_v1};{self.msg_v2};{self.msg_v3};{self.msg_v4}"
        return (
            f"{self.code} (rc={self.code}): key={self.key}, message={self.message} "
            f"[MSG: class={self.msg_class}, type={self.msg_type}, number={self.msg_number}, "
            f"v1-4:={variables}]"
        )


class ABAPApplicationError(RFCLibError):
    """A function left with one of its declared exceptions; ``key`` names it."""


class ABAPRuntimeError(RFCLibError):
    """Short dump (code 3, ``key`` names it) or MESSAGE A, E, X that left the function (code 4)."""


class LogonError(RFCLibError):
    """The ERP refused user or password."""

    def __init__(
        self, message: str = "", code: int | None = 2, key: str | None = "RFC_LOGON_FAILURE"
    ) -> None:
        super().__init__(message, code, key)


class CommunicationError(RFCLibError):
    """The connection could not be made, or broke: a call under way may have run."""


class ExternalRuntimeError(RFCLibError):
    """The RFC library refused: unknown field, value too long, invalid handle, cancelled call."""


class ExternalApplicationError(RFCLibError):
    """An error that an external server program raised."""


class ExternalAuthorizationError(RFCLibError):
    """An external server program refused for lack of authorization."""


class RFCTypeError(RFCLibError):
    """A value of a type that cannot be converted; part of pyrfc's tree, not raised on filling."""


#: Failures after which pyrfc opens a new session by itself, in the midst of the failing call.
REOPENING_CODES = frozenset({1, 3, 4, 15})
REOPENING_CLASSES = (ABAPRuntimeError, LogonError, CommunicationError, ExternalRuntimeError)

_BY_NAME: dict[str, type[RFCLibError]] = {
    c.__name__: c
    for c in (
        ABAPApplicationError,
        ABAPRuntimeError,
        CommunicationError,
        ExternalRuntimeError,
        ExternalApplicationError,
        ExternalAuthorizationError,
        RFCTypeError,
    )
}
_ATTRIBUTES = (
    *("message", "code", "key", "msg_class", "msg_type", "msg_number"),
    *("msg_v1", "msg_v2", "msg_v3", "msg_v4"),
)


def to_plain(error: RFCLibError) -> dict[str, object]:
    """Turn *error* into a JSON object for the wire; `from_plain` turns it back."""
    plain: dict[str, object] = {name: getattr(error, name) for name in _ATTRIBUTES}
    plain["class"] = type(error).__name__
    return plain


def from_plain(plain: dict[str, object]) -> RFCLibError:
    """Rebuild an error that `to_plain` flattened; an unknown class becomes RFCLibError."""
    name = str(plain["class"])
    error: RFCLibError
    if name == LogonError.__name__:
        error = LogonError(str(plain["message"]))
    else:
        error = _BY_NAME.get(name, RFCLibError)(str(plain["message"]))
    for attribute in _ATTRIBUTES:
        setattr(error, attribute, plain[attribute])
    return error


def field_not_found(name: object) -> ExternalRuntimeError:
    """A parameter or field that the dictionary does not know."""
    return ExternalRuntimeError(f"field '{name}' not found", 20, "RFC_INVALID_PARAMETER")


def no_authority(function: str) -> ABAPRuntimeError:
    """The user may log on and not call *function* (S_RFC)."""
    text = f"No RFC authorization for function module {function}."
    return ABAPRuntimeError(text, 3, "RFC_NO_AUTHORITY")


def function_not_found(name: str) -> ABAPApplicationError:
    """A function that the system does not know; names are case-sensitive."""
    text = f"ID:FL Type:E Number:046 {name}"
    return ABAPApplicationError(text, 5, "FU_NOT_FOUND", "FL", "E", "046", name)


def too_long(value: str, name: str, length: int) -> ExternalRuntimeError:
    """A CHAR or NUMC value that does not fit its field."""
    text = f'String "{value}" is too long for field {name} ({length} characters)'
    return ExternalRuntimeError(text, 23, "RFC_BUFFER_TOO_SMALL")


def not_convertible(value: object) -> ExternalRuntimeError:
    """A number outside the range of its field."""
    return ExternalRuntimeError(
        f"Cannot convert {value}: out of range", 22, "RFC_CONVERSION_FAILURE"
    )


def connection_lost() -> CommunicationError:
    """The line dropped while the library waited for the answer."""
    return CommunicationError(
        "connection closed without message (CM_NO_DATA_RECEIVED)", 1, "RFC_COMMUNICATION_FAILURE"
    )


def connection_refused(host: str) -> CommunicationError:
    """Nobody listens at the gateway."""
    return CommunicationError(
        f"partner '{host}' not reached (WSAECONNREFUSED: Connection refused)",
        1,
        "RFC_COMMUNICATION_FAILURE",
    )


def cancelled() -> ExternalRuntimeError:
    """The caller's own time limit ran out and it gave the call up; the ERP does not know."""
    return ExternalRuntimeError("Connection was canceled", 7, "RFC_CANCELED")


def short_dump(key: str, text: str) -> ABAPRuntimeError:
    """A short dump: *key* is the name of the runtime error, e.g. ``COMPUTE_INT_ZERODIVIDE``."""
    return ABAPRuntimeError(text, 3, key)


def message_raised(
    msg_type: str, msg_class: str, msg_number: str, text: str, v1: str = ""
) -> ABAPRuntimeError:
    """A MESSAGE of type A, E or X that left the function: the text stands in ``key`` as well."""
    return ABAPRuntimeError(text, 4, text, msg_class, msg_type, msg_number, v1)


def classic_exception(
    key: str, msg_class: str = "", msg_type: str = "", msg_number: str = "000", v1: str = ""
) -> ABAPApplicationError:
    """A declared exception *key* of a function; without a message the number stays 000."""
    if msg_class:
        text = f"ID:{msg_class} Type:{msg_type} Number:{msg_number} {v1}".rstrip()
    else:
        text = f" Number:{msg_number}"
    return ABAPApplicationError(text, 5, key, msg_class, msg_type, msg_number, v1)
