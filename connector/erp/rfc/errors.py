"""
What an exception of the RFC library means for the connector.

The library's exceptions are told apart by class name, code and key, so that any library with
pyrfc's interface will do:

RFCError                      closed connection, unknown option -> unavailable | configuration
`- RFCLibError
   |- LogonError              user or password refused          -> logon refused
   |- CommunicationError      connection refused or lost        -> unavailable
   |- ABAPApplicationError    classic exception of a function   -> configuration | rejected
   |- ABAPRuntimeError        short dump, MESSAGE A, E or X     -> transient | rejected
   |- ExternalRuntimeError    the library refused or gave up    -> by its code
   |- ExternalApplicationError, ExternalAuthorizationError      -> transient | configuration
   `- RFCTypeError            a value of the wrong type         -> rejected

All of this holds while nothing can have been posted. Once a commit may have left, every failure
is an OutcomeUnknownError, whatever its class.
"""

from __future__ import annotations

import re
from typing import Final

from connector.erp.hold_reasons import HoldReason
from connector.erp.messages import MessageTable, ReturnRow
from connector.errors import (
    ConfigurationError,
    ConnectorError,
    ErpMessage,
    ErpUnavailableError,
    LogonRefusedError,
    NotAuthorizedError,
    OutcomeUnknownError,
    RejectedError,
    TransientError,
)

#: Python's own exceptions that the library raises when a value does not fit its field.
VALUE_ERRORS: Final = (TypeError, ValueError, OverflowError)

#: Classes of pyrfc's tree that `translated` tells apart; a test compares them with the tree.
TRANSLATED: Final = frozenset(
    {
        "RFCError",
        "RFCLibError",
        "LogonError",
        "CommunicationError",
        "ABAPApplicationError",
        "ABAPRuntimeError",
        "ExternalRuntimeError",
        "ExternalApplicationError",
        "ExternalAuthorizationError",
        "RFCTypeError",
    }
)

_LOGON_HINT: Final = (
    "Correct user and password, or let an administrator unlock the user. Nothing is tried again "
    "by itself: every failed logon counts towards the user's lock"
)
#: Classic exceptions and failures that stay until somebody changes the system or the settings.
_CONFIGURATION_KEYS: Final = {
    "FU_NOT_FOUND": "the ERP has no function of that name",
    "TABLE_NOT_AVAILABLE": "the ERP has no such table",
    "TABLE_WITHOUT_DATA": "the table holds no data of its own",
    "FIELD_NOT_VALID": "a field is not in the table: is erp.transport.release right?",
    "OPTION_NOT_VALID": "the ERP refused the selection",
    "DATA_BUFFER_EXCEEDED": "the fields are wider than one row may be",
    "NOT_AUTHORIZED": "the user may not read the table",
    "CALL_FUNCTION_NOT_REMOTE": "the function cannot be called from outside",
    "RFC_NO_AUTHORITY": "the user has no authorization for the function",
    "RFC_AUTHORIZATION_FAILURE": "the user has no authorization for the function",
    "RFC_INVALID_PARAMETER": "the function has no such parameter or field",
}
_AUTHORIZATION_KEYS: Final = frozenset(
    {"NOT_AUTHORIZED", "RFC_NO_AUTHORITY", "RFC_AUTHORIZATION_FAILURE"}
)
_QUOTED: Final = re.compile('"[^"]*"')
#: Refusals of a value by the library, before anything is sent.
_VALUE_KEYS: Final = frozenset(
    {"RFC_BUFFER_TOO_SMALL", "RFC_CONVERSION_FAILURE", "RFC_CODEPAGE_CONVERSION_FAILURE"}
)
#: The library's codes for a session that is gone.
_GONE_KEYS: Final = frozenset({"RFC_INVALID_HANDLE", "RFC_CLOSED", "RFC_COMMUNICATION_FAILURE"})


def outcome_unknown(error: Exception, action: str) -> OutcomeUnknownError:
    """Return what *error* means once the commit may have left."""
    return OutcomeUnknownError(
        f"{action}: no certain answer after the commit ({describe(error)})", (_message(error),)
    )


def translated(error: Exception, action: str, table: MessageTable) -> ConnectorError:
    """
    Return what *error* means while nothing can have been posted.

    *action* names the function module, with the table for a table read.
    """
    kind = _class_of(error)
    if isinstance(error, VALUE_ERRORS) or kind == "RFCTypeError":
        return _value_refused(error, action)
    if kind == "LogonError":
        return LogonRefusedError("ERP logon", describe(error), _LOGON_HINT)
    if kind == "CommunicationError":
        return _not_reached(error, action)
    if kind in ("ABAPApplicationError", "ABAPRuntimeError"):
        return _from_abap(error, action, table)
    if kind == "ExternalAuthorizationError":
        return _configuration("RFC_AUTHORIZATION_FAILURE", action, error)
    return _from_library(error, action)


