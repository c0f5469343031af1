"""
The whole promise of mapping: what an order says in total is what the ERP makes of it, to the cent.

Every order of fixtures/orders that mapping does not hold is priced by the simulated ERP, by way of
the RFC transport, with the master data that is shipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from connector.clock import ManualClock
from connector.erp.rfc.driver import RfcConnection, RfcDriver
from connector.erp.rfc.erp import RfcErp
from connector.mappings.amounts import compare_totals
from connector.mappings.external_order import ExternalOrder
from connector.mappings.map_order import map_order
from connector.mappings.reading import read_orders
from connector.ports.erp import Erp
from connector.resources import shipped
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import DocumentCategory
from connector.simulator.engine.clock import SimulatedClock
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.rfc.exceptions import RFCError
from connector.simulator.rfc.face import RfcFace
from connector.simulator.rfc.settings import FaceSettings
from tests.mappings.conftest import profile_of, rules_of

ORDERS = shipped("fixtures/orders")
MESSAGES = sorted((ORDERS / "shopify").glob("*/order.json")) + sorted(
    (ORDERS / "demo-shopify").glob("*.json")
)
#: Orders whose tax the shop rounded line by line, and the ERP by tax code: held with that cause.
ROUNDED_OTHERWISE = {"tax-rounded-line-by-line", "two-tax-rates-with-discount"}


@pytest.fixture(scope="module")
def erp() -> Iterator[Erp]:
    now = datetime(2026, 11, 17, 8, tzinfo=UTC)
    simulated = SimulatedErp(MasterData.load(shipped("fixtures/erp")), SimulatedClock(now))
    face = RfcFace(simulated, FaceSettings())

    def connect(on_sent: object) -> RfcConnection:
        del on_sent
        logon = {"user": "MAPPING", "passwd": "any", "client": "100", "lang": "EN", "sysnr": "00"}
        return cast(RfcConnection, face.connect(None, ashost=face.settings.host, **logon))

    transport = RfcErp(RfcDriver(connect, RFCError), clock=ManualClock(now))
    yield transport
    transport.close()
    face.close()
    simulated.close()


def _name(message: Path) -> str:
    return message.parent.name if message.stem == "order" else message.stem


def _priced(
    message: Path, erp: Erp, channel: str = "shopify"
) -> Iterator[tuple[ExternalOrder, PostedSalesDocument]]:
    rules = rules_of(channel)
    for found in read_orders(profile_of(channel), message.read_bytes(), message.name):
        assert not isinstance(found, Exception)
        mapped = map_order(found.order, rules, {DocumentCategory.SALES_ORDER})
        if mapped.is_complete:
            document = mapped.document(DocumentCategory.SALES_ORDER)
            assert document is not None
            yield found.order, erp.sales_documents.simulate(document)


@pytest.mark.parametrize("message", MESSAGES, ids=_name)
def test_an_order_comes_to_the_same_in_the_erp(message: Path, erp: Erp) -> None:
    for order, priced in _priced(message, erp):
        problems = compare_totals(order, priced)

        if _name(message) in ROUNDED_OTHERWISE:
            assert [problem.code for problem in problems] == ["TAX_ROUNDING"]
            continue
        assert problems == ()
        assert priced.total_amount.amount == order.totals.grand_total
        assert priced.currency == order.currency


@pytest.mark.parametrize(
    "case",
    [
        "woocommerce/fee-for-gift-wrapping",
        "woocommerce/discount-of-an-extension-as-negative-fee",
        "amazon/gift-wrap",
        "bigcommerce/fee-for-a-small-order",
        "prestashop/gift-wrap",
    ],
)
def test_fees_of_other_shops_are_charged_to_the_cent(case: str, erp: Erp) -> None:
    channel, name = case.split("/")
    [(order, priced)] = _priced(ORDERS / channel / name / "order.json", erp, channel)

    assert order.charges
    assert compare_totals(order, priced) == ()
    assert priced.total_amount.amount == order.totals.grand_total


def test_a_charge_that_the_shop_did_not_tax_is_found_before_the_order_is_made(erp: Erp) -> None:
    message = ORDERS / "bigcommerce/handling-charged/order.json"
    [(order, priced)] = _priced(message, erp, "bigcommerce")

    assert [problem.code for problem in compare_totals(order, priced)] == ["TAX_DIFF"]


def test_most_orders_are_priced_and_not_held(erp: Erp) -> None:
    priced = [message for message in MESSAGES if list(_priced(message, erp))]

    assert len(priced) > len(MESSAGES) // 2


def test_the_demonstration_has_orders_to_hold_and_orders_to_post(erp: Erp) -> None:
    demo = [message for message in MESSAGES if message.parent.name == "demo-shopify"]
    posted = [message for message in demo if list(_priced(message, erp))]

    assert (len(demo), len(posted)) == (12, 8)
