"""A WSDL of one's own: what is taken, and what is refused at once and named."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from connector.erp.soap.payment import OPERATION
from connector.erp.soap.wsdl import shipped_wsdl
from connector.errors import ConfigurationError, OutcomeUnknownError
from tests.contract.observing import Observer
from tests.erp.http.wire_server import WireServer
from tests.erp.soap.documents import payment
from tests.erp.soap.scripted import (
    KEY,
    POSTED,
    answer,
    confirmation,
    entry,
    transport_to,
)

NOWHERE = "http://127.0.0.1:9"
SHIPPED = shipped_wsdl(OPERATION).read_text("utf-8")


def own(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write the shipped WSDL with *changes*, each of which must find something."""
    text = SHIPPED
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "own.wsdl"
    path.write_text(text, "utf-8")
    return path


def refused(path: Path, **options: Any) -> str:
    with pytest.raises(ConfigurationError) as raised, transport_to(NOWHERE, wsdl=path, **options):
        raise AssertionError("the WSDL was taken")
    assert str(path) in str(raised.value)
    return str(raised.value)


def test_types_and_bindings_may_have_other_names(tmp_path: Path) -> None:
    wsdl = own(
        tmp_path,
        ('name="binding"', 'name="HTTPS_basic"'),
        ('"tns:binding"', '"tns:HTTPS_basic"'),
        ('name="service"', 'name="CO_FINS_JOURNAL"'),
        ('name="Amount"', 'name="CURRENCY_Amount"'),
        ('"tns:Amount"', '"tns:CURRENCY_Amount"'),
        ("http://localhost/", "https://old.example.com:44300/"),
    )
    with (
        WireServer([answer(confirmation(entry()))]) as server,
        transport_to(server.url, wsdl=wsdl) as soap,
    ):
        assert soap.payments.post(payment(), Observer()) == KEY


def test_a_schema_beside_it_is_read(tmp_path: Path) -> None:
    found = re.search(r"<xsd:schema .*</xsd:schema>", SHIPPED, re.DOTALL)
    assert found is not None
    schema = found[0].replace(
        "<xsd:schema ",
        '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
        'xmlns:tns="http://sap.com/xi/SAPSCORE/SFIN" ',
        1,
    )
    (tmp_path / "types.xsd").write_text(schema, "utf-8")
    imported = (
        '<xsd:schema><xsd:import namespace="http://sap.com/xi/SAPSCORE/SFIN" '
        'schemaLocation="types.xsd"/></xsd:schema>'
    )
    wsdl = own(tmp_path, (found[0], imported))
    with (
        WireServer([answer(confirmation(entry()))]) as server,
        transport_to(server.url, wsdl=wsdl) as soap,
    ):
        assert soap.payments.post(payment(), Observer()) == KEY


def test_a_newer_answer_is_read_with_its_own_wsdl(tmp_path: Path) -> None:
    newer = answer(confirmation(entry(POSTED.replace("<Fi", "<LedgerGroup>0L</LedgerGroup><Fi"))))
    own_wsdl = own(
        tmp_path,
        (
            '<xsd:element name="FiscalYear" type="tns:Token4Exactly"/>',
            '<xsd:element name="LedgerGroup" type="xsd:token" minOccurs="0"/>'
            '<xsd:element name="FiscalYear" type="tns:Token4Exactly"/>',
        ),
    )
    with WireServer([newer]) as server:
        with (
            transport_to(server.url) as soap,
            pytest.raises(OutcomeUnknownError, match="cannot be read"),
        ):
            soap.payments.post(payment(), Observer())
        with transport_to(server.url, wsdl=own_wsdl) as soap:
            assert soap.payments.post(payment(), Observer()) == KEY


@pytest.mark.parametrize("name", ["DebtorItem", "DocumentReferenceID"])
def test_one_that_lacks_what_is_sent_is_named_before_anything_is_sent(
    tmp_path: Path, name: str
) -> None:
    wsdl = own(tmp_path, (f'<xsd:element name="{name}"', '<xsd:element name="Other"'))
    observer = Observer()
    with (
        transport_to(NOWHERE, wsdl=wsdl) as soap,
        pytest.raises(ConfigurationError, match=r"own\.wsdl: does not take what is sent") as told,
    ):
        soap.payments.post(payment(), observer)
    assert f"it has no element {name}" in str(told.value)
    assert observer.points == []


def test_one_that_is_missing_or_none_is_named_at_the_start(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in refused(tmp_path / "missing.wsdl")
    nonsense = tmp_path / "nonsense.wsdl"
    for content in ("", "not xml", SHIPPED[:2000]):
        nonsense.write_text(content, "utf-8")
        assert "Download it again" in refused(nonsense)
    nonsense.write_text("<html/>", "utf-8")
    assert "Is it the WSDL of that service" in refused(nonsense)


def test_one_of_another_service_is_named_at_the_start(tmp_path: Path) -> None:
    other = own(
        tmp_path, (f'name="{OPERATION}"', 'name="Other"'), (f"tns:{OPERATION}", "tns:Other")
    )
    assert f"has no operation {OPERATION} over SOAP 1.1" in refused(other)


def test_one_without_the_chosen_version_is_named_at_the_start(tmp_path: Path) -> None:
    only_11 = own(
        tmp_path,
        ("http://schemas.xmlsoap.org/wsdl/soap12/", "urn:not-soap"),
    )
    assert "over SOAP 1.2" in refused(only_11, soap_version="1.2")


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1:9/types.xsd", "https://127.0.0.1:9/types.xsd", "../types.xsd",
     "file:///etc/hostname", "/etc/hostname"],
)  # fmt: skip
def test_nothing_outside_its_folder_is_fetched(tmp_path: Path, location: str) -> None:
    (tmp_path / "types.xsd").write_text("<a/>", "utf-8")
    folder = tmp_path / "inner"
    folder.mkdir()
    wsdl = own(
        folder,
        (
            '<xsd:schema targetNamespace="http://sap.com/xi/SAPSCORE/SFIN">',
            '<xsd:schema targetNamespace="http://sap.com/xi/SAPSCORE/SFIN">'
            f'<xsd:import namespace="urn:other" schemaLocation="{location}"/>',
        ),
    )
    assert "outside its folder" in refused(wsdl)


def test_entities_in_it_are_refused(tmp_path: Path) -> None:
    wsdl = own(tmp_path, ("<wsdl:definitions", '<!DOCTYPE l [<!ENTITY a "b">]><wsdl:definitions'))
    assert "is no usable WSDL" in refused(wsdl)
