"""What an exception of the RFC library means, before and after a commit may have left."""

from __future__ import annotations

import pytest

from connector.erp.messages import shipped_table
from connector.erp.rfc.errors import TRANSLATED, outcome_unknown, translated
from connector.errors import (
    ConfigurationError,
    ConnectorError,
    ErpUnavailableError,
    LockedError,
    LogonRefusedError,
    NotAuthorizedError,
    OutcomeUnknownError,
    RejectedError,
    TransientError,
)
from connector.simulator.rfc import exceptions as library
from connector.simulator.rfc.exceptions import (
    ABAPApplicationError,
    ABAPRuntimeError,
    CommunicationError,
    ExternalApplicationError,
    ExternalAuthorizationError,
    ExternalRuntimeError,
    LogonError,
    RFCError,
    RFCLibError,
    RFCTypeError,
)

#: The exception classes of pyrfc 3.3.1.
PYRFC = {
    "RFCError",
    "RFCLibError",
    "RFCTypeError",
    "ABAPApplicationError",
    "ABAPRuntimeError",
    "LogonError",
    "CommunicationError",
    "ExternalRuntimeError",
    "ExternalApplicationError",
    "ExternalAuthorizationError",
}

CASES: list[tuple[Exception, type[ConnectorError]]] = [
    (LogonError("Name or password is incorrect (repeat logon)"), LogonRefusedError),
    (library.connection_refused("erp"), ErpUnavailableError),
    (library.connection_lost(), ErpUnavailableError),
    (CommunicationError("max no of 100 conversations exceeded", 1), TransientError),
    (library.function_not_found("Z_NONE"), ConfigurationError),
    (library.classic_exception("TABLE_NOT_AVAILABLE", "SV", "E", "029"), ConfigurationError),
    (library.classic_exception("DATA_BUFFER_EXCEEDED"), ConfigurationError),
    (library.classic_exception("NOT_AUTHORIZED"), NotAuthorizedError),
    (library.classic_exception("NO_SUCH_DOCUMENT", "ZZ", "E", "001"), RejectedError),
    (library.classic_exception("SOMETHING"), RejectedError),
    (library.short_dump("COMPUTE_INT_ZERODIVIDE", "Division by 0"), TransientError),
    (library.short_dump("CALL_FUNCTION_NOT_REMOTE", "refused"), ConfigurationError),
    (ABAPRuntimeError("no authority", 4, "RFC_NO_AUTHORITY"), NotAuthorizedError),
    (library.message_raised("A", "SR", "006", "Function not supported"), RejectedError),
    (library.message_raised("E", "V1", "042", "locked", "4711"), LockedError),
    (library.message_raised("X", "00", "341", "MESSAGE_TYPE_X"), TransientError),
    (library.field_not_found("ORDR_HEADER_IN"), ConfigurationError),
    (library.too_long("x" * 11, "VBELN", 10), RejectedError),
    (library.not_convertible(256), RejectedError),
    (library.cancelled(), TransientError),
    (ExternalRuntimeError("handle", 13, "RFC_INVALID_HANDLE"), ErpUnavailableError),
    (ExternalAuthorizationError("no", 29, "RFC_AUTHORIZATION_FAILURE"), NotAuthorizedError),
    (ExternalApplicationError("server", 15, "RFC_EXTERNAL_FAILURE"), TransientError),
    (RFCTypeError("type"), RejectedError),
    (RFCError("invocation rejected because the connection is closed"), ErpUnavailableError),
    (RFCError("Connection configuration option 'x' is not supported"), ConfigurationError),
    (TypeError("a decimal value required, received", 1, "of type", int, "NETWR"), RejectedError),
    (OverflowError("value too large to convert to RFC_INT"), RejectedError),
]


@pytest.mark.parametrize(("error", "expected"), CASES, ids=lambda x: getattr(x, "__name__", str(x)))
def test_a_failure_before_the_commit_says_what_happens_next(
    error: Exception, expected: type[ConnectorError]
) -> None:
    meaning = translated(error, "BAPI_X", shipped_table())
    assert type(meaning) is expected
    assert not isinstance(meaning, OutcomeUnknownError)


