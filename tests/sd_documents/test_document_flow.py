"""What is open follows from the links, item to item."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.sd_documents.copy_control import CopyControlError, may_follow, require_may_follow
from connector.sd_documents.document_flow import (
    BILLED_BY,
    DELIVERED_BY,
    FlowLink,
    followed_amount,
    open_quantity,
    reachable,
)
from connector.sd_documents.values import (
    DocumentCategory,
    ItemReference,
    Money,
    Quantity,
    UnitMismatchError,
)

ORDER_ITEM = ItemReference(
    category=DocumentCategory.SALES_ORDER, document="0000000001", item_number=10
)


def pieces(value: int | Decimal) -> Quantity:
    return Quantity(value=Decimal(value), unit="PC")


def link(
    category: DocumentCategory,
    document: str,
    quantity: int,
    *,
    preceding: ItemReference = ORDER_ITEM,
    sign: int = 1,
    net: str | None = None,
) -> FlowLink:
    return FlowLink(
        preceding=preceding,
        subsequent=ItemReference(category=category, document=document, item_number=10),
        quantity=pieces(quantity),
        sign=sign,
        net_amount=Money(amount=Decimal(net), currency="EUR") if net else None,
    )


def test_two_partial_deliveries_leave_nothing_open() -> None:
    links = [
        link(DocumentCategory.DELIVERY, "0080000001", 60),
        link(DocumentCategory.DELIVERY, "0080000002", 40),
    ]

    assert open_quantity(pieces(100), ORDER_ITEM, links[:1], DELIVERED_BY) == pieces(40)
    assert open_quantity(pieces(100), ORDER_ITEM, links, DELIVERED_BY) == pieces(0)


def test_an_over_delivery_closes_the_item_and_never_goes_negative() -> None:
    links = [link(DocumentCategory.DELIVERY, "0080000003", 104)]

    assert open_quantity(pieces(100), ORDER_ITEM, links, DELIVERED_BY) == pieces(0)


def test_a_cancelled_invoice_opens_the_item_for_billing_again() -> None:
    links = [
        link(DocumentCategory.INVOICE, "0090000001", 10, net="100.00"),
        link(DocumentCategory.INVOICE_CANCELLATION, "0090000002", 10, net="100.00", sign=-1),
    ]

    assert open_quantity(pieces(10), ORDER_ITEM, links, BILLED_BY) == pieces(10)
    assert followed_amount(ORDER_ITEM, links, BILLED_BY, "EUR") == Money.zero("EUR")


def test_links_of_other_items_and_other_categories_do_not_count() -> None:
    other = ItemReference(
        category=DocumentCategory.SALES_ORDER, document="0000000001", item_number=20
    )
    links = [
        link(DocumentCategory.DELIVERY, "0080000001", 5, preceding=other),
        link(DocumentCategory.INVOICE, "0090000001", 5),
    ]

    assert open_quantity(pieces(10), ORDER_ITEM, links, DELIVERED_BY) == pieces(10)


def test_a_link_in_another_unit_is_an_error_and_not_a_guess() -> None:
    foreign = FlowLink(
        preceding=ORDER_ITEM,
        subsequent=ItemReference(
            category=DocumentCategory.DELIVERY, document="0080000001", item_number=10
        ),
        quantity=Quantity(value=Decimal(1), unit="CAR"),
    )

    with pytest.raises(UnitMismatchError, match="1/10: link in CAR, item in PC"):
        open_quantity(pieces(10), ORDER_ITEM, [foreign], DELIVERED_BY)


@given(st.lists(st.integers(min_value=1, max_value=50), max_size=8), st.integers(1, 200))
def test_ordered_is_delivered_plus_open_unless_over_delivered(
    deliveries: list[int], ordered: int
) -> None:
    links = [
        link(DocumentCategory.DELIVERY, f"008000{number:04}", quantity)
        for number, quantity in enumerate(deliveries)
    ]

    still_open = open_quantity(pieces(ordered), ORDER_ITEM, links, DELIVERED_BY)

    assert still_open.value == max(ordered - sum(deliveries), 0)


def test_a_chain_is_reached_from_any_of_its_items() -> None:
    first = link(DocumentCategory.DELIVERY, "0080000001", 60)
    second = link(DocumentCategory.INVOICE, "0090000001", 60, preceding=first.subsequent)

    from_start = reachable(ORDER_ITEM, [second, first])

    assert from_start == reachable(second.subsequent, [first, second])
    assert len(from_start) == 3


def test_an_invoice_may_follow_a_delivery_but_not_an_inquiry() -> None:
    assert may_follow(DocumentCategory.DELIVERY, DocumentCategory.INVOICE)
    with pytest.raises(CopyControlError, match="INVOICE cannot follow INQUIRY"):
        require_may_follow(DocumentCategory.INQUIRY, DocumentCategory.INVOICE)
