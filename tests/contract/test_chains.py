"""Whole chains: read together in few calls, and noticed when anything in them changes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from connector.erp.rfc.erp import RfcErp
from connector.ports.erp import ChainSnapshot
from connector.sd_documents.document_flow import (
    BILLED_BY,
    DELIVERED_BY,
    followed_amount,
    open_quantity,
    reachable,
)
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference
from connector.simulator.engine.specs import (
    Partner,
    SalesDocumentChange,
    SalesDocumentSpec,
    SalesItemSpec,
)
from tests.contract.conftest import System
from tests.contract.documents import eur, item, pieces
from tests.contract.observing import Observer, count_calls
from tests.contract.walking import Walk, payment


def arrows(snapshot: ChainSnapshot) -> set[tuple[str, str, str]]:
    """The links by category: from, to, quantity."""
    return {
        (link.preceding.category.name, link.subsequent.category.name, str(link.quantity))
        for link in snapshot.links
    }


def test_the_chain_of_an_order_is_read_from_quotation_to_payment(
    walk: Walk, clearing_erp: RfcErp
) -> None:
    inquiry = walk.create("REF-1", item(10, quantity="10"), category=C.INQUIRY)
    quotation = walk.create(
        "REF-1",
        item(
            10,
            quantity="10",
            reference=ItemReference(category=C.INQUIRY, document=inquiry.number, item_number=10),
        ),
        category=C.QUOTATION,
        reference_document=inquiry.number,
        reference_category=C.INQUIRY,
    )
    order = walk.create(
        "REF-1",
        item(
            10,
            quantity="10",
            reference=ItemReference(
                category=C.QUOTATION, document=quotation.number, item_number=10
            ),
        ),
        reference_document=quotation.number,
        reference_category=C.QUOTATION,
    )
    first = walk.issue(*walk.deliver(order, "6"))
    second = walk.issue(*walk.deliver(order, "4"))
    (invoice,) = walk.bill(*(d.number for d in (*first, *second)))
    key = clearing_erp.payments.post(payment("PAY-1", *walk.items_of(invoice)), Observer())

    chain = walk.erp.chains.read([order.number])

    assert [d.number for d in chain.sales_documents] == [
        order.number,
        inquiry.number,
        quotation.number,
    ]
    assert chain.deliveries == (*first, *second) or chain.deliveries == walk.erp.deliveries.read(
        [d.number for d in (*first, *second)]
    )
    assert chain.billing_documents == (invoice,)
    assert {i.key.accounting_document for i in chain.items} == {
        invoice.accounting_document,
        key.accounting_document,
    }
    assert arrows(chain) == {
        ("INQUIRY", "QUOTATION", "10 ST"),
        ("QUOTATION", "SALES_ORDER", "10 ST"),
        ("SALES_ORDER", "DELIVERY", "6 ST"),
        ("SALES_ORDER", "DELIVERY", "4 ST"),
        ("DELIVERY", "GOODS_MOVEMENT", "6 ST"),
        ("DELIVERY", "GOODS_MOVEMENT", "4 ST"),
        ("DELIVERY", "INVOICE", "6 ST"),
        ("DELIVERY", "INVOICE", "4 ST"),
        ("INVOICE", "ACCOUNTING_DOCUMENT", "0 -"),
        ("ACCOUNTING_DOCUMENT", "ACCOUNTING_DOCUMENT", "0 -"),
    }
    ordered = ItemReference(category=C.SALES_ORDER, document=order.number, item_number=10)
    assert open_quantity(pieces("10"), ordered, chain.links, DELIVERED_BY) == pieces("0")
    billed = [
        followed_amount(
            ItemReference(category=C.DELIVERY, document=d.number, item_number=10),
            chain.links,
            BILLED_BY,
            "EUR",
        )
        for d in chain.deliveries
    ]
    assert billed == [eur("600.00"), eur("400.00")]
    ends = {each.document for each in reachable(ordered, chain.links)}
    assert {inquiry.number, invoice.number, key.accounting_document} <= ends


def test_quantities_of_links_are_in_the_sales_unit(walk: Walk) -> None:
    """A carton is eight bags: the flow keeps bags, the order speaks of cartons."""
    order = walk.create("REF-1", item(10, "CO-1000", "2", unit="KAR"), customer="1001")
    walk.issue(*walk.deliver(order))
    chain = walk.erp.chains.read([order.number])
    assert {a for a in arrows(chain) if a[1] in ("DELIVERY", "GOODS_MOVEMENT")} == {
        ("SALES_ORDER", "DELIVERY", "2 KAR"),
        ("DELIVERY", "GOODS_MOVEMENT", "2 KAR"),
    }


def test_a_cancelled_invoice_is_linked_to_its_cancellation(walk: Walk, observer: Observer) -> None:
    invoice = walk.invoiced("REF-1", item(10, quantity="3"))
    number = walk.erp.billing_documents.cancel(invoice.number, date(2026, 1, 10), observer)
    order = invoice.items[0].sales_document
    chain = walk.erp.chains.read([order])
    assert [(b.number, b.category) for b in chain.billing_documents] == [
        (invoice.number, C.INVOICE),
        (number, C.INVOICE_CANCELLATION),
    ]
    assert ("INVOICE", "INVOICE_CANCELLATION", "3 ST") in arrows(chain)
    delivered = invoice.items[0].preceding
    assert open_quantity(pieces("3"), delivered, chain.links, {C.INVOICE}) == pieces("0")


def test_clearing_by_the_erps_own_run_names_payment_and_invoice(
    system: System, walk: Walk, observer: Observer
) -> None:
    invoice = walk.invoiced("REF-1", item(10, quantity="3"))
    key = walk.erp.payments.post(payment("PAY-1", *walk.items_of(invoice)), observer)
    system.engine.run_job("automatic clearing")
    chain = walk.erp.chains.read([invoice.items[0].sales_document])
    lines = {i.key.accounting_document: i for i in chain.items}
    assert set(lines) == {invoice.accounting_document, key.accounting_document}
    assert lines[key.accounting_document].amount == -invoice.total_amount
    assert len({i.clearing_document for i in chain.items}) == 1


def test_what_one_payment_cleared_beside_is_no_part_of_the_chain(
    walk: Walk, clearing_erp: RfcErp
) -> None:
    mine, other = walk.invoiced("REF-1"), walk.invoiced("REF-2")
    clearing_erp.payments.post(payment("PAY-1", *walk.items_of(mine, other)), Observer())
    chain = walk.erp.chains.read([mine.items[0].sales_document])
    assert {i.billing_document for i in chain.items} == {mine.number, ""}


def test_an_order_with_nothing_behind_it_is_one_call(system: System, walk: Walk) -> None:
    order = walk.create("REF-1")
    called = count_calls(system.face)
    with system.erp(release=system.face.settings.profile) as erp:
        chain = erp.chains.read([order.number])
    assert called == ["BAPISDORDER_GETDETAILEDLIST"]
    assert chain.sales_documents == (order.model_copy(update={"partners": ()}),)
    assert (chain.deliveries, chain.billing_documents, chain.items, chain.links) == ((), (), (), ())


def test_many_chains_cost_as_many_calls_as_one(system: System, walk: Walk) -> None:
    def calls_for(*numbers: str) -> int:
        called = count_calls(system.face)
        with system.erp(release=system.face.settings.profile) as erp:
            chain = erp.chains.read(numbers)
        assert len(chain.billing_documents) == len(numbers)
        return len(called)

    orders = [walk.invoiced(f"REF-{n}").items[0].sales_document for n in range(6)]
    one, all_of_them = calls_for(orders[0]), calls_for(*orders)
    assert one <= 10
    assert all_of_them == one


def test_a_long_list_is_read_in_parts_and_put_together(system: System, walk: Walk) -> None:
    orders = [walk.invoiced(f"REF-{n}").items[0].sales_document for n in range(3)]
    whole = walk.erp.chains.read(orders)
    with system.erp(documents_per_call=1, values_per_selection=1) as erp:
        parts = erp.chains.read(orders)
    assert set(parts.links) == set(whole.links)
    assert set(parts.items) == set(whole.items)
    assert parts.sales_documents == whole.sales_documents
    assert parts.billing_documents == whole.billing_documents


def test_no_documents_are_no_chain(erp: RfcErp) -> None:
    chain = erp.chains.read([])
    assert chain == ChainSnapshot((), (), (), (), ())
    assert erp.chains.read(["0000099999"]).sales_documents == ()


def test_since_ever_everything_has_changed(walk: Walk) -> None:
    assert walk.erp.chains.changed_since("").numbers == ()
    assert walk.erp.chains.changed_since("").watermark == ""
    numbers = [walk.create(f"REF-{n}").number for n in range(3)]
    changed = walk.erp.chains.changed_since("")
    assert list(changed.numbers) == numbers
    assert changed.watermark == "20260105"


def test_every_kind_of_change_is_noticed_on_its_day(
    system: System, walk: Walk, clearing_erp: RfcErp
) -> None:
    quiet = walk.create("QUIET")
    order = walk.create("REF-1", item(10, quantity="3"))
    watermark = walk.erp.chains.changed_since("").watermark

    def changed() -> tuple[str, ...]:
        nonlocal watermark
        found = walk.erp.chains.changed_since(watermark)
        watermark = found.watermark
        return found.numbers

    def next_day() -> None:
        system.advance(timedelta(days=1))

    next_day()
    assert changed() == (quiet.number, order.number), "the watermark's day is read again"
    deliveries = walk.deliver(order)
    assert changed() == (quiet.number, order.number)
    assert changed() == (order.number,), "the delivery"
    next_day()
    issued = walk.issue(*deliveries, on=date(2026, 1, 7))
    changed()
    assert changed() == (order.number,), "the goods issue"
    next_day()
    (invoice,) = walk.bill(*(d.number for d in issued))
    changed()
    assert changed() == (order.number,), "the invoice"
    next_day()
    clearing_erp.payments.post(payment("PAY-1", *walk.items_of(invoice)), Observer())
    changed()
    assert changed() == (order.number,), "the clearing"
    next_day()
    other = walk.create("REF-3")
    changed()
    assert changed() == (other.number,), "nothing else happened on the last day"


def test_a_clearing_dated_back_is_noticed(system: System, walk: Walk, clearing_erp: RfcErp) -> None:
    """The clearing date is the payment's; what counts is when it was entered."""
    invoice = walk.invoiced("REF-1")
    system.advance(timedelta(days=20))
    walk.create("LATER")
    watermark = walk.erp.chains.changed_since("20260105").watermark
    assert watermark == "20260125"
    clearing_erp.payments.post(
        payment("PAY-1", *walk.items_of(invoice), posting_date=date(2026, 1, 12)), Observer()
    )
    found = walk.erp.chains.changed_since(watermark)
    assert invoice.items[0].sales_document in found.numbers


