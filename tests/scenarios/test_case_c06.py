"""Worked case C06: two tax rates, and opposite cents that hide each other in the total."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connector.sync.progress import Stage, stage_of
from tests.scenarios.portal_orders import line, portal_order
from tests.scenarios.worked_cases import PROFILES, a_case, case_plan

LINES = (
    ("10", "M-61", "3", "9.24", "27.72", "5.27"),
    ("20", "M-61", "7", "7.91", "55.37", "10.51"),
    ("30", "M-61", "7", "2.87", "20.09", "3.82"),
    ("40", "M-62", "7", "3.43", "24.01", "1.68"),
    ("50", "M-62", "7", "7.56", "52.92", "3.71"),
)


@pytest.mark.parametrize("profile", PROFILES)
def test_tax_is_rounded_once_for_each_rate_and_its_cent_is_the_largest_items(
    tmp_path: Path, profile: str
) -> None:
    with a_case(tmp_path, profile, case_plan(profile), date(2026, 3, 5)) as case:
        case.installation.send(
            portal_order(
                "EXT-6006",
                [line(n, product, q, price=p) for n, product, q, p, _, _ in LINES],
                ordered_on="2026-03-05",
                customer="C-100",
                requested_delivery_date="2026-03-05",
                totals={"tax": "24.99", "gross": "205.10"},
                payments=[
                    {
                        "id": "BANK-6",
                        "method": "transfer",
                        "amount": "205.10",
                        "received_at": "2026-03-06T10:00:00+01:00",
                    }
                ],
            )
        )
        case.pass_once()
        case.until(date(2026, 3, 7))

        view = case.installation.view("EXT-6006")
        assert not view.holds
        [invoice] = view.billing_documents
        assert [(i.net_amount.amount, i.tax_amount.amount) for i in invoice.items] == [
            (Decimal(net), Decimal(tax)) for *_, net, tax in LINES
        ]
        assert case.journal(invoice.accounting_document or "")[0] == ("140000", "205.10", "")
        document = case.installation.simulated.accounting_document(
            "1000", invoice.accounting_document or ""
        )
        assert document is not None
        taxes = {x.tax_code: x.amount for x in document.lines if x.account == "175000"}
        assert taxes == {"A1": Decimal("19.60"), "A2": Decimal("5.39")}
        assert case.balance() == 0
        assert stage_of(view) is Stage.COMPLETED
