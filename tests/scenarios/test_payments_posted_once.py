"""The same money, told by shop, provider and bank: it is posted once, or a person decides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connector.bootstrap.payment_decisions import refuse
from connector.errors import ConfigurationError
from connector.ports.statement_payments import LineKind, PaymentState, Way
from connector.sd_documents.payment import IncomingPayment, ItemToClear
from connector.sd_documents.values import Money
from tests.scenarios.paid_books import (
    allow,
    bank,
    bill,
    breaks,
    order,
    paid_by_card,
    post,
    reconcile,
    records,
    release,
)
from tests.scenarios.test_money_outside import (
    ACCOUNT,
    _Submitted,
    deliver_report,
    mt940,
    report,
)
from tests.scenarios.worked_cases import Case, a_case, case_plan


@pytest.fixture(params=["ecc", "s4-mixed"])
def system(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def case(system: str, tmp_path: Path) -> Iterator[Case]:
    plan = case_plan(system, billing={"wait_days": 0}, payment={"source": "statements"})
    with a_case(tmp_path, system, plan, date(2026, 3, 2)) as found:
        allow(found)
        yield found


def pay_twice(case: Case) -> None:
    """Bill an order, and let two lines of one statement pay its invoice."""
    [invoice] = bill(case, ("EXT-1", "100.00", "1190.00"))
    case.until(date(2026, 3, 10))
    lines = [("1190,00", f"BANKREF-{number}", invoice) for number in (1, 2)]
    bank(case, 1, "2380,00", *lines)


def test_what_the_order_posted_is_not_posted_again_from_payout_or_bank_line(
    system: str, tmp_path: Path
) -> None:
    plan = case_plan(system, billing={"wait_days": 0})
    with a_case(tmp_path, system, plan, date(2026, 3, 2)) as case:
        allow(case)
        paid = paid_by_card("ch_0", "119.00")
        case.installation.send(order("EXT-0", "10.00", "119.00", payments=[paid]))
        case.until(date(2026, 3, 9))
        assert case.balance() == Decimal("0.00"), "the shop's word has posted it"

        deliver_report(case, report("po_1 txn_0 119.00 3.75 115.25 charge ch_0"), "payouts.csv")
        case.until(date(2026, 3, 10))
        bank(case, 1, "115,25", ("115,25", "PAYOUT-1", "STRIPE po_1"))
        assert [post(case).posted, post(case).posted] == [0, 0]

        assert case.balance() == Decimal("0.00")
        assert records(case) == ()


def test_an_order_whose_plan_trusts_the_shop_is_left_to_it(system: str, tmp_path: Path) -> None:
    plan = case_plan(system, billing={"wait_days": 0})
    with a_case(tmp_path, system, plan, date(2026, 3, 2)) as case:
        allow(case)
        [invoice] = bill(case, ("EXT-1", "100.00", "1190.00"))
        case.until(date(2026, 3, 10))
        bank(case, 1, "1190,00", ("1190,00", "BANKREF-1", invoice))

        assert post(case).posted == 0
        assert records(case) == ()


def test_money_for_what_the_shop_has_told_of_waits_for_a_person(
    system: str, tmp_path: Path
) -> None:
    """The bank is ten days late: its line may be the payment that the shop's word has posted."""
    with a_case(tmp_path, system, case_plan(system), date(2026, 3, 2)) as case:
        allow(case)
        paid = {**paid_by_card("T-1", "1190.00"), "method": "transfer"}
        case.installation.send(order("EXT-1", "100.00", "1190.00", payments=[paid]))
        case.until(date(2026, 3, 20))
        [invoice] = case.installation.view("EXT-1").billing_documents
        content = mt940(1, "260320", "0,00", "1190,00", ("1190,00", "LATE-1", invoice.number))
        deliver_report(case, content, "late.sta")

        assert [post(case).posted, post(case).posted] == [0, 0]
        [record] = records(case, PaymentState.PROPOSED)
        assert "not open any more" in record.suggestion.reason
        assert case.balance() == Decimal("0.00")


