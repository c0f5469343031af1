"""
What changed is told once, whatever the clocks do, and costs what changed.

Change detection over RFC: moments of creation, change documents, time stamps, entered accounting.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from connector.erp.rfc.erp import RfcErp
from connector.simulator.engine.clock_faults import AHEAD, AUTUMN, BEHIND
from connector.simulator.engine.specs import (
    OpenItemRef,
    Partner,
    PaymentSpec,
    SalesDocumentChange,
    SalesDocumentSpec,
    SalesItemSpec,
)
from tests.contract.documents import item
from tests.contract.observing import Observer, count_calls
from tests.contract.walking import Walk, payment
from tests.erp.rfc.documents.conftest import System

Ask = Callable[[], tuple[str, ...]]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def changed(erp: RfcErp) -> Ask:
    """Ask what changed since the last question."""
    watermark = ""

    def ask() -> tuple[str, ...]:
        nonlocal watermark
        found = erp.chains.changed_since(watermark)
        watermark = found.watermark
        return found.numbers

    return ask


def test_since_ever_everything_has_changed(walk: Walk) -> None:
    assert walk.erp.chains.changed_since("").numbers == ()
    assert walk.erp.chains.changed_since("").watermark == ""
    numbers = [walk.create(f"REF-{n}").number for n in range(3)]
    found = walk.erp.chains.changed_since("")
    assert list(found.numbers) == numbers
    assert found.watermark.startswith("2|20260105120000|20260105|")


def test_every_kind_of_change_is_told_once(
    system: System, walk: Walk, clearing_erp: RfcErp, changed: Ask
) -> None:
    """All of it within minutes of one day."""
    walk.create("QUIET")
    order = walk.create("REF-1", item(10, quantity="3"))
    changed()
    settle(changed)

    def told() -> tuple[str, ...]:
        found = changed()
        assert changed() == (), "told once"
        system.advance(MINUTE)
        return found

    system.advance(MINUTE)
    deliveries = walk.deliver(order)
    assert told() == (order.number,), "the delivery"
    issued = walk.issue(*deliveries, on=date(2026, 1, 5))
    assert told() == (order.number,), "the goods issue"
    (invoice,) = walk.bill(*(d.number for d in issued))
    assert told() == (order.number,), "the invoice"
    clearing_erp.payments.post(payment("PAY-1", *walk.items_of(invoice)), Observer())
    assert told() == (order.number,), "the clearing"
    with system.engine.session("CLERK") as session:
        session.change_sales_document(order.number, SalesDocumentChange(delivery_block="01"))
        session.commit()
    assert told() == (order.number,), "a change by hand"
    other = walk.create("REF-3")
    assert told() == (other.number,)


def settle(changed: Ask) -> None:
    """Ask until the creation of what is there was told under a moving watermark."""
    while changed():
        pass


def test_a_partial_payment_of_a_clerk_and_what_clears_the_rest_are_told(
    system: System, walk: Walk, changed: Ask
) -> None:
    """Neither clears the invoice's own line: they name it."""
    invoice = walk.invoiced("REF-1")
    order = invoice.items[0].sales_document
    settle(changed)

    def pays(amount: str, **more: object) -> None:
        assert invoice.accounting_document is not None
        spec = PaymentSpec(
            "1000",
            invoice.payer,
            Decimal(amount),
            "EUR",
            items=[OpenItemRef(invoice.accounting_document)],
            reference=f"CLERK-{amount}",
        )
        for name, value in more.items():
            setattr(spec, name, value)
        with system.engine.session("CLERK") as session:
            made = session.post_incoming_payment_with_clearing(spec)
            assert made.accepted, made.messages
            session.commit()

    system.advance(MINUTE)
    pays("10.00", partial=True)
    assert changed() == (order,)
    system.advance(MINUTE)
    pays("20.00", difference="residual")
    assert changed() == (order,)
    system.advance(MINUTE)
    chain = walk.erp.chains.read([order])
    [rest] = [i for i in chain.items if i.clearing_document is None and i.amount.amount > 0]
    with system.engine.session("CLERK") as session:
        made = session.post_incoming_payment_with_clearing(
            PaymentSpec(
                "1000",
                invoice.payer,
                rest.amount.amount,
                "EUR",
                items=[OpenItemRef(rest.key.accounting_document, 0, rest.line_item)],
                reference="CLERK-REST",
            )
        )
        assert made.accepted, made.messages
        session.commit()
    assert changed() == (order,)
    chain = walk.erp.chains.read([order])
    assert {i.amount.amount for i in chain.items if i.clearing_document is None} <= {
        Decimal("-10.00")
    }