@pytest.mark.parametrize("error", [error for error, _ in CASES], ids=str)
def test_after_the_commit_every_failure_is_an_unknown_outcome(error: Exception) -> None:
    assert isinstance(outcome_unknown(error, "BAPI_X"), OutcomeUnknownError)


def test_every_class_of_pyrfc_is_translated() -> None:
    """A new version of the library with another class fails here until that is decided."""
    assert TRANSLATED == PYRFC


def test_the_simulated_library_has_no_class_of_its_own() -> None:
    known = {
        name
        for name, value in vars(library).items()
        if isinstance(value, type) and issubclass(value, RFCError)
    }
    assert known <= PYRFC


def test_a_class_made_from_a_known_one_is_translated_like_it() -> None:
    class NewKindOfDump(ABAPRuntimeError):
        pass

    error = NewKindOfDump("Division by 0", 3, "COMPUTE_INT_ZERODIVIDE")
    assert type(translated(error, "BAPI_X", shipped_table())) is TransientError


def test_a_missing_authorization_names_the_function() -> None:
    error = ABAPRuntimeError("No RFC authorization", 4, "RFC_NO_AUTHORITY")
    meaning = translated(error, "BAPI_SALESORDER_SIMULATE", shipped_table())
    assert isinstance(meaning, NotAuthorizedError)
    assert meaning.authorization == "S_RFC RFC_TYPE=FUNC RFC_NAME=BAPI_SALESORDER_SIMULATE ACTVT=16"
    assert f"Add to the user's role: {meaning.authorization}" in str(meaning)


def test_a_missing_authorization_names_the_table() -> None:
    error = library.classic_exception("NOT_AUTHORIZED")
    meaning = translated(error, "RFC_READ_TABLE VBAK", shipped_table())
    assert isinstance(meaning, NotAuthorizedError)
    assert meaning.authorization == "S_TABU_NAM TABLE=VBAK ACTVT=03"


def test_a_refused_logon_says_that_nothing_is_tried_again() -> None:
    meaning = translated(LogonError("User is locked"), "ERP logon", shipped_table())
    assert "counts towards the user's lock" in str(meaning)


def test_a_refused_value_names_the_field_and_not_the_value() -> None:
    """The value may be a name or an address, and errors are logged."""
    by_type = TypeError("an string is required, received", "Erika", "of type", str, "NAME", "ROWS")
    by_length = library.too_long("Erika Mustermann", "NAME", 10)
    for error in (by_type, by_length):
        meaning = translated(error, "BAPI_X", shipped_table())
        assert isinstance(meaning, RejectedError)
        words = str(meaning) + "".join(m.text for m in meaning.messages)
        assert "NAME" in words
        assert "Erika" not in words


def test_the_librarys_message_is_kept_with_class_number_and_key() -> None:
    error = library.classic_exception("NO_ITEM", "ZZ", "E", "007", "4711")
    meaning = translated(error, "BAPI_X", shipped_table())
    assert isinstance(meaning, RejectedError)
    (message,) = meaning.messages
    assert (message.message_class, message.number, message.key) == ("ZZ", "007", "NO_ITEM")


def test_a_failure_without_message_keeps_its_key() -> None:
    meaning = translated(RFCLibError("odd", 28, "RFC_UNKNOWN_ERROR"), "BAPI_X", shipped_table())
    assert isinstance(meaning, TransientError)
    assert meaning.messages[0].key == "RFC_UNKNOWN_ERROR"


def test_an_abap_exception_with_a_retriable_message_is_tried_again() -> None:
    error = ABAPApplicationError("locked", 5, "FOREIGN_LOCK", "VL", "E", "046", "80001", "LI")
    meaning = translated(error, "BAPI_X", shipped_table())
    assert isinstance(meaning, LockedError)
    assert meaning.locked_by == "LI"
