"""Open items at a key date, as the books showed them then, and the balance they add up to."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from connector.sd_documents.conditions import Condition
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.values import Money, total
from tests.contract.capable import CapableErp
from tests.contract.documents import eur, item
from tests.contract.observing import Observer
from tests.contract.walking import Walk, payment
from tests.contract.ways import Way

BEFORE, PAID_ON, AFTER = date(2026, 1, 14), date(2026, 1, 15), date(2026, 1, 16)


@pytest.fixture
def paid(way: Way, walk: Walk, erp: CapableErp) -> CustomerItem:
    """An invoice of 2026-01-09 that was paid on 2026-01-15, beside one that is open."""
    (open_item,) = walk.items_of(walk.invoiced("REF-1", item(10, quantity="3")))
    walk.invoiced("REF-2", item(10, quantity="1"))
    erp.payments.post(payment("PAY-1", open_item), Observer())
    way.clear()
    return open_item


@pytest.mark.parametrize(
    "customers", [["C-100"], [], ["C-100", *(f"{n}" for n in range(1001, 1010))]]
)
def test_an_item_cleared_later_was_open_at_the_key_date(
    erp: CapableErp, paid: CustomerItem, customers: list[str]
) -> None:
    """Read by customer from the ERP's list, or for all from the tables: the same items."""

    def amounts(key_date: date) -> list[Money]:
        found = erp.open_items.customer_items("1000", customers, key_date)
        return sorted((i.amount for i in found), key=lambda money: money.amount)

    assert amounts(date(2026, 1, 8)) == []
    assert amounts(BEFORE) == [eur("119.00"), eur("357.00")]
    assert amounts(PAID_ON) == [eur("119.00")]
    assert amounts(AFTER) == [eur("119.00")]
    assert paid.amount == eur("357.00")


def test_both_ways_of_reading_agree_on_every_field(erp: CapableErp, paid: CustomerItem) -> None:
    listed = erp.open_items.customer_items("1000", ["C-100"], BEFORE)
    from_tables = erp.open_items.customer_items("1000", [], BEFORE)
    assert listed == from_tables
    assert len(listed) == 2
    assert {each.key for each in listed} >= {paid.key}


def test_an_item_knows_terms_references_and_account(walk: Walk) -> None:
    invoice = walk.invoiced("REF-1", item(10, quantity="3"), payment_terms="Z214")
    (found,) = walk.erp.open_items.customer_items("1000", ["C-100"], date(2026, 1, 31))
    assert found.document_type == "RV"
    assert found.billing_document == invoice.number
    assert found.assignment == "REF-1"
    assert (found.cash_discount_days_1, found.cash_discount_percent_1) == (14, Decimal(2))
    assert (found.net_days, found.net_due_on) == (30, date(2026, 2, 8))
    assert found.reconciliation_account == "140000"
    assert found.posting_date == found.baseline_date == date(2026, 1, 9)
    assert walk.items_of(invoice) == (found,)


def test_items_stand_on_the_payer(walk: Walk) -> None:
    invoice = walk.invoiced("REF-1", item(10, "CO-1000", "2"), customer="1007")
    assert invoice.sold_to_party == "0000001007"
    (found,) = walk.items_of(invoice)
    assert found.customer == invoice.payer == "0000001008"
    assert walk.erp.open_items.customer_items("1000", ["1008"], date(2026, 1, 31)) == (found,)
    assert walk.erp.open_items.customer_items("1000", ["1007"], date(2026, 1, 31)) == ()


def test_a_credit_is_negative(walk: Walk, observer: Observer) -> None:
    invoice = walk.invoiced("REF-1", item(10, quantity="3"))
    cancelled = walk.erp.billing_documents.cancel(invoice.number, date(2026, 1, 10), observer)
    items = walk.erp.open_items.items_of_billing_documents([invoice.number, cancelled])
    assert sorted(i.amount.amount for i in items) == [Decimal("-357.00"), Decimal("357.00")]


def test_open_items_add_up_to_the_balance_of_their_account(
    erp: CapableErp, paid: CustomerItem
) -> None:
    for key_date in (date(2026, 1, 8), BEFORE, PAID_ON, AFTER):
        items = erp.open_items.customer_items("1000", [], key_date)
        balances = erp.open_items.receivable_balances("1000", key_date)
        assert total((i.amount for i in items), "EUR") == total(
            (b.balance for b in balances if b.currency == "EUR"), "EUR"
        )
    assert [(b.account, b.key_date) for b in balances] == [("140000", AFTER)]
    del paid


def test_balances_are_by_currency_and_in_its_decimals(walk: Walk) -> None:
    price = Condition(condition_type="PMP0", rate=Decimal("1.234"), currency="KWD", unit="ST")
    walk.invoiced(
        "REF-1",
        item(10, "KWD-01", "3", conditions=[price]),
        organization="3000",
        customer="KW-400",
        currency="KWD",
    )
    (balance,) = walk.erp.open_items.receivable_balances("3000", date(2026, 1, 31))
    assert balance.balance == Money(amount=Decimal("3.702"), currency="KWD")


def test_nothing_is_asked_about_no_documents(erp: CapableErp) -> None:
    assert erp.open_items.items_of_billing_documents([]) == ()


def test_a_receipt_is_found_by_its_reference_or_number_with_what_it_was_cleared_with(
    erp: CapableErp, paid: CustomerItem
) -> None:
    """Open or cleared; the other invoice of the customer was cleared with neither."""
    by_reference = erp.open_items.items_of_receipts(["1000"], ["PAY-1", "NO-SUCH"])
    receipt = {each.key for each in by_reference if each.reference == "PAY-1"}

    amounts = sorted(each.amount.amount for each in by_reference)
    assert amounts == [Decimal("-357.00"), Decimal("357.00")]
    assert {each.key for each in by_reference} == {paid.key, *receipt}
    assert len({each.clearing for each in by_reference}) == 1
    assert erp.open_items.items_of_receipts(["1000"], [], list(receipt)) == by_reference
    assert erp.open_items.items_of_receipts(["1000"], [], [paid.key]) == by_reference
    assert erp.open_items.items_of_receipts(["2000"], ["PAY-1"], list(receipt)) == ()
    assert erp.open_items.items_of_receipts(["1000"], []) == ()


def test_the_lines_of_a_time_are_those_posted_and_entered_in_it_open_or_cleared(
    erp: CapableErp, paid: CustomerItem
) -> None:
    """The invoice and what paid it are both there, though nothing of them is open any more."""
    posted = erp.open_items.posted_items

    def amounts(found: tuple[CustomerItem, ...]) -> list[Decimal]:
        return sorted(each.amount.amount for each in found)

    everything = posted("1000", posted_until=AFTER)
    assert amounts(everything) == [Decimal("-357.00"), Decimal("119.00"), Decimal("357.00")]
    assert amounts(posted("1000", posted_until=BEFORE)) == [Decimal("119.00"), Decimal("357.00")]
    after = posted("1000", posted_after=BEFORE, posted_until=PAID_ON)
    assert amounts(after) == [Decimal("-357.00")]
    entered = max(each.entry_date for each in everything)
    late = posted("1000", posted_until=AFTER, entered_from=entered)
    assert {each.key for each in late} == {
        each.key for each in everything if each.entry_date == entered
    }
    assert posted("1000", posted_until=AFTER, entered_from=entered + timedelta(days=1)) == ()
    assert paid.key in {each.key for each in everything}
