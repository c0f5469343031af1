"""Payments: what is paid is cleared, what is not stays open, and each is found by its reference."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connector.errors import LeaseLostError, RejectedError
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.conditions import Condition
from connector.sd_documents.payment import CustomerItem, Remainder, TaxAdjustment
from connector.sd_documents.values import Money
from tests.contract.capable import CapableErp
from tests.contract.documents import eur, item
from tests.contract.observing import Observer
from tests.contract.walking import Walk, payment
from tests.contract.ways import Way

LATER = date(2026, 12, 31)


def balance(way: Way, account: str) -> Decimal:
    return way.engine.ledger_balance("1000", account, LATER)


def still_open(walk: Walk) -> list[Money]:
    """What stands open on the customer's account, by amount."""
    found = walk.erp.open_items.customer_items("1000", ["C-100"], LATER)
    return sorted((each.amount for each in found), key=lambda money: money.amount)


def pay(
    way: Way, walk: Walk, *items: CustomerItem, reference: str = "PAY-1", **more: object
) -> str:
    """Post a payment, let the ERP clear where that is its own business, and say its number."""
    key = walk.erp.payments.post(payment(reference, *items, **more), Observer())
    way.clear()
    return key.accounting_document


def invoiced(
    walk: Walk, reference: str = "REF-1", quantity: str = "3", **more: object
) -> tuple[BillingDocument, CustomerItem]:
    invoice = walk.invoiced(reference, item(10, quantity=quantity), **more)
    (open_item,) = walk.items_of(invoice)
    return invoice, open_item


def test_what_is_paid_in_full_is_cleared(way: Way, walk: Walk, observer: Observer) -> None:
    invoice, open_item = invoiced(walk)
    key = walk.erp.payments.post(payment("PAY-1", open_item), observer)
    assert key.company_code == "1000" and key.fiscal_year == 2026
    assert observer.numbers == (str(key),)
    (before,) = walk.items_of(invoice)
    way.clear()
    (cleared,) = walk.items_of(invoice)
    assert cleared.clearing_document is not None
    assert (before == cleared) is way.name.clears_at_once
    assert cleared.cleared_on is not None
    assert still_open(walk) == []
    assert balance(way, "140000") == 0
    assert balance(way, "113100") == Decimal("357.00")


def test_a_cash_discount_is_posted_with_its_tax(way: Way, walk: Walk) -> None:
    """Worked case C01: 11,900.00 less 2 %, of which 200.00 are net and 38.00 tax."""
    invoice, open_item = invoiced(walk, quantity="100", payment_terms="Z214")
    assert open_item.amount == eur("11900.00")
    pay(
        way,
        walk,
        open_item,
        received=eur("11662.00"),
        cash_discount=eur("200.00"),
        tax_adjustments=(TaxAdjustment(tax_code="A1", amount=eur("38.00")),),
    )
    (cleared,) = walk.items_of(invoice)
    assert cleared.clearing_document is not None
    assert balance(way, "113100") == Decimal("11662.00")
    assert balance(way, "880000") == Decimal("200.00")
    assert balance(way, "175000") == Decimal("-1862.00")
    assert balance(way, "140000") == 0


def test_one_payment_pays_several_invoices(way: Way, walk: Walk) -> None:
    invoices = [invoiced(walk, f"REF-{n}", n)[0] for n in ("1", "2", "3")]
    pay(way, walk, *walk.items_of(*invoices), assignment="")
    if not way.name.clears_at_once:
        # Three invoices have three assignments: whoever posts open lines leaves them to a person.
        assert still_open(walk)[0] == eur("-714.00")
        return
    assert len({i.clearing_document for i in walk.items_of(*invoices)}) == 1
    assert still_open(walk) == []


def test_bank_charges_settle_what_the_bank_kept(way: Way, walk: Walk) -> None:
    invoice, open_item = invoiced(walk)
    pay(way, walk, open_item, received=eur("352.00"), bank_charges=eur("5.00"))
    assert walk.items_of(invoice)[0].clearing_document is not None
    assert balance(way, "659000") == Decimal("5.00")
    assert balance(way, "113100") == Decimal("352.00")


def test_what_was_paid_in_part_stays_beside_its_invoice(way: Way, walk: Walk) -> None:
    invoice, open_item = invoiced(walk)
    pay(way, walk, open_item, received=eur("100.00"), remainder=Remainder.PARTIAL)
    assert walk.items_of(invoice)[0].clearing_document is None
    assert still_open(walk) == [eur("-100.00"), eur("357.00")]


def test_a_rest_becomes_an_item_of_its_own(way: Way, walk: Walk) -> None:
    invoice, open_item = invoiced(walk)
    pay(way, walk, open_item, received=eur("300.00"), remainder=Remainder.RESIDUAL)
    assert walk.items_of(invoice)[0].clearing_document is not None
    assert still_open(walk) == [eur("57.00")]


