"""
What a failure of HTTP means for the connector.

Of an exception counts first how far the request had come:

nothing had left       -> ErpUnavailableError | ConfigurationError (address, TLS, proxy)
a read had left        -> TransientError
a write had left       -> OutcomeUnknownError, whatever the exception

Of an answer its status, where the protocol above has not read more from the body.
"""

from __future__ import annotations

import http.client
import re
import ssl
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import requests
import urllib3.exceptions

from connector.erp.hold_reasons import HoldReason
from connector.erp.http.exchange import Answer, Call
from connector.erp.http.retry_after import retry_after_s
from connector.erp.http.wire import Stage
from connector.errors import (
    ConfigurationError,
    ConnectorError,
    ErpUnavailableError,
    LogonRefusedError,
    NotAuthorizedError,
    OutcomeUnknownError,
    RejectedError,
    TransientError,
)

#: What the libraries raise; anything else is a defect of ours.
LIBRARY_ERRORS: Final = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    # A ValueError and nothing else, unlike its sisters.
    urllib3.exceptions.ProxySchemeUnsupported,
    http.client.HTTPException,
    OSError,
    UnicodeError,
)

#: Raised for an address, a header or a proxy that cannot be right; nothing has left.
SETTINGS_ERRORS: Final = frozenset(
    {
        "InvalidHeader",
        "InvalidProxyURL",
        "InvalidSchema",
        "InvalidURL",
        "LocationParseError",
        "LocationValueError",
        "MissingSchema",
        "ProxySchemeUnknown",
        "ProxySchemeUnsupported",
        "URLRequired",
        "URLSchemeUnknown",
        "UnicodeError",
    }
)
#: Judged by how far the request had come. A test compares both sets with the libraries.
BY_STAGE: Final = frozenset(
    {
        "BodyNotHttplibCompatible",
        "ChunkedEncodingError",
        "ClosedPoolError",
        "ConnectTimeout",
        "ConnectTimeoutError",
        "ConnectionError",
        "ContentDecodingError",
        "DecodeError",
        "EmptyPoolError",
        "FullPoolError",
        "HTTPError",
        "HTTPException",
        "HeaderParsingError",
        "HostChangedError",
        "IncompleteRead",
        "InvalidChunkLength",
        "InvalidJSONError",
        "JSONDecodeError",
        "MaxRetryError",
        "NameResolutionError",
        "NewConnectionError",
        "OSError",
        "PoolError",
        "ProtocolError",
        "ProxyError",
        "ReadTimeout",
        "ReadTimeoutError",
        "RequestError",
        "RequestException",
        "ResponseError",
        "ResponseNotChunked",
        "RetryError",
        "SSLError",
        "StreamConsumedError",
        "Timeout",
        "TimeoutError",
        "TimeoutStateError",
        "TooManyRedirects",
        "UnrewindableBodyError",
    }
)

_LOGON_HINT: Final = (
    "Correct the logon, or let an administrator unlock the user. Nothing is tried again by "
    "itself: every failed logon counts towards the user's lock"
)
_NOT_NOW: Final = {
    408: "the request came too slowly",
    425: "too early",
    429: "too many requests",
    503: "the service is unavailable",
}
_PASSWORD_FIELD: Final = re.compile(rb"<input[^>]+type\s*=\s*[\"']?password", re.IGNORECASE)


def translated(error: Exception, call: Call, stage: Stage) -> ConnectorError:
    """Return what *error* means when it ended *call* after *stage* was reached."""
    text = f"{call.action}: {describe(error)}"
    if stage >= Stage.SENDING:
        if call.writes:
            return OutcomeUnknownError(f"{text}; the request may have arrived")
        return TransientError(text)
    if {kind.__name__ for kind in type(error).__mro__} & SETTINGS_ERRORS:
        return ConfigurationError(call.action, describe(error), "Check the address in the settings")
    if any(isinstance(each, ssl.SSLCertVerificationError) for each in _causes(error)):
        return ConfigurationError(
            call.action,
            f"the ERP's certificate is not trusted: {describe(error)}",
            "Name the file with the authority's certificate in the settings, key ca_file",
        )
    return ErpUnavailableError(text)


def too_large(call: Call, limit: int) -> ConnectorError:
    """Return the error for an answer of more than *limit* bytes."""
    text = f"{call.action}: the answer is larger than {limit} bytes"
    if call.writes:
        return OutcomeUnknownError(text)
    return RejectedError(
        f"{text}. Raise max_answer_bytes if that is right", code=HoldReason.ERP_ANSWER_UNCLEAR.value
    )