def test_finding_changes_costs_what_changed(system: System, walk: Walk) -> None:
    for n in range(5):
        walk.invoiced(f"OLD-{n}")
    system.advance(timedelta(days=1))
    fresh = walk.create("NEW")
    called = count_calls(system.face)
    found = walk.erp.chains.changed_since("20260106")
    assert found.numbers == (fresh.number,)
    assert len(called) <= 8
    assert found.watermark == "20260106"


def test_a_stamp_of_yesterday_that_shows_after_midnight_is_not_missed(
    system: System, walk: Walk
) -> None:
    """An update task ran on over midnight: its document bears the date of the day before."""
    system.advance(timedelta(hours=12, minutes=-30))
    with system.engine.session("OTHER") as session:
        spec = SalesDocumentSpec(
            document_type="TA",
            sales_organization="1000",
            distribution_channel="20",
            division="00",
            partners=[Partner("AG", "C-100")],
            items=[SalesItemSpec(material="M-01", quantity=Decimal(1))],
        )
        late = session.create_sales_document(spec).number
        system.engine.faults.inject("commit delayed until released", on="commit")
        session.commit()
    system.advance(timedelta(hours=1))
    walk.create("AFTER MIDNIGHT")
    watermark = walk.erp.chains.changed_since("20260105").watermark
    assert watermark == "20260105"
    system.engine.release_updates()
    assert late in walk.erp.chains.changed_since(watermark).numbers
    system.advance(timedelta(hours=1))
    assert walk.erp.chains.changed_since(watermark).watermark == "20260106"


