"""The transports over HTTP, as the settings describe them: OData and SOAP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import SecretStr

from connector.bootstrap.simulator_handle import SimulatorHandle, logon_of
from connector.clock import Clock
from connector.erp.http.options import (
    BasicLogon,
    CertificateLogon,
    HttpOptions,
    Logon,
    OAuthLogon,
)
from connector.erp.http.pool import HttpPool
from connector.erp.http.session import AdapterFactory
from connector.erp.odata.erp import ODataErp
from connector.erp.odata.options import ODataOptions
from connector.erp.recording.tap import Tap
from connector.erp.routes import TransportParts, parts_of
from connector.erp.soap.options import SoapOptions, WrapperOptions
from connector.erp.soap.transport import soap_transport
from connector.errors import ConfigurationError
from connector.ports.capabilities import Transport
from connector.ports.erp import Payments, SalesDocuments
from connector.settings import HttpSettings, Settings, checked_options


def odata_options(settings: Settings) -> ODataOptions:
    """
    Return how OData works on this ERP.

    Raises:
        ConfigurationError: an option is wrong.
    """
    options = checked_options(
        settings, "erp.odata.options", ODataOptions, time_zone=settings.time_zone
    )
    codes = options.company_codes or settings.reconciliation.company_codes
    placed = _placed(settings, options.messages)
    return options.model_copy(update={"company_codes": codes, "messages": placed})


def soap_options(settings: Settings) -> SoapOptions:
    """
    Return how SOAP works on this ERP; its files start from the folder of the settings.

    Raises:
        ConfigurationError: an option is wrong.
    """
    options = checked_options(settings, "erp.soap.options", SoapOptions)
    wrappers: dict[Any, WrapperOptions] = {
        name: wrapper.model_copy(update={"wsdl": _placed(settings, wrapper.wsdl)})
        for name, wrapper in options.wrappers.items()
    }
    return options.model_copy(
        update={
            "wsdl": _placed(settings, options.wsdl),
            "messages": _placed(settings, options.messages),
            "wrappers": wrappers,
        }
    )


def http_options(
    settings: Settings, section: str, simulator: SimulatorHandle | None
) -> HttpOptions:
    """
    Return how the ERP is reached by *section*, `erp.odata` or `erp.soap`.

    Raises:
        ConfigurationError: an option is wrong.
    """
    of_section: HttpSettings = settings.erp.odata
    if section == "erp.soap":
        of_section = settings.erp.soap.reached_like(settings.erp.odata)
    fixed: dict[str, Any] = {"language": of_section.language}
    if section == "erp.soap" and not settings.erp.soap.url:
        own = settings.erp.soap.http
        fixed |= {name: value for name, value in settings.erp.odata.http.items() if name not in own}
    if simulator is not None:
        url, _ = simulator.http(settings)
        fixed |= {"base_url": url, "logon": _simulated_logon(settings), "allow_plain_http": True}
    else:
        fixed |= {
            "base_url": of_section.url,
            "logon": _logon(of_section),
            "client": of_section.client,
            "ca_file": of_section.ca_file,
        }
    options = checked_options(settings, f"{section}.http", HttpOptions, **fixed)
    changes: dict[str, Any] = {}
    if "read_timeout_s" not in options.model_fields_set:
        changes["read_timeout_s"] = settings.erp.timeout_s
    return options.model_copy(update=changes)


def check_http(settings: Settings) -> None:
    """
    Make sure that what the settings say of a real ERP over HTTP can be used.

    Raises:
        ConfigurationError: an address or an option is wrong.
    """
    if settings.erp.driver == "simulator":
        return
    if settings.erp.uses(Transport.ODATA):
        http_options(settings, "erp.odata", None)
        odata_options(settings)
    if settings.erp.uses(Transport.SOAP):
        http_options(settings, "erp.soap", None)
        soap_options(settings)


def odata_parts(
    settings: Settings, clock: Clock, simulator: SimulatorHandle | None, tap: Tap | None = None
) -> TransportParts:
    """
    Return OData as the settings describe it; nothing is sent yet.

    Raises:
        ConfigurationError: an option is wrong, or a file that it names cannot be read.
    """
    http, adapter = _reached(settings, "erp.odata", simulator, tap)
    pool = HttpPool(http, clock, adapter)
    return parts_of(ODataErp(pool, odata_options(settings), clock))


def soap_parts(
    settings: Settings,
    clock: Clock,
    simulator: SimulatorHandle | None,
    tap: Tap | None = None,
    *,
    payments: Payments | None,
    sales_documents: SalesDocuments | None,
) -> TransportParts:
    """
    Return SOAP as the settings describe it; nothing is sent yet.

    It posts and cannot look: *payments* finds what it posted, *sales_documents* reads what it
    created.

    Raises:
        ConfigurationError: an option is wrong, a file cannot be read, or nothing finds payments.
    """
    if payments is None:
        raise ConfigurationError(
            f"{settings.file.path}: erp.routes",
            "soap cannot find the payments that it has posted, and nothing else reads them",
            "Route open_items or document_flow over odata or rfc",
        )
    http, adapter = _reached(settings, "erp.soap", simulator, tap)
    transport = soap_transport(
        http,
        soap_options(settings),
        clock,
        payments.find,
        others=sales_documents,
        adapter=adapter,
    )
    return TransportParts(
        ping=transport.ping,
        close=transport.close,
        sales_documents=transport.sales_documents,
        payments=transport.payments,
        probe=transport.probe,
    )


def _reached(
    settings: Settings, section: str, simulator: SimulatorHandle | None, tap: Tap | None
) -> tuple[HttpOptions, AdapterFactory | None]:
    """Return how the ERP is reached by *section*, recorded or replayed where there is a *tap*."""

    def own() -> tuple[HttpOptions, AdapterFactory | None]:
        adapter = simulator.http(settings)[1] if simulator is not None else None
        return http_options(settings, section, simulator), adapter

    return tap.http(own) if tap is not None else own()


def _placed(settings: Settings, path: Path | None) -> Path | None:
    """Relative files of options start from the folder of the settings."""
    return None if path is None else settings.file.path.parent / path


def _simulated_logon(settings: Settings) -> Logon:
    _, parameters = logon_of(settings)
    return BasicLogon(user=parameters["user"], password=SecretStr(parameters["passwd"]))


def _logon(section: HttpSettings) -> Logon:
    """Return the way to log on that the section says; the settings have made sure of one."""
    if section.oauth2 is not None:
        secret = section.oauth2.secret()
        assert secret is not None
        return OAuthLogon(
            token_url=section.oauth2.token_url,
            client_id=section.oauth2.client_id,
            client_secret=secret,
            scope=section.oauth2.scope,
        )
    if section.client_certificate is not None:
        return CertificateLogon(certificate=section.client_certificate, key=section.client_key)
    secret = section.secret()
    assert secret is not None
    return BasicLogon(user=section.user, password=secret)
