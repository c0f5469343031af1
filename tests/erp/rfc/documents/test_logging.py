"""The log says which function, how long, and which documents; never who or where."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from connector.erp.rfc.erp import RfcErp
from connector.errors import RejectedError
from connector.sd_documents.partners import Address, Partner, PartnerFunction
from connector.sd_documents.sales_document import SalesDocument
from tests.contract.documents import sales_document
from tests.contract.observing import Observer

ADDRESS = Address(
    name="Erika Beispiel",
    street="Geheimweg 7",
    postal_code="20095",
    city="Hamburg",
    country="DE",
    email="erika@example.org",
)


def with_address(customer: str) -> SalesDocument:
    partner = Partner(function=PartnerFunction.SOLD_TO_PARTY, customer=customer, address=ADDRESS)
    return sales_document("REF-1").model_copy(update={"partners": (partner,)})


def test_a_posted_document_is_logged_by_number_and_without_its_customer(erp: RfcErp) -> None:
    with capture_logs() as lines:
        number = erp.sales_documents.create(with_address("C-100"), Observer())
    calls = [line for line in lines if line["event"] == "rfc call"]
    assert {line["function"] for line in calls} >= {"BAPI_TRANSACTION_COMMIT"}
    assert all("ms" in line for line in calls)
    (posted,) = [line for line in lines if line["event"] == "posted"]
    assert posted["documents"] == (number,)
    assert_nothing_personal(lines)


def test_a_refusal_is_logged_without_its_customer(erp: RfcErp) -> None:
    with capture_logs() as lines, pytest.raises(RejectedError):
        erp.sales_documents.create(with_address("1001999"), Observer())
    assert [line["error"] for line in lines if line["event"] == "refused"] == ["RejectedError"]
    assert_nothing_personal(lines)


def test_a_value_that_is_too_long_is_logged_without_itself(erp: RfcErp) -> None:
    long = ADDRESS.model_copy(update={"postal_code": "Erika Beispiel"})
    partner = Partner(function=PartnerFunction.SOLD_TO_PARTY, customer="C-100", address=long)
    document = sales_document("REF-1").model_copy(update={"partners": (partner,)})
    with capture_logs() as lines, pytest.raises(RejectedError) as caught:
        erp.sales_documents.create(document, Observer())
    assert caught.value.code == "VALUE_DOES_NOT_FIT"
    assert "POSTL_COD1" in str(caught.value)
    assert "Erika" not in str(caught.value)
    assert_nothing_personal(lines)


def assert_nothing_personal(lines: object) -> None:
    text = str(lines)
    for word in ("Erika", "Geheimweg", "20095", "Hamburg", "example.org"):
        assert word not in text
