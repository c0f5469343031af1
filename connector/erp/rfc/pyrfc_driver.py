"""The driver for SAP's own RFC library, through pyrfc: the optional extra ``rfc``."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from pydantic import SecretStr

from connector.erp.rfc.driver import OnSent, RfcConnection, RfcDriver
from connector.errors import ConfigurationError

if TYPE_CHECKING:
    from types import ModuleType


def pyrfc_driver(
    parameters: Mapping[str, str], password: SecretStr, timeout_s: float | None = None
) -> RfcDriver:
    """
    Return a driver that opens connections with pyrfc.

    Args:
        parameters: logon parameters of the RFC library (ashost, sysnr, client, user, lang ..).
        password: added as ``passwd``; it is never logged.
        timeout_s: longest wait for an answer, rounded up to whole seconds; None waits for ever.

    Raises:
        ConfigurationError: pyrfc or SAP's library is not installed, or a parameter is no text.
    """
    pyrfc = _pyrfc()
    for name, value in parameters.items():
        # The library frees uninitialised memory over a parameter that is not a str.
        if not isinstance(value, str):
            raise ConfigurationError(f"erp.rfc.{name}", f"{value!r} is no text", "Put it in quotes")
    config: dict[str, Any] = {}
    if timeout_s is not None:
        config["timeout"] = -int(-timeout_s // 1)

    def connect(on_sent: OnSent) -> RfcConnection:
        del on_sent  # pyrfc does not tell when a call has left
        secret = password.get_secret_value()
        return cast(RfcConnection, pyrfc.Connection(config=config, **parameters, passwd=secret))

    return RfcDriver(connect, pyrfc.RFCError)


def _pyrfc() -> ModuleType:
    try:
        return import_module("pyrfc")
    except ImportError as error:
        # pyrfc itself is there when it is something below it that cannot be loaded.
        found = error.name != "pyrfc"
        problem = (
            f"SAP's RFC library cannot be loaded ({error})" if found else "pyrfc is not installed"
        )
        raise ConfigurationError(
            "erp.rfc",
            problem,
            "Install SAP NetWeaver RFC SDK 7.50 from SAP's support portal, set SAPNWRFC_HOME to "
            "its folder, and then install the extra: pip install 'sd-connector[rfc]'",
        ) from error
