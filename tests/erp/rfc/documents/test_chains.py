"""Whole chains: read together in few calls, and noticed when anything in them changes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from connector.erp.rfc.erp import RfcErp
from connector.ports.erp import ChainSnapshot
from connector.simulator.engine.specs import (
    Partner,
    SalesDocumentSpec,
    SalesItemSpec,
)
from tests.contract.documents import item
from tests.contract.observing import Observer, count_calls
from tests.contract.walking import Walk, payment
from tests.erp.rfc.documents.conftest import System


def arrows(snapshot: ChainSnapshot) -> set[tuple[str, str, str]]:
    """The links by category: from, to, quantity."""
    return {
        (link.preceding.category.name, link.subsequent.category.name, str(link.quantity))
        for link in snapshot.links
    }


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