def test_a_clearing_dated_back_is_noticed(
    system: System, walk: Walk, clearing_erp: RfcErp, changed: Ask
) -> None:
    """The clearing date is the payment's; what counts is when it was entered."""
    invoice = walk.invoiced("REF-1")
    system.advance(timedelta(days=20))
    walk.create("LATER")
    settle(changed)
    clearing_erp.payments.post(
        payment("PAY-1", *walk.items_of(invoice), posting_date=date(2026, 1, 12)), Observer()
    )
    assert changed() == (invoice.items[0].sales_document,)


def test_a_payment_tells_nothing_of_what_one_of_its_number_cleared_last_year(
    system: System, walk: Walk, clearing_erp: RfcErp, changed: Ask
) -> None:
    before, invoice = walk.invoiced("REF-1"), walk.invoiced("REF-2")
    clearing_erp.payments.post(payment("PAY-1", *walk.items_of(before)), Observer())
    system.advance(timedelta(days=365))
    walk.create("LATER")
    settle(changed)
    late = payment("PAY-2", *walk.items_of(invoice), posting_date=date(2027, 1, 8))

    key = clearing_erp.payments.post(late, Observer())

    [old] = walk.items_of(before)
    assert (key.accounting_document, key.fiscal_year) == (old.clearing_document, 2027)
    assert changed() == (invoice.items[0].sales_document,)
    of_both = walk.erp.chains.read([before.items[0].sales_document])
    assert {each.key.fiscal_year for each in of_both.items} == {2026}


def test_a_question_costs_what_changed_and_not_what_there_is(system: System, walk: Walk) -> None:
    """Many documents of the same day, then one more: one is told, in a fixed number of calls."""
    for n in range(12):
        walk.create(f"OLD-{n}")
    first = walk.erp.chains.changed_since("")
    system.advance(timedelta(hours=4))
    fresh = walk.create("NEW")
    called = count_calls(system.face)
    found = walk.erp.chains.changed_since(first.watermark)
    assert found.numbers == (fresh.number,)
    assert len(called) <= 8
    called.clear()
    assert walk.erp.chains.changed_since(found.watermark).numbers == ()
    assert len(called) <= 6


def test_nothing_new_leaves_the_watermark_as_it_is(walk: Walk, changed: Ask) -> None:
    walk.create("REF-1")
    settle(changed)
    chains = walk.erp.chains
    watermark = chains.changed_since("").watermark
    watermark = chains.changed_since(watermark).watermark
    assert chains.changed_since(watermark).watermark == watermark


def test_an_answer_that_was_lost_is_told_again(walk: Walk, changed: Ask) -> None:
    """Whoever asked died before the chains were read: the older watermark hides nothing."""
    chains = walk.erp.chains
    walk.create("REF-1")
    watermark = chains.changed_since("").watermark
    order = walk.create("REF-2")
    assert order.number in chains.changed_since(watermark).numbers
    assert order.number in chains.changed_since(watermark).numbers


def test_another_process_is_told_what_it_cannot_know_was_told(system: System, walk: Walk) -> None:
    order = walk.create("REF-1")
    watermark = walk.erp.chains.changed_since("").watermark
    watermark = walk.erp.chains.changed_since(watermark).watermark
    with system.erp() as other:
        assert other.chains.changed_since(watermark).numbers == (order.number,)


def delayed(system: System) -> str:
    """Create an order whose update waits; returns its number."""
    with system.engine.session("OTHER") as session:
        spec = SalesDocumentSpec(
            document_type="TA",
            sales_organization="1000",
            distribution_channel="20",
            division="00",
            partners=[Partner("AG", "C-100")],
            items=[SalesItemSpec(material="M-01", quantity=Decimal(1))],
        )
        number = session.create_sales_document(spec).number
        system.engine.faults.inject("commit delayed until released", on="commit")
        session.commit()
    return number


