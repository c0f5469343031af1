"""Interchanges of other projects' tests: EDIFACT and X12, whole, broken and of other kinds."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.samples.orders import goods_of, outcome_of

SMOOKS = "edifact/smooks/edifact-cartridge__src__test__resources__data__"
B2B = "sap-b2b/Order-to-Cash-B2B-Scenario"
INBOUND = "01.-a-Sales-Order-Request-Inbound"
#: The orders in each file: channel, id, number of lines, value of the lines.
ORDERS = {
    f"{SMOOKS}ORDERS_D.03B_Interchange.txt": (
        "edifact", "5412345000176-BKOD99", 4, "0"),
    "edifact/pydifact/order.edi": ("edifact", "8711576000012-801715918011", 2, "0"),
    "edifact/pydifact/order2.edi": ("edifact", "123456789-PO123456", 1, "250.00"),
    "edifact/pydifact/wikipedia_de.edi": ("edifact", "Senderkennung-B10001", 1, "0"),
    f"{B2B}-UN-EDIFACT__UN-EDIFACT__D.96A__{INBOUND}.edi": (
        "edifact", "1111111111111-5YGVX1VT", 1, "2870.90"),
    "x12/staedi/invoice810_po850_dual.edi": ("x12", "999999999-S115921858", 4, "0"),
    "x12/edi.net/x12.850.edi": ("x12", "000123456-1000012", 1, "19.95"),
    "x12/edi.net/x12.850a.edi": ("x12", "1500-4600000406", 3, "16555.00"),
    "x12/edi.net/x12.850.issue135.edi": ("x12", "049351117-740151", 11, "0"),
    f"{B2B}__ASC-X12__004010__{INBOUND}.x12": (
        "x12", "TPASCX12-68DHHA7B", 2, "3834.74"),
}  # fmt: skip
#: What a file says beside its orders, or instead of them.
REFUSED = {
    "edifact/pydifact/order.edi": "it has no UNZ",
    "edifact/pydifact/order2.edi": "it has no UNZ",
    f"{SMOOKS}BAD_ORDERS_D.03B_Interchange.txt": "UNT counts 22 segments",
    "x12/staedi/invoice810_po850_dual.edi": "this is an invoice (transaction set 810)",
    "x12/edi.net/x12.850.issue135.edi": "the segment goes on into PO1",
    "x12/edi.net/x12.Issue172.edi": "SE counts 50 segments",
    "x12/edi.net/x12.Issue101.edi": "SE counts 50 segments",
    "x12/edi.net/x12.Issue91.edi": "SE counts 50 segments",
}


def _channel(path: Path) -> str:
    return "x12" if path.suffix == ".x12" or "x12" in path.parts else "edifact"


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_is_read_whole_and_held_for_its_buyer(name: str, samples: Path) -> None:
    channel, order_id, lines, goods = ORDERS[name]

    found = outcome_of(channel, samples / "orders" / name)

    assert [order.external_id for order in found.orders] == [order_id]
    assert len(found.orders[0].lines) == lines
    assert goods_of(found.orders[0]) == Decimal(goods)
    assert {"UNKNOWN_CUSTOMER", "UNKNOWN_SKU"} <= found.codes
    assert "TOTALS_DO_NOT_ADD_UP" not in found.codes
    if name in REFUSED:
        assert all(REFUSED[name] in said for said in found.refused)
    else:
        assert found.refused == ()


def test_all_other_interchanges_are_refused_with_what_they_are(samples: Path) -> None:
    folder = samples / "orders"
    files = [p for top in ("edifact", "x12") for p in (folder / top).rglob("*") if p.is_file()]
    others = [path for path in files if path.relative_to(folder).as_posix() not in ORDERS]
    assert len(others) > 15

    for path in others:
        found = outcome_of(_channel(path), path)
        name = path.relative_to(folder).as_posix()
        reasons = (
            REFUSED.get(name, "this is a"), "it starts with", "UNZ counts", "breaks off"
        )  # fmt: skip
        assert found.mapped == ()
        assert all(any(reason in said for reason in reasons) for said in found.refused)


def test_prices_without_a_currency_are_not_guessed(samples: Path) -> None:
    found = outcome_of("x12", samples / "orders/x12/edi.net/x12.850.edi")

    assert {"NO_RULE_FOR_CURRENCY", "TEST_ORDER"} <= found.codes


def test_a_replacement_is_no_second_order(samples: Path) -> None:
    found = outcome_of("x12", samples / "orders/x12/edi.net/x12.850.issue135.edi")

    assert "ORDER_CHANGE" in found.codes
