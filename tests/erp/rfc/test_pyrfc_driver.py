"""The real library: imported late, with every parameter a text, the password never shown."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
from pydantic import SecretStr

from connector.erp.rfc.pyrfc_driver import pyrfc_driver
from connector.errors import ConfigurationError

PARAMETERS = {"ashost": "erp.test", "sysnr": "00", "client": "100", "user": "CONNECTOR"}


class _Pyrfc(ModuleType):
    """Stands in for pyrfc where SAP's library cannot be had."""

    class RFCError(Exception):
        pass

    def __init__(self) -> None:
        super().__init__("pyrfc")
        self.opened: list[tuple[dict[str, Any], dict[str, str]]] = []

    def Connection(self, config: dict[str, Any], **params: str) -> object:
        self.opened.append((config, params))
        return object()


@pytest.fixture
def pyrfc(monkeypatch: pytest.MonkeyPatch) -> _Pyrfc:
    module = _Pyrfc()
    monkeypatch.setitem(sys.modules, "pyrfc", module)
    return module


def test_connections_are_opened_with_text_and_time_limit(pyrfc: _Pyrfc) -> None:
    driver = pyrfc_driver(PARAMETERS, SecretStr("geheim"), timeout_s=59.5)
    assert driver.error is _Pyrfc.RFCError
    driver.connect(lambda function: None)
    ((config, params),) = pyrfc.opened
    assert config == {"timeout": 60}
    assert params == {**PARAMETERS, "passwd": "geheim"}


def test_nothing_shows_the_password(pyrfc: _Pyrfc) -> None:
    driver = pyrfc_driver(PARAMETERS, SecretStr("geheim"))
    assert "geheim" not in repr(driver)
    assert pyrfc.opened == []


def test_a_parameter_that_is_no_text_is_refused_before_the_library_sees_it(pyrfc: _Pyrfc) -> None:
    wrong: Any = {**PARAMETERS, "client": 100}
    with pytest.raises(ConfigurationError, match=r"erp.rfc.client: 100 is no text. Put it in quo"):
        pyrfc_driver(wrong, SecretStr("x"))
    assert pyrfc.opened == []


def test_without_pyrfc_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyrfc", None)
    with pytest.raises(ConfigurationError) as caught:
        pyrfc_driver(PARAMETERS, SecretStr("x"))
    words = str(caught.value)
    assert "sd-connector[rfc]" in words
    assert "NetWeaver RFC SDK" in words
    assert "pyrfc is not installed" in words or "cannot be loaded" in words
