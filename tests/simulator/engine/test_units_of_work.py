"""What becomes visible when: commit, rollback, update task, locks, numbers, faults."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.faults import ShortDumpError
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.specs import (
    BillingRef,
    DeliveryRef,
    SalesDocumentChange,
)
from tests.simulator.engine.support import (
    billed,
    delivered,
    done,
    invoiced,
    issued,
    item,
    new_erp,
    order,
    refused,
    sold,
)

ONE = order(item(10, "M-01", 1))


def test_nothing_is_visible_before_the_commit(erp: SimulatedErp) -> None:
    session = erp.session("A")
    number = session.create_sales_document(ONE).number
    assert erp.sales_document(number) is None

    session.commit(wait=True)

    assert erp.sales_document(number) is not None


def test_not_even_its_own_session_can_follow_an_uncommitted_document(erp: SimulatedErp) -> None:
    session = erp.session("A")
    number = session.create_sales_document(ONE).number

    outcome = session.create_deliveries([DeliveryRef(number)])

    assert [f"{row.id} {row.number}" for row in outcome.messages] == ["VL 002"]


def test_a_rolled_back_number_never_exists_and_is_not_used_again(erp: SimulatedErp) -> None:
    session = erp.session("A")
    lost = session.create_sales_document(ONE).number
    session.rollback()
    session.commit(wait=True)

    assert erp.sales_document(lost) is None
    assert sold(erp, ONE) == str(int(lost) + 1).zfill(10)


def test_a_closed_session_commits_nothing(erp: SimulatedErp) -> None:
    with erp.session("A") as session:
        number = session.create_sales_document(ONE).number
    with erp.session("A") as other:
        assert other.commit(wait=True).messages == ()
    assert erp.sales_document(number) is None


def test_a_commit_without_wait_becomes_visible_later(erp: SimulatedErp) -> None:
    session = erp.session("A")
    number = session.create_sales_document(ONE).number
    session.commit(wait=False)
    assert erp.sales_document(number) is None

    erp.advance(erp.settings.update_delay)

    assert erp.sales_document(number) is not None


def test_updates_may_be_run_without_waiting_for_the_clock(erp: SimulatedErp) -> None:
    session = erp.session("A")
    number = session.create_sales_document(ONE).number
    session.commit(wait=False)

    assert erp.run_updates() == 1

    assert erp.sales_document(number) is not None


def test_several_documents_of_one_unit_of_work_appear_together(erp: SimulatedErp) -> None:
    session = erp.session("A")
    numbers = [session.create_sales_document(ONE).number for _ in range(3)]
    session.commit(wait=True)
    assert all(erp.sales_document(number) for number in numbers)


def test_a_document_is_locked_until_its_update_has_run(erp: SimulatedErp) -> None:
    number = sold(erp, ONE)
    first, second = erp.session("FIRST"), erp.session("SECOND")
    change = SalesDocumentChange(order_reason="001")
    assert first.change_sales_document(number, change).accepted
    first.commit(wait=False)

    outcome = second.change_sales_document(number, change)
    assert [f"{row.id} {row.number}" for row in outcome.messages] == ["V1 042", "V4 219"]
    assert "FIRST" in outcome.messages[0].text
    rows = [
        f"{row.id} {row.number}" for row in second.create_deliveries([DeliveryRef(number)]).messages
    ]
    assert rows == ["VL 045"]

    erp.run_updates()
    assert second.change_sales_document(number, change).accepted


def test_a_rollback_releases_the_lock(erp: SimulatedErp) -> None:
    number = sold(erp, ONE)
    first = erp.session("FIRST")
    first.change_sales_document(number, SalesDocumentChange(order_reason="001"))
    first.rollback()
    done(erp, "change_sales_document", number, SalesDocumentChange(order_reason="101"))
    document = erp.sales_document(number)
    assert document is not None and document.order_reason == "101"


def test_a_locked_delivery_names_its_user(erp: SimulatedErp) -> None:
    delivery = delivered(erp, sold(erp, ONE))
    first = erp.session("FIRST")
    first.confirm_delivery(delivery)
    assert refused(erp, "confirm_delivery", delivery) == ["VL 046"]


def test_a_refused_operation_leaves_nothing_for_the_commit(erp: SimulatedErp) -> None:
    before = erp.document_counts()
    assert refused(erp, "create_sales_document", order(item(10, "NO-SUCH", 1))) == [
        "V1 382",
        "V4 219",
    ]
    assert erp.document_counts() == before


def test_a_unit_of_work_keeps_what_came_before_a_refused_operation(erp: SimulatedErp) -> None:
    session = erp.session("A")
    number = session.create_sales_document(ONE).number
    assert not session.create_sales_document(order(item(10, "NO-SUCH", 1))).accepted
    session.commit(wait=True)
    assert erp.sales_document(number) is not None


# -- faults --------------------------------------------------------------------------------------


def test_a_terminated_update_loses_the_document_and_says_so_only_to_who_waits(
    erp: SimulatedErp,
) -> None:
    session = erp.session("A")
    for wait, rows in ((True, ["S& 101"]), (False, [])):
        erp.faults.inject("update terminated after commit", on="commit")
        number = session.create_sales_document(ONE).number
        outcome = session.commit(wait=wait)
        assert [f"{row.id} {row.number}" for row in outcome.messages] == rows
        erp.run_updates()
        assert erp.sales_document(number) is None
        assert erp.update_failures()[-1] == number


def test_a_held_commit_happens_when_it_is_released(erp: SimulatedErp) -> None:
    erp.faults.inject("commit delayed until released", on="commit")
    with erp.session("A") as session:
        number = session.create_sales_document(ONE).number
        session.commit(wait=True)
    erp.advance(timedelta(days=1))
    erp.run_updates()
    assert erp.sales_document(number) is None

    assert erp.release_updates() == 1

    assert erp.sales_document(number) is not None


def test_a_short_dump_ends_the_unit_of_work(erp: SimulatedErp) -> None:
    session = erp.session("A")
    lost = session.create_sales_document(ONE).number
    erp.faults.inject("short dump", on="create sales document")
    with pytest.raises(ShortDumpError, match="COMPUTE_INT_ZERODIVIDE"):
        session.create_sales_document(ONE)
    session.commit(wait=True)
    assert erp.sales_document(lost) is None


@pytest.mark.parametrize(("fault", "kind"), [("return E", "E"), ("return A", "A")])
def test_an_injected_message_refuses_once(erp: SimulatedErp, fault: str, kind: str) -> None:
    erp.faults.inject(fault, on="create sales document")
    session = erp.session("A")
    assert [row.type for row in session.create_sales_document(ONE).messages] == [kind]
    assert session.create_sales_document(ONE).accepted
    assert erp.faults.waiting() == ()


def test_a_refused_commit_has_lost_the_buffer(erp: SimulatedErp) -> None:
    session = erp.session("A")
    number = session.create_sales_document(ONE).number
    erp.faults.inject("return E", on="commit")
    assert not session.commit(wait=True).accepted
    assert session.commit(wait=True).accepted
    assert erp.sales_document(number) is None


def test_an_injected_lock_looks_like_a_real_one(erp: SimulatedErp) -> None:
    number = sold(erp, ONE)
    erp.faults.inject("document locked", on="create deliveries")
    assert refused(erp, "create_deliveries", [DeliveryRef(number)]) == ["VL 045"]
    assert delivered(erp, number)


def test_a_lock_names_the_user_it_was_injected_with(erp: SimulatedErp) -> None:
    number = sold(erp, ONE)
    erp.faults.inject("document locked", on="change sales document", by="MILLER")
    with erp.session("A") as session:
        outcome = session.change_sales_document(number, SalesDocumentChange(name="x"))
    assert outcome.messages[0].text.endswith("(by user MILLER)")
    assert (outcome.messages[0].id, outcome.messages[0].number) == ("V1", "042")


def test_a_deadlock_ends_the_unit_of_work(erp: SimulatedErp) -> None:
    session = erp.session("A")
    lost = session.create_sales_document(ONE).number
    erp.faults.inject("deadlock", on="create sales document")
    with pytest.raises(ShortDumpError, match="DBIF_RSQL_SQL_ERROR") as dump:
        session.create_sales_document(ONE)
    assert "deadlock" in str(dump.value)
    session.commit(wait=True)
    assert erp.sales_document(lost) is None


def test_a_warning_does_not_stop_a_success(erp: SimulatedErp) -> None:
    erp.faults.inject("warning", on="create sales document")
    with erp.session("A") as session:
        outcome = session.create_sales_document(ONE)
        assert outcome.accepted
        assert [row.type for row in outcome.messages][:2] == ["W", "S"]
        session.commit(wait=True)
    assert erp.sales_document(outcome.number) is not None


def test_the_notice_of_a_duplicate_can_come_without_one(erp: SimulatedErp) -> None:
    erp.faults.inject("duplicate purchase order", on="create sales document")
    with erp.session("A") as session:
        outcome = session.create_sales_document(ONE)
    rows = [f"{row.type} {row.id} {row.number}" for row in outcome.messages]
    assert outcome.accepted and "W V4 115" in rows


def test_an_injected_credit_block_saves_the_order_blocked(erp: SimulatedErp) -> None:
    erp.faults.inject("credit block", on="create sales document")
    document = erp.sales_document(sold(erp, ONE))
    assert document is not None and document.credit_status == "B"


def test_a_missing_account_leaves_the_invoice_unposted_until_released(erp: SimulatedErp) -> None:
    erp.faults.inject("account determination", on="create billing documents")
    _, _, number = invoiced(erp, ONE)
    invoice = erp.billing_document(number)
    assert invoice is not None
    assert (invoice.transfer_status, invoice.accounting_document) == ("B", "")
    assert erp.accounting_documents_of("VBRK", number) == ()

    done(erp, "release_billing_to_accounting", number)

    released = erp.billing_document(number)
    assert released is not None and released.transfer_status == "C"
    assert len(erp.accounting_documents_of("VBRK", number)) == 1


@pytest.mark.parametrize(
    ("name", "on", "times"), [("no such", "*", 1), ("return E", "no such", 1), ("return E", "*", 0)]
)
def test_a_fault_that_cannot_happen_is_refused(
    erp: SimulatedErp, name: str, on: str, times: int
) -> None:
    with pytest.raises(ValueError, match=r"unknown|at least"):
        erp.faults.inject(name, on=on, times=times)


# -- numbers -------------------------------------------------------------------------------------


def test_buffered_numbers_come_out_of_order_and_leave_gaps(master: MasterData) -> None:
    with new_erp(master, number_buffer_size=5, number_servers=2) as erp:
        numbers = [int(sold(erp, ONE)) for _ in range(4)]
        erp.lost_number_buffers()
        numbers.append(int(sold(erp, ONE)))

    assert numbers[:4] == [1, 6, 2, 7]
    assert numbers[4] == 11


def test_threads_never_get_the_same_number(erp: SimulatedErp) -> None:
    numbers: list[str] = []

    def create() -> None:
        with erp.session("T") as session:
            for _ in range(10):
                numbers.append(session.create_sales_document(order(item(10, "SV-1000", 1))).number)
                session.commit(wait=True)

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(numbers)) == 40
    assert erp.document_counts()["sales"] == 40


# -- later steps ---------------------------------------------------------------------------------


def test_goods_are_issued_only_once(erp: SimulatedErp) -> None:
    delivery = delivered(erp, sold(erp, ONE))
    issued(erp, delivery)
    assert refused(erp, "confirm_delivery", delivery, post_goods_issue=True) == ["VL 602"]


def test_a_delivery_is_billed_only_after_goods_issue_and_only_once(erp: SimulatedErp) -> None:
    delivery = delivered(erp, sold(erp, ONE))
    assert refused(erp, "create_billing_documents", [BillingRef(delivery)]) == ["00 398"]
    issued(erp, delivery)
    billed(erp, delivery)
    assert refused(erp, "create_billing_documents", [BillingRef(delivery)]) == ["VF 017"]


def test_two_sessions_cannot_issue_the_same_stock(erp: SimulatedErp) -> None:
    first = delivered(erp, sold(erp, order(item(10, "M-03", 60))))
    with erp.session("STOCKTAKER") as session:
        session.post_goods_receipt("1000", "M-03", Decimal(20))
        session.commit(wait=True)
    second = delivered(erp, sold(erp, order(item(10, "M-03", 60))))
    one, two = erp.session("ONE"), erp.session("TWO")
    assert one.confirm_delivery(first, post_goods_issue=True).accepted
    assert two.confirm_delivery(second, post_goods_issue=True).accepted
    one.commit(wait=False)
    two.commit(wait=True)
    erp.run_updates()
    stock = erp.stock("1000", "M-03")
    assert stock is not None and stock.unrestricted == 0 and stock.value == 0
