"""IDocs of a B2B scenario: none of them is an order, and each is refused with what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.samples.orders import outcome_of


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("01.-b-Sales-Order-Response-Outbound", "ORDRSP"),
        ("02.-Delivery-Notification-Outbound", "DESADV"),
        ("03.-Invoice-Outbound", "INVOIC"),
    ],
)
def test_an_idoc_that_is_no_order_is_refused_with_its_type(
    name: str, kind: str, samples: Path
) -> None:
    files = sorted((samples / "orders/sap-b2b").glob(f"*{name}.xml"))
    assert len(files) == 2

    for path in files:
        found = outcome_of("idoc", path)
        assert found.mapped == ()
        assert all(f"(IDoc of the message type {kind})" in said for said in found.refused)