def test_two_lines_of_one_file_that_name_one_invoice_pay_it_once(case: Case) -> None:
    pay_twice(case)

    assert [post(case).posted, post(case).posted] == [2, 0]
    case.until(date(2026, 3, 11))

    assert case.balance() == Decimal("-1190.00")
    assert breaks(reconcile(case)) == [("DUPLICATE_PAYMENT", "-1,190.00 EUR")]


def test_money_for_what_is_paid_waits_where_the_rules_do_not_let_it_on_account(
    case: Case,
) -> None:
    allow(case, "propose")
    pay_twice(case)

    assert [post(case).posted, post(case).posted] == [1, 0]
    [record] = records(case, PaymentState.PROPOSED)
    assert "is not open any more" in record.suggestion.reason
    release(case, record.id)
    assert [post(case).posted, post(case).posted] == [1, 0]
    assert case.balance() == Decimal("-1190.00")


def test_what_a_person_has_posted_in_the_erp_is_not_posted_again(case: Case) -> None:
    [invoice] = bill(case, ("EXT-1", "100.00", "1190.00"))
    case.until(date(2026, 3, 10))
    bank(case, 1, "1190,00", ("1190,00", "BANKREF-1", "thank you"))
    post(case)
    [record] = records(case, PaymentState.PROPOSED)

    post_by_hand(case, invoice)
    case.jobs()
    assert post(case).posted == 0

    # Nothing ties the line to that receipt, and nothing is open that it could pay.
    assert case.balance() == Decimal("0.00")
    assert records(case)[0].state is PaymentState.PROPOSED
    assert records(case)[0].suggestion.candidates == ()
    assert record.suggestion.candidates != ()


def test_a_receipt_by_hand_that_carries_the_reference_settles_the_line(case: Case) -> None:
    [invoice] = bill(case, ("EXT-1", "100.00", "1190.00"))
    case.until(date(2026, 3, 10))
    bank(case, 1, "400,00", ("400,00", "BANKREF-1", invoice))
    post(case)
    post_by_hand(case, invoice, "BANKREF-1", "400.00")

    assert post(case).posted == 0
    [record] = records(case)
    assert record.state is PaymentState.SETTLED
    assert record.reason.startswith("it is FI document 1000/")


def test_a_payment_that_the_bank_took_back_is_never_posted_by_itself(case: Case) -> None:
    [invoice] = bill(case, ("EXT-1", "100.00", "1190.00"))
    case.until(date(2026, 3, 10))
    bank(case, 1, "1190,00", ("1190,00", "BANKREF-1", invoice))
    assert post(case).posted == 1
    taken_back = (
        f":20:S2\n:25:{ACCOUNT}\n:28C:2/1\n:60F:C260310EUR1190,00\n"
        f":61:260310RC1190,00NRTINONREF//BANKREF-2\n:86:RETURNED {invoice}\n"
        ":62F:C260310EUR0,00\n-\n"
    )
    deliver_report(case, taken_back, "returned.sta")

    assert [post(case).posted, post(case).posted] == [0, 0]
    [record] = records(case, PaymentState.PROPOSED)
    assert "took a payment back" in record.suggestion.reason
    with pytest.raises(ConfigurationError, match="nothing can be posted"):
        release(case, record.id)
    refuse(case.installation.application, record.id, by="anna", comment="reversed by hand")
    assert case.balance() == Decimal("0.00")


def test_a_transfer_that_the_shop_reports_and_the_bank_shows_is_one_payment(case: Case) -> None:
    paid = {**paid_by_card("T-1", "1190.00"), "method": "transfer"}
    case.installation.send(order("EXT-1", "100.00", "1190.00", payments=[paid]))
    case.until(date(2026, 3, 9))
    [invoice] = case.installation.view("EXT-1").billing_documents
    case.until(date(2026, 3, 10))
    bank(case, 1, "1190,00", ("1190,00", "BANKREF-1", invoice.number))

    assert [post(case).posted, post(case).posted] == [1, 0]
    case.until(date(2026, 3, 11))

    run = reconcile(case)
    assert case.balance() == Decimal("0.00")
    assert breaks(run) == []
    assert all(identity.holds for identity in run.identities)
    assert [each.code.value for each in run.pending] == []


