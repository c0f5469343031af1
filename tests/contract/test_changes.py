"""Changes of documents that exist: what is stated changes, nothing else, and it is priced anew."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from connector.errors import RejectedError
from connector.sd_documents.partners import Partner, PartnerFunction
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.sales_document_change import (
    SalesDocumentChange,
    SalesDocumentItemChange,
)
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory as C
from tests.contract.documents import TODAY, eur, item, pieces
from tests.contract.observing import Observer
from tests.contract.walking import Walk, payment
from tests.contract.ways import Way


def change(walk: Walk, document: PostedSalesDocument, **fields: object) -> PostedSalesDocument:
    """Make a change and read the document again."""
    wanted = SalesDocumentChange.model_validate(
        {"number": document.number, "category": document.category, **fields}
    )
    observer = Observer()
    walk.erp.sales_documents.change(wanted, observer)
    assert observer.numbers == (document.number,)
    (found,) = walk.erp.sales_documents.read([document.number], document.category)
    return found


def quantity(number: int, value: str) -> SalesDocumentItemChange:
    return SalesDocumentItemChange(item_number=number, requested_quantity=pieces(value))


@pytest.fixture
def order(walk: Walk) -> PostedSalesDocument:
    return walk.create("REF-1", item(10, quantity="3"), item(20, "M-02", "2"))


def test_a_quantity_is_changed_and_priced_anew(walk: Walk, order: PostedSalesDocument) -> None:
    found = change(walk, order, items=(quantity(10, "5"),))
    assert found.item(10).requested_quantity == pieces("5")
    assert found.item(10).net_amount == eur("500.00")
    assert found.item(20) == order.item(20)
    assert found.tax_amount == eur("104.50")


def test_an_item_is_added_and_another_rejected(walk: Walk, order: PostedSalesDocument) -> None:
    rejected = SalesDocumentItemChange(item_number=20, rejection_reason="00")
    found = change(walk, order, items=(rejected,), added_items=(item(30, "M-03", "1"),))
    assert found.item(20).rejection_reason == "00"
    assert found.item(20).delivery_status is Status.COMPLETELY
    assert found.item(30).requested_quantity == pieces("1")
    lifted = SalesDocumentItemChange(item_number=20, rejection_reason="")
    again = change(walk, order, items=(lifted,))
    assert again.item(20).rejection_reason == ""
    assert again.item(20).delivery_status is Status.NOT_YET


def test_blocks_are_set_and_lifted(walk: Walk, order: PostedSalesDocument) -> None:
    blocked = change(walk, order, delivery_block_reason="Z1", billing_block_reason="08")
    assert (blocked.delivery_block_reason, blocked.billing_block_reason) == ("Z1", "08")
    free = change(walk, order, delivery_block_reason="")
    assert (free.delivery_block_reason, free.billing_block_reason) == ("", "08")
    assert free.items == order.items


def test_the_requested_date_moves(walk: Walk, order: PostedSalesDocument) -> None:
    found = change(walk, order, requested_delivery_date=date(2026, 1, 19))
    assert found.requested_delivery_date == date(2026, 1, 19)
    assert [each.requested_quantity for each in found.items] == [pieces("3"), pieces("2")]


def test_a_partner_is_replaced(walk: Walk, order: PostedSalesDocument) -> None:
    payer = Partner(function=PartnerFunction.PAYER, customer="P-701")
    found = change(walk, order, partners=(payer,))
    assert payer in found.partners
    assert found.sold_to_party == order.sold_to_party


@pytest.mark.parametrize("category", [C.QUOTATION, C.CREDIT_MEMO_REQUEST, C.DEBIT_MEMO_REQUEST])
def test_other_documents_are_changed_alike(walk: Walk, category: C) -> None:
    document = walk.create("REF-1", item(10, quantity="3"), category=category)
    found = change(walk, document, items=(quantity(10, "2"),))
    assert found.item(10).requested_quantity == pieces("2")
    assert found.net_amount == eur("200.00")


def test_never_below_what_is_delivered(walk: Walk, order: PostedSalesDocument) -> None:
    walk.deliver(order)
    with pytest.raises(RejectedError):
        change(walk, order, items=(quantity(10, "1"),))
    (found,) = walk.erp.sales_documents.read([order.number])
    assert found.item(10).requested_quantity == pieces("3")


@pytest.mark.parametrize(
    "fields",
    [{"items": (quantity(90, "1"),)}, {"number": "0000099999", "delivery_block_reason": "Z1"}],
)
def test_what_is_not_there_cannot_be_changed(
    way: Way, walk: Walk, order: PostedSalesDocument, fields: dict[str, object]
) -> None:
    before = way.engine.sales_document(order.number)
    with pytest.raises(RejectedError):
        change(walk, order, **fields)
    assert way.engine.sales_document(order.number) == before


def test_a_goods_issue_is_taken_back_and_posted_anew(way: Way, walk: Walk) -> None:
    (delivery,) = walk.deliver(walk.create("REF-1", item(10, quantity="3")))
    before = way.engine.stock("1000", "M-01")
    (issued,) = walk.issue(delivery, on=TODAY)
    walk.erp.deliveries.reverse_goods_issue(issued, TODAY, Observer())
    (open_again,) = walk.erp.deliveries.read([delivery.number])
    assert open_again.actual_goods_issue_date is None
    assert open_again.goods_movement_status is Status.NOT_YET
    assert way.engine.stock("1000", "M-01") == before
    (posted,) = walk.issue(open_again, on=TODAY)
    assert posted.goods_movement_status is Status.COMPLETELY


def test_what_never_left_cannot_be_taken_back(walk: Walk, observer: Observer) -> None:
    (delivery,) = walk.deliver(walk.create("REF-1"))
    with pytest.raises(RejectedError):
        walk.erp.deliveries.reverse_goods_issue(delivery, TODAY, observer)
    assert observer.was_refused


def test_a_goods_issue_that_is_posted_already_is_found_so(way: Way, walk: Walk) -> None:
    (delivery,) = walk.deliver(walk.create("REF-1", item(10, quantity="3")))
    walk.issue(delivery, on=TODAY)
    before = way.engine.stock("1000", "M-01")
    walk.erp.deliveries.post_goods_issue(delivery, TODAY, Observer())
    assert way.engine.stock("1000", "M-01") == before


# -- what changed --------------------------------------------------------------------------------


def test_since_ever_everything_has_changed(way: Way, walk: Walk) -> None:
    nothing = way.erp.chains.changed_since("")
    assert (nothing.numbers, nothing.watermark) == ((), "")
    numbers = [walk.create(f"REF-{n}").number for n in range(3)]
    found = way.erp.chains.changed_since("")
    assert list(found.numbers) == numbers
    assert found.watermark


def test_no_change_in_a_chain_is_missed(way: Way, walk: Walk) -> None:
    """Whatever happens to an order is news once its stamp has settled, and only its order is."""
    order = walk.create("REF-1", item(10, quantity="3"))
    walk.create("QUIET")
    watermark = way.erp.chains.changed_since("").watermark

    def news() -> set[str]:
        nonlocal watermark
        found = way.erp.chains.changed_since(watermark)
        watermark = found.watermark
        return set(found.numbers)

    def next_day() -> None:
        """Over midnight and an hour more, with the news of the old day read."""
        way.advance(timedelta(days=1))
        news()

    next_day()
    change(walk, order, billing_block_reason="08")
    assert order.number in news(), "a change"
    change(walk, order, billing_block_reason="")
    next_day()
    deliveries = walk.deliver(order)
    assert order.number in news(), "the delivery"
    next_day()
    issued = walk.issue(*deliveries, on=date(2026, 1, 8))
    assert order.number in news(), "the goods issue"
    next_day()
    (invoice,) = walk.bill(*(each.number for each in issued))
    assert order.number in news(), "the invoice"
    next_day()
    walk.erp.payments.post(payment("PAY-1", *walk.items_of(invoice)), Observer())
    way.clear()
    assert order.number in news(), "the clearing"
    next_day()
    other = walk.create("REF-3")
    assert other.number in news()
    next_day()
    assert order.number not in news(), "nothing else happened since"


def test_an_answer_that_was_not_used_is_given_again(way: Way, walk: Walk) -> None:
    """The caller died after the answer: it asks again with the watermark that it has."""
    walk.create("REF-1")
    watermark = way.erp.chains.changed_since("").watermark
    way.advance(timedelta(hours=2))
    second = walk.create("REF-2")
    assert second.number in way.erp.chains.changed_since(watermark).numbers
    assert second.number in way.erp.chains.changed_since(watermark).numbers
