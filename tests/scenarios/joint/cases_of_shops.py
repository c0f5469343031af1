"""Stories beside the worked cases: dollars in parts with a rest, and a payout with its fees."""

from __future__ import annotations

from typing import Any

from tests.scenarios.joint.cases_of_trade import order, transfer
from tests.scenarios.joint.story import Story
from tests.scenarios.portal_orders import line

_REPORT = (
    "automatic_payout_id,automatic_payout_effective_at,balance_transaction_id,created,currency,"
    "gross,fee,net,reporting_category,source_id,charge_id\n"
)


def dollars(story: Story) -> None:
    """2,380.00 USD: 1,000 in part at 0.90, 880 with a rest of 500 at 0.95, the rest at 0.94."""
    lines = [line("10", "M-01", "20", price="100.00")]
    more = {"customer": "C-900", "currency": "USD"}
    sold = order("PO-9001", "2026-01-10", lines, "2380.00", "380.00", **more)
    story.sends("2026-01-10", "portal", sold)
    story.bills("2026-01-10")
    paid: list[dict[str, str]] = []
    for name, amount, day, rest in (
        ("BANK-91", "1000.00", "2026-02-10", "partial"),
        ("BANK-92", "880.00", "2026-03-10", "residual"),
        ("BANK-93", "500.00", "2026-04-10", ""),
    ):
        paid = [*paid, transfer(name, amount, day, rest=rest)]
        story.sends(day, "portal", {**sold, "payments": paid})
        story.transfers(day, "1000 USD", amount, "PO-9001")


def payout(story: Story) -> None:
    """Charges of 119.00, 238.00 and 59.50, a refund of 23.80, fees of 12.82: 379.88 at the bank."""
    for at, (net, gross, tax) in enumerate(
        (("10.00", "119.00", "19.00"), ("20.00", "238.00", "38.00"), ("5.00", "59.50", "9.50"))
    ):
        sold = _sold(f"SH-{at}", f"ch_{at}", net, gross, tax)
        story.sends("2026-04-16", "shop", sold)
        if not at:
            story.sends("2026-04-20", "shop", {**sold, "returns": [_RETURNED]})
    story.bills("2026-04-16", "2026-04-20")
    story.later_at("2026-04-20", lambda: story.releases_block("SH-0"))
    rows = (
        "txn_0 119.00 3.70 115.30 charge ch_0",
        "txn_1 238.00 7.14 230.86 charge ch_1",
        "txn_2 59.50 1.98 57.52 charge ch_2",
        "re_0 -23.80 0.00 -23.80 refund ch_0",
    )
    content = _REPORT + "".join(_row(*each.split()) for each in rows)
    story.at("2026-04-21", lambda: story.books.drop("statements", "payouts.csv", content))
    story.credits("2026-04-21", "1000", "379.88", "PAYOUT-77", "STRIPE PO_77")


_RETURNED = {
    "id": "R77",
    "kind": "credit",
    "at": "2026-04-20T08:00:00+02:00",
    "reason": "damaged",
    "lines": [{"id": "10", "quantity": "2"}],
}


def _sold(name: str, charge: str, net: str, gross: str, tax: str) -> dict[str, Any]:
    paid = transfer(charge, gross, "2026-04-16", method="card")
    lines = [line("10", "M-01", "10", price=net)]
    more: dict[str, Any] = {"customer": "C-120", "payments": [paid]}
    return order(name, "2026-04-16", lines, gross, tax, **more)


def _row(line_id: str, gross: str, fee: str, net: str, kind: str, charge: str) -> str:
    return (
        f"po_77,2026-04-21 00:00:00,{line_id},2026-04-17 08:00:00,eur,"
        f"{gross},{fee},{net},{kind},{line_id},{charge}\n"
    )
