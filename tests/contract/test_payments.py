"""Payments: posted open or cleared at once, with discount, found by their reference."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connector.erp.rfc.erp import RfcErp
from connector.errors import ConfigurationError, LeaseLostError, RejectedError
from connector.sd_documents.conditions import Condition
from connector.sd_documents.payment import TaxAdjustment
from connector.sd_documents.values import Money
from tests.contract.conftest import System
from tests.contract.documents import eur, item
from tests.contract.observing import Observer
from tests.contract.walking import Walk, payment


def balance(system: System, account: str, currency: str = "") -> Decimal:
    return system.engine.ledger_balance("1000", account, date(2026, 12, 31), currency)


def test_a_payment_is_posted_as_an_open_credit_that_the_erp_clears(
    system: System, walk: Walk, observer: Observer
) -> None:
    invoice = walk.invoiced("REF-1", item(10, quantity="3"))
    (open_item,) = walk.items_of(invoice)
    key = walk.erp.payments.post(payment("PAY-1", open_item), observer)
    assert key.company_code == "1000" and key.fiscal_year == 2026
    assert observer.numbers == (str(key),)
    (still_open,) = walk.items_of(invoice)
    assert still_open.clearing_document is None
    system.engine.run_job("automatic clearing")
    (cleared,) = walk.items_of(invoice)
    assert cleared.clearing_document is not None
    assert balance(system, "140000") == 0
    assert balance(system, "113100") == Decimal("357.00")


def test_the_clearing_function_clears_in_the_payments_own_document(
    clearing_erp: RfcErp, walk: Walk, observer: Observer
) -> None:
    invoice = walk.invoiced("REF-1", item(10, quantity="3"))
    (open_item,) = walk.items_of(invoice)
    key = clearing_erp.payments.post(payment("PAY-1", open_item), observer)
    (cleared,) = walk.items_of(invoice)
    assert cleared.clearing_document == key.accounting_document
    assert cleared.cleared_on == date(2026, 1, 15)


@pytest.mark.parametrize("route", ["posting", "clearing"])
def test_a_cash_discount_is_posted_with_its_tax(
    system: System, erp: RfcErp, clearing_erp: RfcErp, walk: Walk, route: str
) -> None:
    """Worked case C01: 11,900.00 less 2 %, of which 200.00 are net and 38.00 tax."""
    invoice = walk.invoiced("REF-1", item(10, quantity="100"), payment_terms="Z214")
    (open_item,) = walk.items_of(invoice)
    assert open_item.amount == eur("11900.00")
    used = erp if route == "posting" else clearing_erp
    used.payments.post(
        payment(
            "PAY-1",
            open_item,
            received=eur("11662.00"),
            cash_discount=eur("200.00"),
            tax_adjustments=(TaxAdjustment(tax_code="A1", amount=eur("38.00")),),
        ),
        Observer(),
    )
    if route == "posting":
        system.engine.run_job("automatic clearing")
    (cleared,) = walk.items_of(invoice)
    assert cleared.clearing_document is not None
    assert balance(system, "113100") == Decimal("11662.00")
    assert balance(system, "880000") == Decimal("200.00")
    assert balance(system, "175000") == Decimal("-1862.00")
    assert balance(system, "140000") == 0


def test_one_payment_pays_several_invoices(clearing_erp: RfcErp, walk: Walk) -> None:
    invoices = [walk.invoiced(f"REF-{n}", item(10, quantity=n)) for n in ("1", "2", "3")]
    items = walk.items_of(*invoices)
    key = clearing_erp.payments.post(payment("PAY-1", *items), Observer())
    assert {i.clearing_document for i in walk.items_of(*invoices)} == {key.accounting_document}


def test_a_payment_is_found_by_reference_and_payer(walk: Walk, clearing_erp: RfcErp) -> None:
    first = walk.items_of(walk.invoiced("REF-1"))
    second = walk.items_of(walk.invoiced("REF-2"))
    open_key = walk.erp.payments.post(payment("PAY-OPEN", *first), Observer())
    cleared_key = clearing_erp.payments.post(payment("PAY-CLEARED", *second), Observer())
    find = walk.erp.payments.find
    assert find("PAY-OPEN", "1000", "C-100") == (open_key,)
    assert find("PAY-CLEARED", "1000", "C-100") == (cleared_key,)
    assert find("PAY-OPEN", "1000", "P-701") == ()
    assert find("PAY-OPEN", "2000", "C-100") == ()
    assert find("PAY-NONE", "1000", "C-100") == ()


def test_an_invoice_with_the_same_reference_is_no_payment(walk: Walk) -> None:
    """The reference of an invoice is its billing number (XBLNR)."""
    (open_item,) = walk.items_of(walk.invoiced("REF-1"))
    assert open_item.reference
    assert walk.erp.payments.find(open_item.reference, "1000", "C-100") == ()


def test_a_payment_in_yen_is_exact(system: System, walk: Walk) -> None:
    price = Condition(condition_type="PMP0", rate=Decimal(333), currency="JPY", unit="ST")
    invoice = walk.invoiced(
        "REF-1",
        item(10, "JPY-01", "3", conditions=[price]),
        organization="2000",
        customer="JP-400",
        currency="JPY",
    )
    (open_item,) = walk.items_of(invoice)
    walk.erp.payments.post(payment("PAY-1", open_item), Observer())
    received = system.engine.ledger_balance("2000", "113100", date(2026, 12, 31))
    assert received == open_item.amount.amount == Decimal(1099)
    assert open_item.amount == Money(amount=Decimal(1099), currency="JPY")


def test_a_closed_period_is_refused_with_its_reason(
    system: System, walk: Walk, observer: Observer
) -> None:
    (open_item,) = walk.items_of(walk.invoiced("REF-1"))
    system.engine.settings.open_periods = {"1000": (date(2026, 2, 1), date(2026, 2, 28))}
    with pytest.raises(RejectedError) as caught:
        walk.erp.payments.post(payment("PAY-1", open_item), observer)
    assert caught.value.code == "PERIOD_CLOSED"
    assert walk.erp.payments.find("PAY-1", "1000", "C-100") == ()


def test_a_payment_that_does_not_fit_its_items_is_refused(
    clearing_erp: RfcErp, walk: Walk, observer: Observer
) -> None:
    (open_item,) = walk.items_of(walk.invoiced("REF-1"))
    clearing_erp.payments.post(payment("PAY-1", open_item), observer)
    with pytest.raises(RejectedError):
        clearing_erp.payments.post(payment("PAY-2", open_item), observer)


def test_a_discount_without_account_stops_before_the_erp_is_called(
    system: System, walk: Walk, observer: Observer
) -> None:
    (open_item,) = walk.items_of(walk.invoiced("REF-1"))
    discounted = payment("PAY-1", open_item, received=eur("356.00"), cash_discount=eur("1.00"))
    with (
        system.erp(cash_discount_account="") as bare,
        pytest.raises(ConfigurationError, match="cash_discount_account"),
    ):
        bare.payments.post(discounted, observer)
    assert observer.points == []


def test_a_lost_lease_leaves_no_payment(walk: Walk, observer: Observer) -> None:
    (open_item,) = walk.items_of(walk.invoiced("REF-1"))
    observer.lost = True
    with pytest.raises(LeaseLostError):
        walk.erp.payments.post(payment("PAY-1", open_item), observer)
    assert walk.erp.payments.find("PAY-1", "1000", "C-100") == ()