def _from_library(error: Exception, action: str) -> ConnectorError:
    key, message = _text(error, "key"), _message(error)
    if key in _CONFIGURATION_KEYS:
        return _configuration(key, action, error)
    if key in _VALUE_KEYS:
        return _value_refused(error, action)
    if key in _GONE_KEYS or "connection is closed" in str(error):
        return ErpUnavailableError(f"{action}: {describe(error)}", (message,))
    if not key:
        return ConfigurationError(action, describe(error), "Check the settings of the RFC library")
    return TransientError(f"{action}: {describe(error)}", (message,))


def describe(error: Exception) -> str:
    """Return the library's own words with its key, on one line and without values of fields."""
    if isinstance(error, VALUE_ERRORS):
        return _value_text(error)
    text, key = _text(error, "message") or str(error), _text(error, "key")
    if key in _VALUE_KEYS:
        text = _QUOTED.sub("text", text)
    return f"{key}: {text}" if key and key not in text else text


def _class_of(error: Exception) -> str:
    """Return the nearest class of pyrfc's tree, so that a subclass is translated like it."""
    for each in type(error).__mro__:
        if each.__name__ in TRANSLATED:
            return each.__name__
    return ""


def _not_reached(error: Exception, action: str) -> TransientError:
    text = describe(error)
    if "max no of" in text or "CPIC_MAX_CONV" in text:
        # Our own sessions are used up; the ERP itself is there.
        return TransientError(f"{action}: no free session ({text})", (_message(error),))
    return ErpUnavailableError(f"{action}: {text}", (_message(error),))


def _from_abap(error: Exception, action: str, table: MessageTable) -> ConnectorError:
    key, message = _text(error, "key"), _message(error)
    if key in _CONFIGURATION_KEYS:
        return _configuration(key, action, error)
    if message.message_class and message.type:
        row = ReturnRow(message, _text(error, "msg_v1"), _text(error, "msg_v2"))
        if message.type == "X":
            return TransientError(f"{action}: {describe(error)}", (message,))
        return table.refusal((row,), action) or TransientError(f"{action}: {message}", (message,))
    if _class_of(error) == "ABAPRuntimeError":
        # A short dump loses its unit of work: what was not committed does not exist.
        return TransientError(f"{action}: {describe(error)}", (message,))
    return RejectedError(f"{action}: {describe(error)}", (message,))


def _configuration(key: str, action: str, error: Exception) -> ConfigurationError:
    problem = f"{_CONFIGURATION_KEYS[key]} ({describe(error)})"
    if key in _AUTHORIZATION_KEYS:
        return NotAuthorizedError(action, problem, _missing(key, action))
    return ConfigurationError(action, problem, "An administrator of the ERP can help")


def _missing(key: str, action: str) -> str:
    """Return the authorization object that is checked, with the values that it needs."""
    function, _, table = action.partition(" ")
    if key == "NOT_AUTHORIZED":
        return f"S_TABU_NAM TABLE={table or 'the table'} ACTVT=03"
    return f"S_RFC RFC_TYPE=FUNC RFC_NAME={function} ACTVT=16"


def _value_refused(error: Exception, action: str) -> RejectedError:
    return RejectedError(
        f"{action}: a value does not fit its field: {describe(error)}",
        (_message(error),),
        HoldReason.VALUE_DOES_NOT_FIT.value,
    )


def _value_text(error: Exception) -> str:
    """Say which field refused; the value itself may be a name or an address and stays out."""
    words = [str(each) for each in error.args if isinstance(each, str)]
    if not words:
        return type(error).__name__
    # pyrfc's arguments: problem, value, "of type", type, then the path from the field outwards.
    fields = words[words.index("of type") + 1 :] if "of type" in words else words[1:]
    problem = words[0].removesuffix(", received")
    return f"{problem} ({' of '.join(fields)})" if fields else problem


def _message(error: Exception) -> ErpMessage:
    return ErpMessage(
        type=_text(error, "msg_type"),
        message_class=_text(error, "msg_class"),
        number=_text(error, "msg_number"),
        text=describe(error),
        key=_text(error, "key") or type(error).__name__,
    )


def _text(error: Exception, attribute: str) -> str:
    value = getattr(error, attribute, "")
    return str(value).strip() if value else ""
