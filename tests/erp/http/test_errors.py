"""Exceptions and statuses of HTTP become the connector's own errors."""

from __future__ import annotations

import builtins
import ssl
from datetime import UTC, datetime
from types import ModuleType

import pytest
import requests.exceptions
import urllib3.exceptions
from requests.structures import CaseInsensitiveDict

from connector.erp.http.errors import (
    BY_STAGE,
    LIBRARY_ERRORS,
    SETTINGS_ERRORS,
    describe,
    refusal_of,
    translated,
)
from connector.erp.http.exchange import Answer, Call
from connector.erp.http.wire import Stage
from connector.errors import (
    ConfigurationError,
    ConnectorError,
    ErpUnavailableError,
    LogonRefusedError,
    NotAuthorizedError,
    OutcomeUnknownError,
    TransientError,
)

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
READ = Call("GET", "/x", "read x")
WRITE = Call("POST", "/x", "write x", writes=True)
LOGON_PAGE = b"<html><form><INPUT name=\"sap-password\" type='password'></form></html>"


def errors_of(module: ModuleType) -> set[type[Exception]]:
    return {
        each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Exception) and not issubclass(each, Warning)
    }


@pytest.mark.parametrize("module", [requests.exceptions, urllib3.exceptions])
def test_every_exception_of_the_libraries_is_one_that_was_thought_about(
    module: ModuleType,
) -> None:
    """A new release of the library that raises something new fails here, not in production."""
    thought_about = SETTINGS_ERRORS | BY_STAGE | set(dir(builtins))
    raised = {
        each for each in errors_of(module) if each.__module__.split(".")[0] not in ("email", "json")
    }
    assert {each.__name__ for each in raised} - thought_about == set()
    assert [each for each in raised if not issubclass(each, LIBRARY_ERRORS)] == []


def test_nothing_is_listed_that_the_libraries_no_longer_have() -> None:
    there = {each.__name__ for each in errors_of(requests.exceptions)}
    there |= {each.__name__ for each in errors_of(urllib3.exceptions)}
    own = {"HTTPException", "OSError", "UnicodeError"}
    assert (SETTINGS_ERRORS | BY_STAGE) - there - own == set()


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize(
    "name", sorted(BY_STAGE & {e.__name__ for e in errors_of(requests.exceptions)})
)
def test_a_write_is_in_doubt_from_its_first_byte_on(stage: Stage, name: str) -> None:
    kind = getattr(requests.exceptions, name)
    error = kind("x", "y", 0) if name == "JSONDecodeError" else kind("x")
    expected = OutcomeUnknownError if stage >= Stage.SENDING else ErpUnavailableError
    assert type(translated(error, WRITE, stage)) is expected


def test_a_certificate_that_is_not_trusted_is_a_matter_of_the_settings() -> None:
    root = ssl.SSLCertVerificationError(1, "certificate verify failed: self-signed certificate")
    error = requests.exceptions.SSLError(urllib3.exceptions.SSLError(root))
    result = translated(error, READ, Stage.NOTHING)
    assert isinstance(result, ConfigurationError)
    assert "ca_file" in result.hint


def test_an_address_that_cannot_be_right_is_a_matter_of_the_settings() -> None:
    error = requests.exceptions.InvalidURL("label empty or too long")
    assert isinstance(translated(error, READ, Stage.NOTHING), ConfigurationError)


def test_what_is_told_of_an_error_holds_no_address() -> None:
    error = requests.ConnectionError("https://erp/orders?$filter=Name eq 'Miller'")
    assert "Miller" not in describe(error)


def answered(status: int, body: bytes = b"", **headers: str) -> Answer:
    fields = CaseInsensitiveDict({name.replace("_", "-"): v for name, v in headers.items()})
    return Answer(status, fields, body, "x")


@pytest.mark.parametrize(
    ("status", "for_read", "for_write"),
    [
        (301, ConfigurationError, ConfigurationError),
        (307, ConfigurationError, ConfigurationError),
        (400, ConfigurationError, ConfigurationError),
        (401, LogonRefusedError, LogonRefusedError),
        (403, NotAuthorizedError, NotAuthorizedError),
        (404, ConfigurationError, ConfigurationError),
        (407, ConfigurationError, ConfigurationError),
        (408, TransientError, TransientError),
        (429, TransientError, TransientError),
        (500, TransientError, OutcomeUnknownError),
        (502, TransientError, OutcomeUnknownError),
        (503, ErpUnavailableError, ErpUnavailableError),
        (504, TransientError, OutcomeUnknownError),
    ],
)
def test_a_status_means(
    status: int, for_read: type[ConnectorError], for_write: type[ConnectorError]
) -> None:
    assert type(refusal_of(answered(status), READ, NOW)) is for_read
    assert type(refusal_of(answered(status), WRITE, NOW)) is for_write


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("asked", ["90", "Sun, 22 Nov 2026 08:01:30 GMT"])
def test_the_time_that_the_erp_asks_for_goes_along(status: int, asked: str) -> None:
    error = refusal_of(answered(status, Retry_After=asked), WRITE, NOW)
    assert isinstance(error, TransientError)
    assert error.retry_after_s == 90


def test_a_logon_page_with_status_200_is_a_refused_logon() -> None:
    page = answered(200, LOGON_PAGE, Content_Type="text/html; charset=utf-8")
    for call in (READ, WRITE):
        assert isinstance(refusal_of(page, call, NOW), LogonRefusedError)


def test_any_other_page_is_no_answer_of_the_erp() -> None:
    page = answered(200, b"<html>It works!</html>", Content_Type="text/html")
    assert type(refusal_of(page, READ, NOW)) is ConfigurationError
    assert type(refusal_of(page, WRITE, NOW)) is OutcomeUnknownError


def test_a_redirect_is_told_without_the_ticket_in_it() -> None:
    error = refusal_of(answered(302, Location="https://idp/saml?SAMLRequest=abc"), READ, NOW)
    assert "https://idp/saml" in str(error)
    assert "abc" not in str(error)


def test_a_success_refuses_nothing() -> None:
    assert refusal_of(answered(204), WRITE, NOW) is None