def test_a_surplus_stays_as_a_credit(way: Way, walk: Walk) -> None:
    invoice, open_item = invoiced(walk)
    pay(way, walk, open_item, received=eur("400.00"), remainder=Remainder.ON_ACCOUNT)
    assert walk.items_of(invoice)[0].clearing_document is not None
    assert still_open(walk) == [eur("-43.00")]


def test_a_payment_without_items_stands_on_account(way: Way, walk: Walk) -> None:
    _, open_item = invoiced(walk)
    on_account = payment("PAY-1", open_item).model_copy(update={"items": (), "assignment": "X"})
    key = walk.erp.payments.post(on_account, Observer())
    assert still_open(walk) == [eur("-357.00"), eur("357.00")]
    assert walk.erp.payments.find("PAY-1", "1000", "C-100") == (key,)
    del way


def test_a_down_payment_stands_apart_from_the_receivables(way: Way, walk: Walk) -> None:
    _, open_item = invoiced(walk)
    early = payment("PAY-1", open_item).model_copy(
        update={"items": (), "special_gl_indicator": "A", "assignment": ""}
    )
    key = walk.erp.payments.post(early, Observer())
    (found,) = (
        each
        for each in walk.erp.open_items.customer_items("1000", ["C-100"], LATER)
        if each.key == key
    )
    assert found.special_gl_indicator == "A"
    assert found.reconciliation_account != open_item.reconciliation_account
    assert balance(way, "140000") == Decimal("357.00")


def test_several_payers_pay_their_own(way: Way, walk: Walk) -> None:
    """The payer of 1007 is 1008: an item stands where it is owed, and is paid there."""
    own, _ = invoiced(walk)
    others = walk.invoiced("REF-2", item(10, "CO-1000", "2"), customer="1007")
    (theirs,) = walk.items_of(others)
    key = walk.erp.payments.post(payment("PAY-2", theirs), Observer())
    way.clear()
    assert walk.items_of(others)[0].clearing_document is not None
    assert walk.items_of(own)[0].clearing_document is None
    assert walk.erp.payments.find("PAY-2", "1000", "1008") == (key,)
    assert walk.erp.payments.find("PAY-2", "1000", "C-100") == ()


def test_a_payment_is_found_by_reference_and_payer(way: Way, walk: Walk) -> None:
    _, first = invoiced(walk, "REF-1")
    _, second = invoiced(walk, "REF-2")
    open_key = walk.erp.payments.post(payment("PAY-OPEN", first), Observer())
    cleared_key = walk.erp.payments.post(payment("PAY-CLEARED", second), Observer())
    way.clear()
    find = walk.erp.payments.find
    assert find("PAY-OPEN", "1000", "C-100") == (open_key,)
    assert find("PAY-CLEARED", "1000", "C-100") == (cleared_key,)
    assert find("PAY-OPEN", "1000", "P-701") == ()
    assert find("PAY-OPEN", "2000", "C-100") == ()
    assert find("PAY-NONE", "1000", "C-100") == ()


def test_an_invoice_with_the_same_reference_is_no_payment(walk: Walk) -> None:
    """The reference of an invoice is its billing number (XBLNR)."""
    _, open_item = invoiced(walk)
    assert open_item.reference
    assert walk.erp.payments.find(open_item.reference, "1000", "C-100") == ()


def test_a_payment_in_yen_is_exact(way: Way, walk: Walk) -> None:
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
    received = way.engine.ledger_balance("2000", "113100", LATER)
    assert received == open_item.amount.amount == Decimal(1099)
    assert open_item.amount == Money(amount=Decimal(1099), currency="JPY")


def test_a_closed_period_is_refused_with_its_reason(
    way: Way, erp: CapableErp, walk: Walk, observer: Observer
) -> None:
    _, open_item = invoiced(walk)
    way.engine.settings.open_periods = {"1000": (date(2026, 2, 1), date(2026, 2, 28))}
    with pytest.raises(RejectedError) as caught:
        erp.payments.post(payment("PAY-1", open_item), observer)
    assert caught.value.code == "PERIOD_CLOSED"
    assert observer.was_refused
    assert erp.payments.find("PAY-1", "1000", "C-100") == ()


def test_a_lost_lease_leaves_no_payment(walk: Walk, observer: Observer) -> None:
    _, open_item = invoiced(walk)
    observer.lost = True
    with pytest.raises(LeaseLostError):
        walk.erp.payments.post(payment("PAY-1", open_item), observer)
    assert walk.erp.payments.find("PAY-1", "1000", "C-100") == ()
    assert still_open(walk) == [eur("357.00")]
