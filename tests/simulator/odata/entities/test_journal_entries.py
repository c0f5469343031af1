"""Accounting over OData: open and cleared customer items with due dates, and the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connector.simulator.engine.clock import SimulatedClock
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.specs import BillingRef, DeliveryRef, OpenItemRef, PaymentSpec
from tests.simulator.odata.entities.support import Json, Service, item, order

CUBE = "A_OperationalAcctgDocItemCube"


@pytest.fixture
def cube(serve: Callable[..., Service]) -> Service:
    """The posting view of accounting documents."""
    return serve("API_OPLACCTGDOCITEMCUBE_SRV")


@pytest.fixture(autouse=True)
def _two_invoices_one_paid(orders: Service, erp: SimulatedErp) -> None:
    for customer in ("10100001", "10100002"):
        orders.post("A_SalesOrder", order(item("TG11", "10"), SoldToParty=customer))
    with erp.session("x") as session:
        for number in ("1", "2"):
            session.create_deliveries([DeliveryRef(number)])
            session.commit()
            session.confirm_delivery(f"8000000{number}", post_goods_issue=True)
            session.commit()
            session.create_billing_documents([BillingRef(f"8000000{number}")])
            session.commit()
        session.post_incoming_payment_with_clearing(
            PaymentSpec(
                "1010",
                "10100002",
                Decimal("208.85"),
                "EUR",
                items=[OpenItemRef("90000002")],
                reference="PAY-1",
            )
        )
        session.commit()


def shown(rows: list[Json]) -> list[tuple[str, str, str]]:
    """Return customer, document and amount of *rows*."""
    return [
        (each["Customer"], each["AccountingDocument"], each["AmountInTransactionCurrency"])
        for each in rows
    ]


def test_an_open_item_has_amount_terms_and_due_dates(cube: Service) -> None:
    found = cube.all(CUBE, filter="Customer eq '10100001' and IsCleared eq false")

    assert shown(found) == [("10100001", "90000001", "208.85")]
    line = found[0]
    assert (line["AccountingDocumentType"], line["PostingKey"], line["DebitCreditCode"]) == (
        "RV", "01", "S",
    )  # fmt: skip
    assert (line["BillingDocument"], line["DocumentReferenceID"]) == ("90000001", "90000001")
    assert (line["PaymentTerms"], line["CashDiscount1Percent"]) == ("0002", "2.000")
    assert (line["CashDiscount1DueDate"], line["NetDueDate"]) == (
        date(2026, 1, 19), date(2026, 2, 4),
    )  # fmt: skip


def test_open_items_of_all_customers_are_read_by_company_code(cube: Service) -> None:
    found = cube.all(
        CUBE,
        filter="CompanyCode eq '1010' and FinancialAccountType eq 'D' and IsCleared eq false",
    )

    assert shown(found) == [("10100001", "90000001", "208.85")]


def test_a_clearing_document_leads_to_what_it_cleared(cube: Service) -> None:
    found = cube.all(
        CUBE, filter="ClearingAccountingDocument eq '1400000001' and CompanyCode eq '1010'"
    )

    assert sorted(shown(found)) == [
        ("10100002", "1400000001", "-208.85"),
        ("10100002", "90000002", "208.85"),
    ]
    assert {each["ClearingDate"] for each in found} == {date(2026, 1, 5)}
    assert all(each["IsCleared"] for each in found)


@pytest.mark.parametrize(
    ("filter_", "lines"),
    [
        ("AccountingDocument eq '90000001' and FiscalYear eq '2026'", 3),
        ("BillingDocument eq '90000001'", 3),
        ("DocumentReferenceID eq 'PAY-1'", 2),
        ("Customer eq '10100002'", 2),
        ("ReferenceDocumentType eq 'VBRK' and OriginalReferenceDocument eq '0090000002'", 3),
        ("AccountingDocumentCreationDate ge datetime'2026-01-06T00:00:00'", 0),
    ],
)
def test_lines_are_found_by_what_their_filter_says(cube: Service, filter_: str, lines: int) -> None:
    assert len(cube.all(CUBE, filter=filter_)) == lines


def test_a_document_balances(cube: Service) -> None:
    found = cube.all(CUBE, filter="AccountingDocument eq '90000001'")

    assert sum(Decimal(each["AmountInCompanyCodeCurrency"]) for each in found) == 0


def test_a_line_is_read_by_its_key(cube: Service) -> None:
    key = "CompanyCode='1010',FiscalYear='2026',AccountingDocument='90000001'"

    found = cube.get(f"{CUBE}({key},AccountingDocumentItem='1')")

    assert (found["Customer"], found["GLAccount"]) == ("10100001", "12100000")


def test_the_ledger_shows_accounts_with_their_company(serve: Callable[..., Service]) -> None:
    ledger = serve("API_JOURNALENTRYITEMBASIC_SRV")

    found = ledger.all(
        "A_JournalEntryItemBasic",
        filter="CompanyCode eq '1010' and GLAccount eq '41000000'",
        expand="to_CompanyCode",
    )

    assert [each["AmountInCompanyCodeCurrency"] for each in found] == ["-175.50", "-175.50"]
    assert {each["to_CompanyCode"]["ChartOfAccounts"] for each in found} == {"YCOA"}


def test_a_number_alone_means_the_documents_of_all_years(cube: Service, erp: SimulatedErp) -> None:
    assert isinstance(erp.clock, SimulatedClock)
    erp.clock.set(datetime(2027, 1, 4, 8, tzinfo=UTC))
    with erp.session("x") as session:
        session.post_incoming_payment_with_clearing(
            PaymentSpec("1010", "10100001", Decimal("7.00"), "EUR")
        )
        session.commit()

    both = cube.all(CUBE, filter="AccountingDocument eq '1400000001' and CompanyCode eq '1010'")
    one = cube.all(
        CUBE,
        filter="AccountingDocument eq '1400000001' and CompanyCode eq '1010'"
        " and FiscalYear eq '2026'",
    )

    assert {each["FiscalYear"] for each in both} == {"2026", "2027"}
    assert {each["FiscalYear"] for each in one} == {"2026"}
    cleared = [each for each in one if each["Customer"]]
    assert {each["ClearingDocFiscalYear"] for each in cleared} == {"2026"}
