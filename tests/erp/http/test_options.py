"""Options that cannot be right are refused before anything is sent."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from connector.erp.http.options import HttpOptions

LOGON = {"kind": "basic", "user": "CONNECTOR", "password": "s3cret"}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"base_url": "erp.example.com"}, "expected an address"),
        ({"base_url": "ftp://erp.example.com"}, "expected an address"),
        ({"base_url": "https://u:p@erp.example.com"}, "without user and password"),
        ({"base_url": "https://erp.example.com/sap/opu"}, "scheme, host and port only"),
        ({"base_url": "https://erp.example.com:99999"}, "expected an address"),
        ({"base_url": "http://erp.example.com"}, "in the clear"),
        ({"base_url": "https://erp", "client": "1"}, "String should match"),
        ({"base_url": "https://erp", "read_tries": 9}, "less than or equal to 3"),
        ({"base_url": "https://erp", "timeout": 9}, "Extra inputs"),
        (
            {
                "base_url": "https://erp",
                "logon": {
                    "kind": "oauth",
                    "token_url": "http://login.example.com/token",
                    "client_id": "c",
                    "client_secret": "s",
                },
            },
            "in the clear",
        ),
    ],
)
def test_what_cannot_be_right_is_refused(given: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        HttpOptions.model_validate({"logon": LOGON} | given)


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:80"])
def test_this_machine_may_be_spoken_to_in_the_clear(url: str) -> None:
    assert HttpOptions.model_validate({"base_url": url, "logon": LOGON}).base_url == url


def test_another_host_may_when_somebody_says_so() -> None:
    options = {"base_url": "http://erp:8000/", "logon": LOGON, "allow_plain_http": True}
    assert HttpOptions.model_validate(options).base_url == "http://erp:8000"


def test_no_secret_shows_when_options_are_printed() -> None:
    shown = repr(HttpOptions.model_validate({"base_url": "https://erp", "logon": LOGON}))
    assert "s3cret" not in shown
