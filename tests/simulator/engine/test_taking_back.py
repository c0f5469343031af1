"""Down payments, reset clearings, reversed postings, and values at a key date."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connector.resources import shipped
from connector.simulator.engine.down_payments import DownPaymentSpec
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.master_tables import combined, read_folder
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    AccountingLineSpec,
    ClearingSpec,
    ManualCondition,
    OpenItemRef,
    PaymentSpec,
)
from tests.simulator.engine.support import (
    balance,
    delivered,
    done,
    invoiced,
    issued,
    item,
    journal,
    new_erp,
    on,
    open_total,
    order,
    refused,
    sold,
)


def invoice(erp: SimulatedErp, quantity: int = 10) -> str:
    """Bill so many pieces of 100 net, 119 gross, to C-100."""
    return invoiced(erp, order(item(10, "M-01", quantity)))[2]


def paid(erp: SimulatedErp, amount: str, *items: str, **more: object) -> str:
    refs = [OpenItemRef(each) for each in items]
    spec = PaymentSpec("1000", "C-100", Decimal(amount), "EUR", items=refs)
    for name, value in more.items():
        setattr(spec, name, value)
    return done(erp, "post_incoming_payment_with_clearing", spec).number


def agrees(erp: SimulatedErp) -> bool:
    """Whether the open items come to the receivables, down payments included."""
    return balance(erp) + balance(erp, "170000") == open_total(erp)


def balances(erp: SimulatedErp) -> tuple[str, str]:
    """Return the balance of the receivables, and that of the down payments."""
    return str(balance(erp)), str(balance(erp, "170000"))


# -- down payments -------------------------------------------------------------------------------


def test_a_down_payment_stands_on_its_own_account(erp: SimulatedErp) -> None:
    paid(erp, "300.00", special_gl="A")
    (credit,) = erp.open_items("1000", "C-100")
    assert (credit.line.special_gl, credit.line.account) == ("A", "170000")
    assert balances(erp) == ("0", "-300.00")


def test_it_is_set_against_the_final_invoice(erp: SimulatedErp) -> None:
    down = paid(erp, "300.00", special_gl="A")
    bill = invoice(erp)
    spec = DownPaymentSpec("1000", "C-100", OpenItemRef(bill), [OpenItemRef(down)])
    transfer = done(erp, "clear_down_payments", spec).number
    assert journal(erp.accounting_document("1000", transfer)) == [
        ("170000", "300.00", ""),
        ("140000", "", "300.00"),
    ]
    (_, credit) = sorted(erp.open_items("1000", "C-100"), key=lambda each: -each.amount)
    assert (credit.line.invoice_reference, credit.amount) == (bill, Decimal("-300.00"))
    assert balances(erp) == ("890.00", "0.00")
    rest = paid(erp, "890.00", bill, transfer)
    assert erp.open_items("1000", "C-100") == ()
    assert len(erp.items_cleared_by("1000", rest)) == 3


def test_one_that_covers_the_invoice_clears_it_and_leaves_the_rest(erp: SimulatedErp) -> None:
    down = paid(erp, "1500.00", special_gl="A")
    bill = invoice(erp)
    spec = DownPaymentSpec("1000", "C-100", OpenItemRef(bill), [OpenItemRef(down)])
    transfer = done(erp, "clear_down_payments", spec).number
    (rest,) = erp.open_items("1000", "C-100")
    assert (rest.amount, rest.line.special_gl) == (Decimal("-310.00"), "A")
    assert {each.accounting_document for each in erp.items_cleared_by("1000", transfer)} == {
        down,
        bill,
        transfer,
    }
    assert balances(erp) == ("0.00", "-310.00")


def test_only_part_of_it_may_be_used(erp: SimulatedErp) -> None:
    down = paid(erp, "300.00", special_gl="A")
    bill = invoice(erp)
    for amount, accepted in (("301.00", False), ("0.00", False), ("100.00", True)):
        spec = DownPaymentSpec(
            "1000", "C-100", OpenItemRef(bill), [OpenItemRef(down)], Decimal(amount)
        )
        with erp.session("TESTER") as session:
            assert session.clear_down_payments(spec).accepted is accepted
            session.commit()
    assert balances(erp) == ("1090.00", "-200.00")
    assert agrees(erp)


def test_what_is_no_down_payment_is_refused(erp: SimulatedErp) -> None:
    on_account, bill = paid(erp, "300.00"), invoice(erp)
    wrong = DownPaymentSpec("1000", "C-100", OpenItemRef(bill), [OpenItemRef(on_account)])
    assert refused(erp, "clear_down_payments", wrong) == ["RW 609", "00 398"]
    missing = DownPaymentSpec("1000", "C-100", OpenItemRef("1"), [OpenItemRef(on_account)])
    assert refused(erp, "clear_down_payments", missing) == ["RW 609", "00 398"]


def test_one_payment_may_clear_items_of_two_accounts(erp: SimulatedErp) -> None:
    down, bill = paid(erp, "190.00", special_gl="A"), invoice(erp)
    payment = paid(erp, "1000.00", down, bill)
    assert journal(erp.accounting_document("1000", payment)) == [
        ("113100", "1000.00", ""),
        ("170000", "190.00", ""),
        ("140000", "", "1190.00"),
    ]
    assert balance(erp) == balance(erp, "170000") == open_total(erp) == 0


def test_items_of_two_accounts_may_clear_each_other(erp: SimulatedErp) -> None:
    down, bill = paid(erp, "1190.00", special_gl="A"), invoice(erp)
    spec = ClearingSpec("1000", "C-100", [OpenItemRef(down), OpenItemRef(bill)])
    done(erp, "clear_items", spec)
    assert balance(erp) == balance(erp, "170000") == open_total(erp) == 0


# -- reset and reversal --------------------------------------------------------------------------


def test_a_reset_opens_what_was_cleared_and_keeps_the_documents(erp: SimulatedErp) -> None:
    bill = invoice(erp)
    payment = paid(erp, "1190.00", bill)
    done(erp, "reset_clearing", "1000", payment)
    assert [(each.accounting_document, each.amount) for each in erp.open_items("1000")] == [
        (bill, Decimal("1190.00")),
        (payment, Decimal("-1190.00")),
    ]
    assert erp.items_cleared_by("1000", payment) == ()
    assert erp.cleared_items("1000", "C-100") == ()
    assert refused(erp, "reset_clearing", "1000", payment) == ["RW 609", "00 398"]
    spec = ClearingSpec("1000", "C-100", [OpenItemRef(bill), OpenItemRef(payment)])
    again = done(erp, "clear_items", spec).number
    assert len(erp.items_cleared_by("1000", again)) == 2
    assert erp.open_items("1000") == ()


def test_a_reset_may_reverse_the_payment(erp: SimulatedErp) -> None:
    bill = invoice(erp)
    payment = paid(erp, "1190.00", bill)
    reversal = done(erp, "reset_clearing", "1000", payment, reverse=True).number
    found = erp.accounting_document("1000", reversal)
    assert journal(found) == [("113100", "", "1190.00"), ("140000", "1190.00", "")]
    assert found is not None and found.reversal_of == payment
    (open_item,) = erp.open_items("1000")
    assert open_item.accounting_document == bill
    assert balance(erp) == Decimal("1190.00") and balance(erp, "113100") == 0


def test_a_clearing_with_a_residual_goes_back_as_a_whole(erp: SimulatedErp) -> None:
    bill = invoice(erp)
    payment = paid(erp, "1000.00", bill, difference="residual")
    assert refused(erp, "reset_clearing", "1000", payment) == ["RW 609", "00 398"]
    done(erp, "reset_clearing", "1000", payment, reverse=True)
    assert [each.accounting_document for each in erp.open_items("1000")] == [bill]
    assert agrees(erp)


def test_a_residual_that_is_paid_keeps_its_clearing(erp: SimulatedErp) -> None:
    payment = paid(erp, "1000.00", invoice(erp), difference="residual")
    paid(erp, "190.00", payment)
    assert refused(erp, "reset_clearing", "1000", payment, reverse=True) == ["RW 609", "00 398"]
    assert erp.open_items("1000") == ()


def test_a_direct_posting_is_reversed_once(erp: SimulatedErp) -> None:
    spec = AccountingDocumentSpec(
        "1000",
        "DR",
        "EUR",
        lines=[
            AccountingLineSpec(Decimal(119), customer="C-100"),
            AccountingLineSpec(Decimal(-119), account="800000"),
        ],
    )
    number = done(erp, "post_accounting_document", spec).number
    reversal = done(erp, "reverse_accounting_document", "1000", number).number
    assert balance(erp) == balance(erp, "800000") == open_total(erp) == 0
    assert refused(erp, "reverse_accounting_document", "1000", number) == ["RW 609", "00 398"]
    assert len(erp.items_cleared_by("1000", reversal)) == 2


@pytest.mark.parametrize("number", ["invoice", "4900000001", "999"])
def test_what_others_have_posted_is_not_reversed_here(erp: SimulatedErp, number: str) -> None:
    wanted = invoice(erp) if number == "invoice" else number
    assert refused(erp, "reverse_accounting_document", "1000", wanted) == ["RW 609", "00 398"]


# -- foreign currency ----------------------------------------------------------------------------


@pytest.fixture
def dollars() -> MasterData:
    """The company with a dollar that rises on 1 February."""
    rate = {
        "from_currency": "USD",
        "to_currency": "EUR",
        "valid_from": "2026-02-01",
        "rate": "0.95",
    }
    layers = combined(read_folder(shipped("fixtures/erp")), {"exchange_rates": [rate]})
    return MasterData.from_rows(layers)


def dollar_invoice(erp: SimulatedErp) -> str:
    price = ManualCondition("PR00", Decimal("100.00"), 10, "USD")
    return invoiced(erp, order(item(10, "AC-1000", 10), customer="1006", conditions=[price]))[2]


def test_a_residual_in_foreign_currency_realises_the_difference(dollars: MasterData) -> None:
    with new_erp(dollars) as erp:
        bill = dollar_invoice(erp)
        on(erp, "2026-02-10")
        credit = PaymentSpec("1000", "1006", Decimal("400.00"), "USD")
        prepaid = done(erp, "post_incoming_payment_with_clearing", credit).number
        spec = ClearingSpec(
            "1000", "1006", [OpenItemRef(bill), OpenItemRef(prepaid)], residual=True
        )
        done(erp, "clear_items", spec)
        (rest,) = erp.open_items("1000", "1006")
        assert (rest.amount, rest.local_amount) == (Decimal("600.00"), Decimal("570.00"))
        assert balance(erp, "840000") == Decimal("-50.00")
        assert balance(erp) == Decimal("570.00")


def test_a_partial_payment_realises_nothing(dollars: MasterData) -> None:
    with new_erp(dollars) as erp:
        bill = dollar_invoice(erp)
        on(erp, "2026-02-10")
        spec = PaymentSpec("1000", "1006", Decimal(400), "USD", [OpenItemRef(bill)], partial=True)
        done(erp, "post_incoming_payment_with_clearing", spec)
        assert balance(erp, "840000") == balance(erp, "230000") == 0
        assert balance(erp) == Decimal("520.00")


def test_a_valuation_never_touches_the_receivables(dollars: MasterData) -> None:
    with new_erp(dollars) as erp:
        dollar_invoice(erp)
        on(erp, "2026-02-28")
        outcome = done(erp, "value_open_items", "1000", date(2026, 2, 28))
        first, second = outcome.documents
        assert journal(first) == [("140900", "50.00", ""), ("840100", "", "50.00")]
        assert (second.posting_date, second.reversal_of) == (date(2026, 3, 1), first.number)
        assert balance(erp, "840100") == Decimal("-50.00")
        assert balance(erp) == Decimal("900.00")
        on(erp, "2026-03-01")
        assert balance(erp, "840100") == balance(erp, "140900") == 0


def test_without_a_difference_nothing_is_valued(dollars: MasterData) -> None:
    with new_erp(dollars) as erp:
        dollar_invoice(erp)
        assert done(erp, "value_open_items", "1000", date(2026, 1, 31)).numbers == ()
        assert refused(erp, "value_open_items", "9999", date(2026, 1, 31)) == ["00 398"]


# -- returns in blocked stock --------------------------------------------------------------------


def test_returns_become_our_stock_when_they_are_released(master: MasterData) -> None:
    with new_erp(master, returns_movement_type="651") as erp:
        _, _, bill = invoiced(erp, order(item(10, "M-03", 10)))
        spec = order(
            item(10, "", 3, reference_document=bill, reference_item=10), document_type="RE"
        )
        issued(erp, delivered(erp, sold(erp, spec)))
        assert refused(erp, "transfer_returns", "1000", "M-03", Decimal(4)) == ["M7 021"]
        movement = done(erp, "transfer_returns", "1000", "M-03", Decimal(3)).number
        assert journal(erp.accounting_document("1000", movement)) == [
            ("792000", "144.00", ""),
            ("892000", "", "144.00"),
        ]
        stock = erp.stock("1000", "M-03")
        assert stock is not None and (int(stock.unrestricted), int(stock.blocked)) == (93, 0)
