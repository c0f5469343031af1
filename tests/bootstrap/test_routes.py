"""Routes and plans that cannot work together are refused before anything starts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from connector.bootstrap.application import Application
from connector.bootstrap.http_transports import http_options, odata_options, soap_options
from connector.bootstrap.routes import capability_rows
from connector.clock import SystemClock
from connector.erp.http.options import CertificateLogon, OAuthLogon
from connector.errors import ConfigurationError
from connector.ports.capabilities import Access, ErpOperation, Transport
from connector.resources import shipped
from connector.settings import Settings, load_settings

Configure = Callable[..., Settings]


@pytest.fixture
def configure(tmp_path: Path) -> Configure:
    """Return settings with a shop, its *plan*, and the section *erp*."""

    def _configure(plan: str = "standard", **sections: Any) -> Settings:
        (tmp_path / "secret").write_text("hush\n")
        config = shipped("config")
        content = {
            "plans": str(config / "plans"),
            "channels": {
                "shopify": {
                    "path": "inbox",
                    "profile": str(config / "channels/shopify.yaml"),
                    "rules": str(config / "mappings/shopify.yaml"),
                    "plan": plan,
                }
            },
            **sections,
        }
        file = tmp_path / "connector.yaml"
        file.write_text(yaml.safe_dump(content), "utf-8")
        return load_settings(file)

    return _configure


def start(settings: Settings) -> Application:
    return Application(settings, SystemClock())


@pytest.mark.parametrize("profile", ["ecc", "s4", "s4-mixed"])
def test_the_shipped_profiles_start_with_the_standard_plan(
    configure: Configure, profile: str
) -> None:
    with start(configure(erp={"profile": profile})) as application:
        assert application.routes[ErpOperation.SALES_ORDER] in Transport


@pytest.mark.parametrize("profile", ["ecc", "s4-mixed"])
def test_everything_can_be_created_where_rfc_is_there(configure: Configure, profile: str) -> None:
    with start(configure("presales", erp={"profile": profile})) as application:
        assert application.plans["presales"].billing.is_created


def test_a_plan_that_creates_what_its_route_only_reads_is_refused(configure: Configure) -> None:
    with pytest.raises(ConfigurationError) as raised:
        start(configure("presales", erp={"profile": "s4"}))

    text = str(raised.value)
    assert "presales.yaml: inquiry" in text
    assert "channel shopify would create it over odata, its route, which is impossible" in text
    assert "Write `inquiry: {by: absent}`, or route inquiry over rfc (erp.routes)" in text


def test_billing_over_odata_names_observe_as_the_other_way(configure: Configure) -> None:
    routes = {"inquiry": "rfc"}

    with pytest.raises(ConfigurationError) as raised:
        start(configure("presales", erp={"profile": "s4", "routes": routes}))

    text = str(raised.value)
    assert "presales.yaml: billing" in text
    assert "Write `billing: {by: observe}`, so that the ERP's own job creates it" in text
    assert "route billing over rfc" in text


def test_a_plan_that_nobody_uses_is_no_obstacle(configure: Configure) -> None:
    with start(configure(erp={"profile": "s4"})) as application:
        assert application.plans["presales"].billing.is_created


def test_a_payment_without_route_is_refused_where_the_plan_posts_it(configure: Configure) -> None:
    with pytest.raises(ConfigurationError, match=r"payment.*without a route.*rfc.*soap"):
        start(configure(erp={"profile": "s4", "routes": {"payment": "none"}}))


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ({"payment": "odata"}, r"payment: odata is impossible.*possible: rfc, soap"),
        ({"open_items": "soap"}, r"open_items: soap is impossible.*possible: rfc, odata"),
        ({"debit_memo_request": "odata"}, r"debit_memo_request: .*possible: rfc"),
        ({"billing_pdf": "rfc"}, r"billing_pdf: rfc is impossible.*possible: odata"),
    ],
)
def test_an_impossible_route_is_refused_whatever_the_plan(
    configure: Configure, routes: dict[str, str], expected: str
) -> None:
    with pytest.raises(ConfigurationError, match=expected):
        start(configure(erp={"routes": routes}))


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ({"document_flow": "none"}, r"document_flow: orders need it.*rfc, odata"),
        ({"simulation": "none"}, r"simulation: .*turn off sync.simulate_before_create"),
    ],
)
def test_what_every_order_needs_has_a_route(
    configure: Configure, routes: dict[str, str], expected: str
) -> None:
    with pytest.raises(ConfigurationError, match=expected):
        start(configure(erp={"routes": routes}))


def test_orders_that_are_not_priced_before_need_no_simulation(configure: Configure) -> None:
    settings = configure(
        erp={"routes": {"simulation": "none"}}, sync={"simulate_before_create": False}
    )

    with start(settings) as application:
        assert ErpOperation.SIMULATION not in application.routes


def test_soap_creates_what_a_function_of_the_customers_own_is_there_for(
    configure: Configure,
) -> None:
    def access(**options: Any) -> dict[ErpOperation, Access]:
        rows = capability_rows(configure(erp={"soap": {"options": options}}))
        return {row.operation: row.transports[Transport.SOAP].access for row in rows}

    quotation = {"quotation": {"function": "Z_QUOTE", "wsdl": "quote.wsdl"}}

    assert access()[ErpOperation.SALES_ORDER] is Access.CREATE
    assert access(wrappers=quotation)[ErpOperation.QUOTATION] is Access.CREATE
    assert access(wrappers=quotation)[ErpOperation.SALES_ORDER] is Access.NONE


def test_soap_that_posts_payments_needs_somebody_who_finds_them(configure: Configure) -> None:
    settings = configure(erp={"profile": "s4", "routes": {"open_items": "none"}})

    with start(settings) as application:
        found = application.erp.payments.find("SHOP-1", "1000", "C-100")

    assert found == ()


def real(**section: Any) -> dict[str, Any]:
    logon = {"url": "https://s4.example:44300", "client": "100", **section}
    return {"driver": "sap", "profile": "s4", "odata": logon}


def test_a_real_erp_is_reached_as_its_section_says(configure: Configure) -> None:
    settings = configure(
        erp=real(user="C", password_file="secret", http={"sessions": 9}), time_zone="Asia/Tokyo"
    )
    odata, soap = (http_options(settings, f"erp.{each}", None) for each in ("odata", "soap"))

    assert odata == soap
    assert (odata.base_url, odata.client, odata.sessions) == ("https://s4.example:44300", "100", 9)
    assert odata.logon.kind == "basic"
    assert odata.read_timeout_s == settings.erp.timeout_s
    assert odata_options(settings).time_zone == "Asia/Tokyo"
    assert odata_options(settings).company_codes == ("1000",)
    assert "hush" not in repr(odata)


def test_oauth_and_certificates_are_ways_to_log_on(configure: Configure, tmp_path: Path) -> None:
    oauth2 = {
        "token_url": "https://s4.example/token",
        "client_id": "C",
        "client_secret_file": "secret",
    }
    certificate = tmp_path / "own.pem"
    certificate.write_text("")

    by_token = http_options(configure(erp=real(oauth2=oauth2)), "erp.odata", None).logon
    by_certificate = http_options(
        configure(erp=real(client_certificate="own.pem")), "erp.odata", None
    ).logon

    assert isinstance(by_token, OAuthLogon)
    assert by_token.client_secret.get_secret_value() == "hush"
    assert by_certificate == CertificateLogon(certificate=certificate)


def test_files_of_options_lie_beside_the_settings(configure: Configure, tmp_path: Path) -> None:
    wrappers = {"quotation": {"function": "Z_QUOTE", "wsdl": "quote.wsdl"}}
    options = soap_options(
        configure(erp={"soap": {"options": {"wsdl": "own.wsdl", "wrappers": wrappers}}})
    )

    assert options.wsdl == tmp_path / "own.wsdl"
    assert options.wrappers["quotation"].wsdl == tmp_path / "quote.wsdl"


def test_the_logon_travels_encrypted_unless_told_otherwise(configure: Configure) -> None:
    plain = real(user="C", password_file="secret")
    plain["odata"]["url"] = "http://s4.example:8000"

    with pytest.raises(ConfigurationError, match="not encrypted"):
        start(configure(erp=plain))
    plain["odata"]["http"] = {"allow_plain_http": True}
    with start(configure(erp=plain)) as application:
        assert application.settings.erp.driver == "sap"
