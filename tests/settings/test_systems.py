"""A system profile says what goes over which transport; settings may send operations elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from connector.errors import ConfigurationError
from connector.ports.capabilities import ErpOperation, Transport
from connector.settings import load_settings
from connector.settings.system_profile import Routes

Write = Callable[[str], Path]

RFC = 'rfc: {ashost: sap.example, sysnr: "00", client: "100", user: C, password_file: secret}'
ODATA = 'odata: {url: "https://s4.example:44300", user: C, password_file: secret}'


def routes(file: Path) -> Routes:
    return load_settings(file).erp.chosen_routes


def problem(file: Path) -> str:
    with pytest.raises(ConfigurationError) as raised:
        load_settings(file)
    return str(raised.value)


@pytest.fixture(autouse=True)
def secret(folder: Path) -> None:
    (folder / "secret").write_text("hush\n", "utf-8")


def test_without_a_profile_everything_goes_over_rfc(write: Write) -> None:
    found = routes(write(""))

    assert set(found.values()) == {Transport.RFC}
    assert ErpOperation.BILLING_PDF not in found


@pytest.mark.parametrize(
    ("profile", "billing", "payment", "release"),
    [
        ("ecc", "rfc", "rfc", "ecc"),
        ("s4", "odata", "soap", "s4"),
        ("s4-mixed", "rfc", "soap", "s4"),
    ],
)
def test_the_shipped_profiles_are_those_of_the_systems_that_people_have(
    write: Write, profile: str, billing: str, payment: str, release: str
) -> None:
    erp = load_settings(write(f"erp: {{profile: {profile}}}")).erp

    assert erp.chosen_routes[ErpOperation.BILLING].value == billing
    assert erp.chosen_routes[ErpOperation.PAYMENT].value == payment
    assert erp.system.release == release
    assert erp.system.description


def test_a_shipped_profile_names_every_operation(write: Write) -> None:
    for profile in ("ecc", "s4", "s4-mixed"):
        system = load_settings(write(f"erp: {{profile: {profile}}}")).erp.system
        assert set(system.routes) == set(ErpOperation)


def test_an_operation_can_go_another_way_or_none(write: Write) -> None:
    found = routes(write("erp: {profile: s4, routes: {payment: rfc, open_items: none}}"))

    assert found[ErpOperation.PAYMENT] is Transport.RFC
    assert ErpOperation.OPEN_ITEMS not in found
    assert found[ErpOperation.SALES_ORDER] is Transport.ODATA


def test_a_route_can_be_set_in_the_environment(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SD_CONNECTOR__ERP__ROUTES__PAYMENT", "soap")

    assert routes(write(""))[ErpOperation.PAYMENT] is Transport.SOAP


def test_a_profile_of_ones_own_stands_beside_the_settings(write: Write, folder: Path) -> None:
    (folder / "systems").mkdir()
    (folder / "systems/ours.yaml").write_text("release: s4\nroutes: {sales_order: odata}\n")

    assert routes(write("erp: {profile: ours}")) == {ErpOperation.SALES_ORDER: Transport.ODATA}


def test_a_profile_beside_the_settings_replaces_the_shipped_one_of_its_name(
    write: Write, folder: Path
) -> None:
    (folder / "systems").mkdir()
    (folder / "systems/ecc.yaml").write_text("release: ecc\nroutes: {delivery: rfc}\n")

    assert routes(write("")) == {ErpOperation.DELIVERY: Transport.RFC}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("erp: {profile: s4-mixd}", "erp.profile: there is no system profile"),
        ("erp: {profile: s4-mixd}", "did you mean s4-mixed?"),
        ("erp:\n  routes: {paymnt: rfc}", "line 2: erp.routes.paymnt: there is no such setting"),
        ("erp: {routes: {paymnt: rfc}}", "Did you mean payment?"),
        (
            "erp: {routes: {payment: rcf}}",
            "payment: 'rcf' is not allowed, expected 'rfc'",
        ),
        ("erp: {driver: real}", "expected 'simulator' or 'sap'"),
    ],
)
def test_a_wrong_name_is_told_with_the_right_ones(
    write: Write, content: str, expected: str
) -> None:
    assert expected in problem(write(content))


def test_a_mistake_in_a_profile_names_its_file(write: Write, folder: Path) -> None:
    (folder / "systems").mkdir()
    (folder / "systems/ours.yaml").write_text("release: s4\nroutes:\n  delivry: rfc\n")

    text = problem(write("erp: {profile: ours}"))

    assert "systems/ours.yaml, line 3: routes.delivry" in text
    assert "Did you mean delivery?" in text


def test_the_older_name_of_a_real_erp_still_works(write: Write) -> None:
    assert load_settings(write(f"erp: {{driver: rfc, {RFC}}}")).erp.driver == "sap"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("driver: sap", "inquiry goes over rfc, but the section erp.rfc is missing"),
        ("driver: sap, profile: s4", "inquiry goes over odata, but erp.odata.url is missing"),
        ('driver: sap, profile: s4, odata: {url: "https://h"}', "erp.odata says no way to log on"),
        (
            'driver: sap, profile: s4, odata: {url: "https://h", user: C}',
            "SD_CONNECTOR__ERP__ODATA__PASSWORD",
        ),
        (f"driver: sap, profile: s4-mixed, {ODATA}", "inquiry goes over rfc, but the section"),
        (f'driver: sap, profile: s4, {ODATA}, soap: {{user: "X"}}', "no password for erp.soap"),
        (
            f'driver: sap, profile: s4-mixed, {RFC}, {ODATA[:-1]}, client: "200"}}',
            "different clients: erp.rfc.client is 100, erp.odata.client is 200",
        ),
        ('odata: {url: "ftp://h"}', "erp.odata.url"),
        ("odata: {user: A, client_certificate: secret}", "2 ways to log on"),
        ("odata: {password_file: secret}", "a password without user"),
        ("odata: {client_key: secret}", "client_key without client_certificate"),
        ("odata: {oauth2: {token_url: 'https://h/t', client_id: A}}", "there is no secret"),
        (
            "odata: {oauth2: {token_url: 'https://h/t', client_id: A, client_secret: hush}}",
            "a client secret does not belong",
        ),
        ("odata: {ca_file: nowhere.pem}", "there is no file"),
    ],
)
def test_what_a_transport_needs_is_asked_for_before_anything_starts(
    write: Write, content: str, expected: str
) -> None:
    text = problem(write(f"erp: {{{content}}}"))

    assert expected in text
    assert "hush" not in text


def test_only_the_transports_in_use_have_to_be_set_up(write: Write) -> None:
    settings = load_settings(write(f"erp: {{driver: sap, profile: s4, {ODATA}}}"))

    assert settings.erp.rfc is None
    assert not settings.erp.uses(Transport.RFC)


def test_soap_is_reached_like_odata_where_it_says_nothing_else(write: Write) -> None:
    erp = load_settings(write(f"erp: {{driver: sap, profile: s4, {ODATA}}}")).erp
    soap = erp.soap.reached_like(erp.odata)

    assert (soap.url, soap.user) == ("https://s4.example:44300", "C")
    found = soap.secret()
    assert found is not None
    assert found.get_secret_value() == "hush"


def test_soap_may_have_a_user_of_its_own(write: Write) -> None:
    erp = load_settings(
        write(f"erp: {{profile: s4, {ODATA}, soap: {{user: PAY, password_file: secret}}}}")
    ).erp

    assert erp.soap.reached_like(erp.odata).user == "PAY"
    assert erp.soap.reached_like(erp.odata).url == "https://s4.example:44300"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("profile: s4, simulator: {address: 'erp:3300'}", "add simulator.http_address"),
        ("simulator: {http_address: 'erp:8000'}", "add its address"),
        ("simulator: {address: 'erp:1', http_address: 'ftp://erp:8000'}", "http_address"),
    ],
)
def test_a_simulated_erp_elsewhere_is_reached_over_all_its_transports(
    write: Write, content: str, expected: str
) -> None:
    assert expected in problem(write(f"erp: {{{content}}}"))


def test_an_http_address_without_scheme_is_not_encrypted(write: Write) -> None:
    content = "erp: {simulator: {address: 'erp:3300', http_address: '%s'}}"

    assert load_settings(write(content % "erp:80")).erp.simulator.http_url == "http://erp:80"
    secure = load_settings(write(content % "https://erp:8443")).erp.simulator.http_url
    assert secure == "https://erp:8443"
