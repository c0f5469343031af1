"""Open items at a key date, as the books showed them then, and the balance they add up to."""

from __future__ import annotations

from datetime import date

import pytest

from connector.erp.rfc.erp import RfcErp
from connector.sd_documents.payment import CustomerItem
from tests.contract.documents import eur, item
from tests.contract.observing import Observer
from tests.contract.walking import Walk, payment
from tests.erp.rfc.documents.conftest import System

BEFORE, PAID_ON, AFTER = date(2026, 1, 14), date(2026, 1, 15), date(2026, 1, 16)


@pytest.fixture
def paid(walk: Walk, clearing_erp: RfcErp) -> CustomerItem:
    """An invoice of 2026-01-09 that was paid on 2026-01-15, beside one that is open."""
    (open_item,) = walk.items_of(walk.invoiced("REF-1", item(10, quantity="3")))
    walk.invoiced("REF-2", item(10, quantity="1"))
    clearing_erp.payments.post(payment("PAY-1", open_item), Observer())
    return open_item


def test_the_accounts_may_be_named_in_the_options(system: System, paid: CustomerItem) -> None:
    with system.erp(receivable_accounts={"1000": ("140000",)}) as erp:
        (balance,) = erp.open_items.receivable_balances("1000", AFTER)
    assert balance.balance == eur("119.00")
    with system.erp(receivable_accounts={"1000": ("170000",)}) as erp:
        assert erp.open_items.receivable_balances("1000", AFTER) == ()
    del paid
