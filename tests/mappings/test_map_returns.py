"""An amount that went back without lines is taxed as the order was, or held."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from connector.mappings.external_order import (
    ExternalLine,
    ExternalOrder,
    ExternalReturn,
    ExternalReturnKind,
    ExternalReturnLine,
    ExternalTax,
)
from connector.mappings.map_returns import as_order, unusable

AT = datetime(2026, 11, 19, tzinfo=UTC)


def order(*lines: tuple[str, str, str], **more: Any) -> ExternalOrder:
    """Return an order of lines: quantity, price, tax rate."""
    return ExternalOrder(
        channel="shop",
        external_id="1",
        ordered_at=AT,
        currency="EUR",
        lines=tuple(
            ExternalLine(
                line_id=str(number),
                sku=f"A{number}",
                quantity=Decimal(quantity),
                price=Decimal(price),
                taxes=(ExternalTax(rate=Decimal(rate), amount=Decimal(0)),),
            )
            for number, (quantity, price, rate) in enumerate(lines)
        ),
        **{"taxes_included": True, **more},
    )


def amount(value: str, name: str = "R1") -> ExternalReturn:
    return ExternalReturn(
        return_id=name, kind=ExternalReturnKind.CREDIT, returned_at=AT, amount=Decimal(value)
    )


def on_lines(sold: ExternalOrder, value: str) -> list[tuple[str, str, str]]:
    """Return line, quantity and price of the credit."""
    lines = as_order(sold, amount(value)).lines
    return [(each.line_id, f"{each.quantity}", f"{each.price}") for each in lines]


def test_an_amount_goes_on_one_piece_of_the_dearest_line() -> None:
    sold = order(("3", "10.00", "0.19"), ("1", "40.00", "0.19"))

    assert on_lines(sold, "5.00") == [("1", "1", "5.00")]


def test_an_amount_that_no_line_is_worth_is_shared_by_value() -> None:
    sold = order(("3", "10.00", "0.19"), ("1", "40.00", "0.19"))

    assert on_lines(sold, "70.00") == [("0", "1", "30.00"), ("1", "1", "40.00")]


def test_with_several_tax_rates_each_has_its_part_to_the_cent() -> None:
    sold = order(("1", "20.00", "0.19"), ("1", "10.00", "0.07"))

    assert on_lines(sold, "5.00") == [("0", "1", "3.33"), ("1", "1", "1.67")]


def test_prices_without_tax_come_to_the_amount_with_it() -> None:
    sold = order(("1", "100.00", "0.19"), taxes_included=False)

    assert on_lines(sold, "11.90") == [("0", "1", "10.00")]
    assert list(unusable(sold, amount("11.90"))) == []


def test_an_amount_that_no_price_without_tax_gives_is_held() -> None:
    sold = order(("1", "100.00", "0.19"), taxes_included=False)

    (problem,) = unusable(sold, amount("9.99"))

    assert problem.code == "TOTALS_DO_NOT_ADD_UP"
    assert "no price without tax gives 9.99 EUR at 19 % (8.39 gives 9.98)" in problem.message


def test_a_fee_that_was_kept_holds_all_credits_of_the_order() -> None:
    kept = amount("-9.38", "91A")
    back = ExternalReturn(
        return_id="91",
        returned_at=AT,
        lines=(ExternalReturnLine(line_id="0", quantity=Decimal(1)),),
    )
    sold = order(("1", "59.38", "0.19"), returns=(back, kept))

    (problem,) = unusable(sold, back)

    assert problem.code == "REFUNDED_ORDER"
    assert "return 91A: 9.38 EUR less went back than its lines come to" in problem.message


def test_an_amount_back_for_what_was_free_is_held() -> None:
    sold = order(("1", "0.00", "0.19"))

    (problem,) = unusable(sold, amount("5.00"))

    assert "no line of the order has a value it could be taken from" in problem.message


@pytest.mark.parametrize("more", [{}, {"amount": Decimal(5), "lines": ({"line_id": "1"},)}])
def test_a_return_has_either_lines_or_an_amount(more: dict[str, Any]) -> None:
    lines = [{"quantity": Decimal(1), **each} for each in more.pop("lines", ())]
    with pytest.raises(ValidationError, match="one of them, not both"):
        ExternalReturn.model_validate(
            {"return_id": "R1", "returned_at": AT, "lines": lines, **more}
        )
