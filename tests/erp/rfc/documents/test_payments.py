"""Payments: posted open or cleared at once, with discount, found by their reference."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connector.erp.rfc.erp import RfcErp
from connector.errors import ConfigurationError, RejectedError
from connector.sd_documents.payment import TaxAdjustment
from tests.contract.documents import eur, item
from tests.contract.observing import Observer
from tests.contract.walking import Walk, payment
from tests.erp.rfc.documents.conftest import System


def balance(system: System, account: str, currency: str = "") -> Decimal:
    return system.engine.ledger_balance("1000", account, date(2026, 12, 31), currency)


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
