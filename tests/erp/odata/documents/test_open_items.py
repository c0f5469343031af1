"""Customer items, balances and payments over OData, at any key date."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connector.erp.odata.erp import ODataErp
from connector.erp.rfc.erp import RfcErp
from connector.errors import ConfigurationError
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.conditions import Condition
from connector.sd_documents.values import Money, total
from connector.simulator.rfc.settings import CLEARING_FUNCTION
from tests.contract.documents import item
from tests.contract.observing import Observer
from tests.contract.walking import Walk, payment
from tests.erp.odata.documents.conftest import System

BEFORE, PAID_ON, AFTER = date(2026, 1, 14), date(2026, 1, 15), date(2026, 1, 16)


@pytest.fixture
def clearing(system: System) -> RfcErp:
    """RFC with payments cleared at once."""
    return system.others(clearing_function=CLEARING_FUNCTION)


@pytest.fixture
def invoices(others: RfcErp, clearing: RfcErp) -> tuple[BillingDocument, ...]:
    """An invoice of 2026-01-09 that was paid on 2026-01-15, one that is open, one cancelled."""
    paid = Walk(others).invoiced("REF-1", item(10, quantity="3"), payment_terms="Z214")
    items = Walk(others).items_of(paid)
    with clearing:
        clearing.payments.post(payment("PAY-1", *items), Observer())
    open_ = Walk(others).invoiced("REF-2", item(10, quantity="1"))
    cancelled = Walk(others).invoiced("REF-3", item(10, quantity="2"))
    others.billing_documents.cancel(cancelled.number, date(2026, 1, 10), Observer())
    return (paid, open_, cancelled)


@pytest.mark.parametrize("key_date", [date(2026, 1, 8), BEFORE, PAID_ON, AFTER])
@pytest.mark.parametrize("customers", [["C-100"], []])
def test_items_at_a_key_date_are_those_that_rfc_reads(
    erp: ODataErp,
    others: RfcErp,
    invoices: tuple[BillingDocument, ...],
    key_date: date,
    customers: list[str],
) -> None:
    found = erp.open_items.customer_items("1000", customers, key_date)
    assert found == others.open_items.customer_items("1000", customers, key_date)
    assert bool(found) == (key_date >= date(2026, 1, 9))
    del invoices


def test_items_of_billing_documents_are_those_that_rfc_reads(
    erp: ODataErp, others: RfcErp, invoices: tuple[BillingDocument, ...]
) -> None:
    numbers = [each.number for each in invoices]
    found = erp.open_items.items_of_billing_documents(numbers)
    assert found == others.open_items.items_of_billing_documents(numbers)
    assert [each.clearing_document is not None for each in found] == [True, False, True]
    assert erp.open_items.items_of_billing_documents([]) == ()


def test_open_items_add_up_to_the_balance_of_their_account(
    erp: ODataErp, others: RfcErp, invoices: tuple[BillingDocument, ...]
) -> None:
    for key_date in (date(2026, 1, 8), BEFORE, PAID_ON, AFTER):
        items = erp.open_items.customer_items("1000", [], key_date)
        balances = erp.open_items.receivable_balances("1000", key_date)
        assert balances == others.open_items.receivable_balances("1000", key_date)
        assert total((i.amount for i in items), "EUR") == total(
            (b.balance for b in balances), "EUR"
        )
    assert [(b.account, b.key_date) for b in balances] == [("140000", AFTER)]
    del invoices


def test_the_accounts_may_be_named_in_the_options(
    system: System, invoices: tuple[BillingDocument, ...]
) -> None:
    with system.erp(receivable_accounts={"1000": ("140000",)}) as erp:
        (balance,) = erp.open_items.receivable_balances("1000", AFTER)
    assert balance.account == "140000"
    with system.erp(receivable_accounts={"1000": ("170000",)}) as erp:
        assert erp.open_items.receivable_balances("1000", AFTER) == ()
    del invoices


def test_a_payment_is_found_by_its_reference_on_the_payers_account(
    erp: ODataErp, others: RfcErp, invoices: tuple[BillingDocument, ...]
) -> None:
    found = erp.payments.find("PAY-1", "1000", "C-100")
    assert found == others.payments.find("PAY-1", "1000", "C-100")
    assert len(found) == 1
    assert erp.payments.find("PAY-2", "1000", "C-100") == ()
    assert erp.payments.find("PAY-1", "1000", "1001") == ()
    assert erp.payments.find("PAY-1", "2000", "C-100") == ()
    del invoices


def test_payments_are_a_matter_of_another_transport(
    erp: ODataErp, others: RfcErp, observer: Observer
) -> None:
    items = Walk(others).items_of(Walk(others).invoiced("REF-1"))
    with pytest.raises(ConfigurationError, match="Route payment to soap or rfc"):
        erp.payments.post(payment("PAY-1", *items), observer)
    assert observer.points == []


def test_amounts_are_in_the_currencys_own_decimals(erp: ODataErp, others: RfcErp) -> None:
    price = Condition(condition_type="PMP0", rate=Decimal("1.234"), currency="KWD", unit="ST")
    Walk(others).invoiced(
        "REF-1",
        item(10, "KWD-01", "3", conditions=[price]),
        organization="3000",
        customer="KW-400",
        currency="KWD",
    )
    (found,) = erp.open_items.customer_items("3000", ["KW-400"], date(2026, 1, 31))
    assert found.amount == Money(amount=Decimal("3.702"), currency="KWD")