def before_sending(error: Exception) -> bool:
    """Tell from *error* alone that no connection was made, for adapters that do not note it."""
    return any(
        isinstance(
            each,
            requests.ConnectTimeout
            | urllib3.exceptions.NewConnectionError
            | urllib3.exceptions.ConnectTimeoutError
            | ConnectionRefusedError,
        )
        for each in _causes(error)
    )


def describe(error: Exception) -> str:
    """Say what happened in a few words; addresses and values stay out."""
    kinds = [each for each in _causes(error) if not isinstance(each, requests.RequestException)]
    root = kinds[-1] if kinds else error
    if isinstance(root, OSError) and root.strerror:
        return f"{type(root).__name__}: {root.strerror}"
    if isinstance(root, http.client.RemoteDisconnected):
        return "the connection was closed without an answer"
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError):
        return "no answer in time"
    return type(root).__name__


def refusal_of(answer: Answer, call: Call, now: datetime) -> ConnectorError | None:
    """
    Return what the status of *answer* stands for, None for the success of a protocol's own form.

    A page in HTML in place of an answer is a logon form, or something between us and the ERP.
    """
    if answer.is_success:
        return _page(answer, call) if answer.media_type == "text/html" else None
    if answer.status == 401:
        return LogonRefusedError(
            "ERP logon", f"{call.action}: HTTP 401, the ERP refused the logon", _LOGON_HINT
        )
    if answer.status in _NOT_NOW or answer.status >= 500:
        return _failure(answer, call, now)
    return _unusable(answer, call)


def _failure(answer: Answer, call: Call, now: datetime) -> ConnectorError:
    text = f"{call.action}: HTTP {answer.status}"
    asked = retry_after_s(
        answer.headers.get("Retry-After", ""), now, answer.headers.get("Date", "")
    )
    if answer.status == 503:
        return ErpUnavailableError(f"{text}, {_NOT_NOW[503]}", (), asked)
    if answer.status in _NOT_NOW:
        return TransientError(f"{text}, {_NOT_NOW[answer.status]}", (), asked)
    if call.writes:
        return OutcomeUnknownError(f"{text}, the ERP failed and may have posted it")
    return TransientError(f"{text}, the ERP failed", (), asked)


def _unusable(answer: Answer, call: Call) -> ConfigurationError:
    problem, hint = f"the ERP refused the request (HTTP {answer.status})", ""
    if answer.status == 403:
        return not_authorized(call, "the user has no authorization (HTTP 403)")
    if answer.status == 404:
        problem = "there is nothing at this address (HTTP 404)"
        hint = "Is base_url right, and is the service active?"
    elif answer.status < 400:
        problem = f"the ERP redirects to {_target(answer)} (HTTP {answer.status})"
        hint = (
            "Set base_url to where the services really are; a redirect may also mean that the "
            "logon is not accepted there"
        )
    return ConfigurationError(call.action, problem, hint)


def not_authorized(call: Call, problem: str) -> NotAuthorizedError:
    """Return the refusal of a service that the user may not call, or that is not active."""
    service = call.action.partition(" ")[0]
    return NotAuthorizedError(
        call.action,
        problem,
        f"S_SERVICE for {service}",
        f"Give the connector's user the right for {call.action}, or activate the service",
    )


def _page(answer: Answer, call: Call) -> ConnectorError:
    if _PASSWORD_FIELD.search(answer.body):
        return LogonRefusedError(
            "ERP logon", f"{call.action}: a logon page came back in place of an answer", _LOGON_HINT
        )
    if call.writes:
        return OutcomeUnknownError(f"{call.action}: a page in HTML came back in place of an answer")
    return ConfigurationError(
        call.action,
        "a page in HTML came back in place of an answer",
        "Is base_url the ERP itself, and is there a proxy in between?",
    )


def _target(answer: Answer) -> str:
    """Name where to, without query: it may carry a ticket."""
    return answer.headers.get("Location", "").partition("?")[0] or "an unnamed place"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk from *error* to what it was raised for, by arguments as the libraries wrap them too."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [
            arg
            for arg in (*each.args, getattr(each, "reason", None))
            if isinstance(arg, BaseException)
        ]
        waiting += [each.__cause__, each.__context__]
