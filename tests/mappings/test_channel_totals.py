"""
Orders of every shipped channel come to the same in the ERP, to the cent, or are held.

As `test_totals_in_the_erp` does for the first shop: what mapping does not hold is priced by the
simulated ERP with the master data that is shipped.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.mappings.amounts import compare_totals
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.map_order import map_order
from connector.mappings.reading import read_orders
from connector.ports.erp import Erp
from connector.resources import shipped
from connector.sd_documents.values import DocumentCategory
from tests.mappings import test_totals_in_the_erp
from tests.mappings.conftest import profile_of, rules_of

ORDERS = shipped("fixtures/orders")
#: The simulated ERP, as a fixture.
erp = test_totals_in_the_erp.erp
#: Channels with tests of their own for this.
TESTED_ELSEWHERE = {"shopify", "globalbike", "portal"}
CHANNELS = sorted(
    path.stem
    for path in shipped("config/channels").glob("*.yaml")
    if path.stem not in TESTED_ELSEWHERE
)
MESSAGES = [
    message for channel in CHANNELS for message in sorted((ORDERS / channel).glob("*/order.*"))
]
#: Orders that only the ERP's prices show to be wrong, and how they are held then.
HELD_BY_THE_ERP: dict[str, list[str]] = {
    # The shop's total of taxes is without that of its handling.
    "bigcommerce/handling-charged": ["TAX_DIFF"],
    # The ERP has a discount for this customer, which the partner's prices know nothing of.
    "opentrans/goods-for-a-branch": ["DISCOUNT_DIFF"],
    "opentrans/price-per-thousand": ["DISCOUNT_DIFF"],
    # The shop rounds tax line by line.
    "shopify-graphql/two-tax-rates-with-discount": ["TAX_ROUNDING"],
}


def _name(message: Path) -> str:
    return f"{message.parent.parent.name}/{message.parent.name}"


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_channel_has_messages(channel: str) -> None:
    assert [message for message in MESSAGES if message.parent.parent.name == channel]


@pytest.mark.parametrize("message", MESSAGES, ids=_name)
def test_an_order_comes_to_the_same_in_the_erp(message: Path, erp: Erp) -> None:
    channel = message.parent.parent.name
    rules = rules_of(channel)
    codes: list[str] = []
    for found in read_orders(profile_of(channel), message.read_bytes(), message.name):
        if not isinstance(found, InboundOrder):
            continue
        mapped = map_order(found.order, rules, {DocumentCategory.SALES_ORDER})
        document = mapped.document(DocumentCategory.SALES_ORDER)
        if not mapped.is_complete or document is None:
            assert mapped.problems
            continue
        priced = erp.sales_documents.simulate(document)
        problems = compare_totals(found.order, priced)
        codes += [problem.code for problem in problems]
        if not problems and found.order.totals.grand_total is not None:
            assert priced.total_amount.amount == found.order.totals.grand_total

    assert codes == HELD_BY_THE_ERP.get(_name(message), [])