def test_an_update_that_finishes_late_is_not_missed(
    system: System, walk: Walk, changed: Ask
) -> None:
    """Stamped before others that were told meanwhile."""
    walk.create("REF-1")
    settle(changed)
    late = delayed(system)
    for n in range(4):
        system.advance(timedelta(minutes=20))
        order = walk.create(f"MEANWHILE-{n}")
        assert changed() == (order.number,)
    system.engine.release_updates()
    assert late in changed()


def test_a_stamp_of_yesterday_that_shows_after_midnight_is_not_missed(
    system: System, walk: Walk, changed: Ask
) -> None:
    walk.create("REF-1")
    settle(changed)
    system.advance(timedelta(hours=11, minutes=40))
    late = delayed(system)
    system.advance(timedelta(minutes=40))
    order = walk.create("AFTER MIDNIGHT")
    assert changed() == (order.number,)
    system.engine.release_updates()
    assert late in changed()


@pytest.mark.parametrize("fault", [AHEAD, BEHIND])
def test_a_clock_of_the_erp_that_is_an_hour_wrong_hides_nothing(
    system: System, walk: Walk, changed: Ask, fault: str
) -> None:
    walk.create("REF-1")
    settle(changed)
    system.engine.faults.inject(fault)
    for n in range(3):
        system.advance(MINUTE)
        order = walk.create(f"WRONG-{n}")
        assert changed() == (order.number,)
    system.engine.faults.clear()
    for n in range(3):
        system.advance(MINUTE)
        order = walk.create(f"RIGHT-{n}")
        assert changed() == (order.number,), "also where its stamp was told before as another's"


def test_the_hour_that_comes_twice_hides_nothing(system: System, walk: Walk, changed: Ask) -> None:
    system.engine.faults.inject(AUTUMN)
    system.clock.advance(system.engine.clock.now() - system.clock.now())
    walk.create("REF-1")
    settle(changed)
    for n in range(8):
        system.advance(timedelta(minutes=20))
        order = walk.create(f"TWICE-{n}")
        assert changed() == (order.number,)


def test_without_change_documents_the_day_is_read_again(system: System, walk: Walk) -> None:
    """A system that writes none still shows every change, at the price of the day's others."""
    order = walk.create("REF-1")
    with system.erp(change_documents=False) as erp:
        watermark = erp.chains.changed_since("").watermark
        watermark = erp.chains.changed_since(watermark).watermark
        system.advance(MINUTE)
        with system.engine.session("CLERK") as session:
            session.change_sales_document(order.number, SalesDocumentChange(delivery_block="01"))
            session.commit()
        assert erp.chains.changed_since(watermark).numbers == (order.number,)


def test_once_a_day_is_over_its_date_stamps_are_read_as_well(
    system: System, walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change that left no change document is told a day late, and not never."""
    order = walk.create("REF-1")
    chains = walk.erp.chains
    watermark = chains.changed_since(chains.changed_since("").watermark).watermark
    system.advance(timedelta(hours=3))
    with system.engine.session("CLERK") as session:
        session.change_sales_document(order.number, SalesDocumentChange(delivery_block="01"))
        session.commit()
    monkeypatch.setattr(type(system.engine), "change_documents", lambda *_: ())
    system.advance(timedelta(days=1))
    assert order.number in chains.changed_since(watermark).numbers


def test_a_watermark_of_an_earlier_version_is_understood(walk: Walk) -> None:
    order = walk.create("REF-1")
    found = walk.erp.chains.changed_since("20260105")
    assert found.numbers == (order.number,)
    assert found.watermark.startswith("2|20260105120000|20260105|")


def test_the_watermark_never_goes_back(erp: RfcErp) -> None:
    assert erp.chains.changed_since("20260301").watermark == "20260301"


@pytest.mark.parametrize("watermark", ["2|yesterday|20260105|x", "9|1|2|3", "odata|{}", "20269999"])
def test_a_watermark_that_is_none_means_since_ever(walk: Walk, watermark: str) -> None:
    order = walk.create("REF-1")
    assert walk.erp.chains.changed_since(watermark).numbers == (order.number,)
