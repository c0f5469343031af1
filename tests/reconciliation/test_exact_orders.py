"""Orders that agree are told at a glance, and the run says what the detailed comparison says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.reconciliation import orders_and_billing
from connector.reconciliation.exact_orders import agreed_gross
from connector.reconciliation.extract import ErpExtract
from connector.reconciliation.matching import Documents, match_order
from connector.reconciliation.mirror import MirroredOrder
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.run import run_reconciliation
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import Money, Quantity
from tests.reconciliation.books import Books, at, day, line
from tests.reconciliation.test_properties import KEY_DATES, histories, reconciled

END = "2026-04-30"


def compare(books: Books, orders: list[MirroredOrder], extract: ErpExtract) -> ReconciliationRun:
    key_date = extract.balances[0].key_date if extract.balances else day(END)
    return run_reconciliation(
        books.assignment(str(key_date)), orders, extract, now=at(key_date) + timedelta(days=9)
    )


def in_detail(books: Books, orders: list[MirroredOrder], extract: ErpExtract) -> ReconciliationRun:
    with patch.object(orders_and_billing, "agreed_gross", return_value=None):
        return compare(books, orders, extract)


@settings(max_examples=30, deadline=None)
@given(histories, st.sampled_from(KEY_DATES))
def test_any_history_is_judged_as_in_detail(books: Books, key_date: str) -> None:
    orders, extract = list(books.mirrored.values()), books.extract(day(key_date))
    assert compare(books, orders, extract) == in_detail(books, orders, extract)


def _off(amount: Money, by: Decimal) -> Money:
    return Money(amount=amount.amount + by, currency=amount.currency)


def _bent_order(order: PostedSalesDocument, what: str, by: Decimal) -> PostedSalesDocument:
    first, *rest = order.items
    if what in ("net_amount", "tax_amount"):
        changed = first.model_copy(update={what: _off(getattr(first, what), by)})
        return order.model_copy(update={"items": (changed, *rest)})
    if what == "quantity":
        more = Quantity(value=first.requested_quantity.value + abs(by), unit="PC")
        changed = first.model_copy(update={"requested_quantity": more})
        return order.model_copy(update={"items": (changed, *rest)})
    if what == "unit":
        other = Quantity(value=first.requested_quantity.value, unit="KAR")
        changed = first.model_copy(update={"requested_quantity": other})
        return order.model_copy(update={"items": (changed, *rest)})
    return order.model_copy(update={"net_amount": _off(order.net_amount, by)})


def _bent_bill(billed: BillingDocument, what: str, by: Decimal) -> BillingDocument:
    first, *rest = billed.items
    if what == "quantity":
        more = Quantity(value=first.billing_quantity.value + abs(by), unit="PC")
        changed = first.model_copy(update={"billing_quantity": more})
    elif what == "unit":
        other = Quantity(value=first.billing_quantity.value, unit="KAR")
        changed = first.model_copy(update={"billing_quantity": other})
    elif what == "item":
        changed = first.model_copy(update={"sales_document_item": 990})
    else:
        name = what if what in ("net_amount", "tax_amount") else "net_amount"
        changed = first.model_copy(update={name: _off(getattr(first, name), by)})
    return billed.model_copy(update={"items": (changed, *rest)})


def _bent_outside(order: MirroredOrder, what: str, by: Decimal) -> MirroredOrder:
    external = order.order
    first, *rest = external.lines
    if what == "quantity":
        update: dict[str, object] = {"quantity": first.quantity + abs(by)}
    elif what == "discount":
        update = {"allocated_discount": abs(by)}
    elif what == "tax_amount":
        update = {"taxes": ()}
    elif what == "link":
        return replace(order, lines=order.lines[1:])
    elif what == "included":
        return replace(order, order=external.model_copy(update={"taxes_included": True}))
    elif what == "total":
        totals = external.totals.model_copy(update={"grand_total": abs(by) + 1})
        return replace(order, order=external.model_copy(update={"totals": totals}))
    else:
        update = {"price": (first.price or Decimal(0)) + abs(by)}
    lines = (first.model_copy(update=update), *rest)
    return replace(order, order=external.model_copy(update={"lines": lines}))


WHAT = (
    "net_amount", "tax_amount", "quantity", "unit", "item", "discount", "link", "included",
    "total", "header",
)  # fmt: skip


def _bend(
    orders: list[MirroredOrder], extract: ErpExtract, where: str, what: str, by: Decimal
) -> ErpExtract:
    """Change the first line of the first order, outside, in the order or in the invoice."""
    if where == "outside":
        orders[0] = _bent_outside(orders[0], what, by)
    elif where == "order":
        first, *rest = extract.sales_documents
        bent = _bent_order(first, what, by)
        return replace(extract, sales_documents=(bent, *rest))
    else:
        billed, *others = extract.billing_documents
        return replace(extract, billing_documents=(_bent_bill(billed, what, by), *others))
    return extract


@pytest.mark.parametrize("where", ["outside", "order", "bill"])
@pytest.mark.parametrize("what", WHAT)
def test_whatever_is_off_by_however_little_is_left_to_the_detailed_comparison(
    where: str, what: str
) -> None:
    for cents in (1, -1, 10, -300):
        books = reconciled([line(4, "12.50"), line(1, "5.00")])
        orders, extract = list(books.mirrored.values()), books.extract(day(END))
        extract = _bend(orders, extract, where, what, Decimal(cents).scaleb(-2))
        assert compare(books, orders, extract) == in_detail(books, orders, extract)


def test_an_order_that_was_billed_as_it_was_sold_is_told_at_a_glance() -> None:
    books = Books()
    books.sell("EXT-1", [line(2, "10.00"), line(1, "5.00", "A2")], "2026-01-05")
    order = books.order("EXT-1", "2026-01-05")
    books.deliver(order, "2026-01-06")
    documents = Documents(books.extract(day("2026-01-31")), day("2026-01-31"))
    chain = match_order(books.mirrored["EXT-1"], documents)
    assert agreed_gross(chain, books.sales[order]) is None

    books.bill(order, "2026-01-07")
    documents = Documents(books.extract(day("2026-01-31")), day("2026-01-31"))
    chain = match_order(books.mirrored["EXT-1"], documents)

    gross = sum((books.gross(entry) for entry in books.lines["EXT-1"]), Decimal(0))
    assert agreed_gross(chain, books.sales[order]) == gross