def test_the_watermark_never_goes_back(erp: RfcErp) -> None:
    assert erp.chains.changed_since("20260301").watermark == "20260301"


def test_a_partly_delivered_order_shows_what_is_open(walk: Walk) -> None:
    order = walk.create("REF-1", item(10, quantity="10"))
    walk.deliver(order, "4")
    chain = walk.erp.chains.read([order.number])
    ordered = ItemReference(category=C.SALES_ORDER, document=order.number, item_number=10)
    left = open_quantity(pieces("10"), ordered, chain.links, DELIVERED_BY)
    assert left.value == Decimal(6)


def test_what_was_sent_back_is_part_of_the_orders_chain(system: System, walk: Walk) -> None:
    invoice = walk.invoiced("REF-1", item(10, quantity="3"))
    order = invoice.items[0].sales_document
    reference = ItemReference(category=C.SALES_ORDER, document=order, item_number=10)
    returns = walk.create(
        "REF-1R",
        item(10, quantity="2", reference=reference),
        category=C.RETURNS_ORDER,
        reference_document=order,
        reference_category=C.SALES_ORDER,
    )
    (received,) = walk.issue(*walk.deliver(returns))
    with system.engine.session("CLERK") as session:
        session.change_sales_document(returns.number, SalesDocumentChange(billing_block=""))
        session.commit()
    (memo,) = walk.bill(returns.number, category=C.RETURNS_ORDER)
    chain = walk.erp.chains.read([order])
    assert [d.number for d in chain.sales_documents] == [order, returns.number]
    assert received.number in {d.number for d in chain.deliveries}
    assert {b.number for b in chain.billing_documents} == {invoice.number, memo.number}
    assert ("SALES_ORDER", "RETURNS_ORDER", "2 ST") in arrows(chain)
    assert sum(i.amount.amount for i in chain.items) == Decimal(119)
