"""What the table of fields says, and that nobody's data slips through where it says nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.erp.recording.fields import Protocol, Treatment, shipped_fields
from connector.errors import ConfigurationError

FIELDS = shipped_fields()


@pytest.mark.parametrize(
    ("protocol", "field", "treatment"),
    [
        (Protocol.RFC, "VBELN", Treatment.KEEP),
        (Protocol.RFC, "NET_VALUE", Treatment.KEEP),
        (Protocol.RFC, "NAME", Treatment.NAME),
        (Protocol.RFC, "IBAN", Treatment.BANK),
        (Protocol.RFC, "ERNAM", Treatment.USER),
        (Protocol.RFC, "MESSAGE_V1", Treatment.TEXT),
        (Protocol.ODATA, "SalesOrder", Treatment.KEEP),
        (Protocol.ODATA, "TotalNetAmount", Treatment.KEEP),
        (Protocol.ODATA, "OrganizationName1", Treatment.NAME),
        (Protocol.ODATA, "EmailAddress", Treatment.EMAIL),
        (Protocol.ODATA, "BillingDocumentBinary", Treatment.BINARY),
        (Protocol.SOAP, "CreationDateTime", Treatment.VOLATILE),
        (Protocol.ORDER, "telephone", Treatment.PHONE),
        (Protocol.ORDER, "external_id", Treatment.KEEP),
    ],
)
def test_fields_are_treated_as_what_they_are(
    protocol: Protocol, field: str, treatment: Treatment
) -> None:
    assert FIELDS.treatment(protocol, field, "X1") is treatment


@pytest.mark.parametrize("protocol", list(Protocol))
def test_what_nobody_knows_is_a_text_that_is_replaced(protocol: Protocol) -> None:
    assert FIELDS.treatment(protocol, "ZZ_FIELD_OF_A_CUSTOMER") is Treatment.TEXT


def test_a_kept_field_keeps_codes_alone() -> None:
    """Somebody put a name into the customer's reference."""
    for value in ("Order of Anna Miller", "anna@example.org", "two\nlines"):
        assert FIELDS.treatment(Protocol.RFC, "PURCH_NO_C", value) is Treatment.TEXT
        assert FIELDS.treatment(Protocol.ORDER, "external_id", value) is Treatment.TEXT
    assert FIELDS.treatment(Protocol.RFC, "PURCH_NO_C", "SHOP-4711") is Treatment.KEEP
    assert FIELDS.treatment(Protocol.ORDER, "gateway", "Cash on Delivery") is Treatment.LABEL


def test_fields_of_ones_own_are_added(tmp_path: Path) -> None:
    own = tmp_path / "fields.csv"
    own.write_text("protocol,field,treatment\norder,attributes.shelf,keep\n", "utf-8")
    assert FIELDS.with_rows_of(own).treatment(Protocol.ORDER, "attributes.shelf", "7").keeps
    assert not FIELDS.treatment(Protocol.ORDER, "attributes.shelf", "7").keeps


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a,b\n", "line 1: the columns must be protocol,field,treatment"),
        ("protocol,field,treatment\nidoc,X,keep\n", "line 2: protocol: 'idoc' is not allowed"),
        ("protocol,field,treatment\nrfc,X,drop\n", "line 2: treatment: 'drop' is not allowed"),
        ("protocol,field,treatment\nrfc,X\n", "line 2: treatment"),
    ],
)
def test_a_wrong_table_is_named_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    own = tmp_path / "fields.csv"
    own.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=problem):
        FIELDS.with_rows_of(own)