def test_a_transfer_beside_a_card_payment_is_a_payment_of_its_own(case: Case) -> None:
    card = paid_by_card("ch_0", "1190.00")
    case.installation.send(order("EXT-1", "100.00", "1190.00", payments=[card]))
    case.until(date(2026, 3, 9))
    [invoice] = case.installation.view("EXT-1").billing_documents
    case.until(date(2026, 3, 10))
    bank(case, 1, "1190,00", ("1190,00", "BANKREF-1", invoice.number))
    posted = [post(case).posted]
    deliver_report(case, report("po_1 txn_0 1190.00 3.75 1186.25 charge ch_0"), "payouts.csv")
    posted += [post(case).posted, post(case).posted]

    # The invoice is paid by the transfer: what to do with the card's money a person decides.
    assert posted[0] == 1
    assert sum(posted) + len(records(case, PaymentState.PROPOSED)) == 2
    assert {each.kind for each in records(case)} == {LineKind.BANK_LINE, LineKind.PAYOUT_LINE}


def test_a_chargeback_is_told_and_not_posted(case: Case) -> None:
    paid = paid_by_card("ch_0", "119.00")
    case.installation.send(order("EXT-0", "10.00", "119.00", payments=[paid]))
    case.until(date(2026, 3, 9))
    deliver_report(
        case,
        report(
            "po_1 txn_0 119.00 3.75 115.25 charge ch_0",
            "po_1 txn_9 -119.00 15.00 -134.00 dispute ch_0",
        ),
        "payouts.csv",
    )

    assert [post(case).posted, post(case).posted] == [1, 0]
    [record] = records(case, PaymentState.PROPOSED)
    assert "cardholder" in record.suggestion.reason
    assert record.suggestion.postings == ()
    assert case.balance() == Decimal("0.00")


def test_what_the_erp_refuses_is_held_and_posted_once_when_a_person_lets_it_go(
    case: Case,
) -> None:
    [invoice] = bill(case, ("EXT-1", "100.00", "1190.00"))
    case.until(date(2026, 3, 10))
    allow(case, gl_account="113999")
    bank(case, 1, "1190,00", ("1190,00", "BANKREF-1", invoice))

    done = post(case)
    [record] = records(case)
    assert (done.posted, done.held, record.state) == (0, 1, PaymentState.HELD)
    assert "was refused" in record.reason
    assert post(case).posted == 0, "it waits for a person"

    allow(case)
    post(case)
    release(case, record.id)
    assert [post(case).posted, post(case).posted] == [1, 0]
    assert case.balance() == Decimal("0.00")


def test_a_residual_item_is_left_where_a_person_wants_it(case: Case) -> None:
    [invoice] = bill(case, ("EXT-1", "100.00", "1190.00"))
    case.until(date(2026, 3, 10))
    bank(case, 1, "900,00", ("900,00", "BANKREF-1", invoice))
    post(case)
    [record] = records(case, PaymentState.PROPOSED)
    ways = {each.way for each in record.suggestion.postings}
    assert {Way.PARTIAL, Way.RESIDUAL, Way.ON_ACCOUNT} <= ways
    with pytest.raises(ConfigurationError, match="Choose with --way"):
        release(case, record.id)
    release(case, record.id, "residual")
    post(case)
    assert case.balance() == Decimal("290.00")


def post_by_hand(
    case: Case, invoice: str, reference: str = "BY HAND", amount: str = "1190.00"
) -> None:
    """A person posts a receipt in the ERP, under a reference of their own."""
    erp = case.installation.application.erp
    [item] = erp.open_items.items_of_billing_documents([invoice])
    is_whole = Decimal(amount) == item.amount.amount
    erp.payments.post(
        IncomingPayment(
            payment_reference=reference,
            company_code="1000",
            payer=item.customer,
            document_date=case.day,
            posting_date=case.day,
            received=Money(amount=Decimal(amount), currency="EUR"),
            bank_account="113100",
            cash_discount=Money.zero("EUR"),
            items=(ItemToClear(key=item.key, line_item=item.line_item, amount=item.amount),)
            if is_whole
            else (),
            assignment=item.assignment if is_whole else "",
        ),
        _Submitted(),
    )
    case.jobs()
