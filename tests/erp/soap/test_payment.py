"""Payments over SOAP, judged by the documents that stand in the ERP."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from connector.erp.soap.journal_entry import message_ids
from connector.errors import (
    ConfigurationError,
    LeaseLostError,
    OutcomeUnknownError,
    RejectedError,
)
from connector.ports.erp import Point
from connector.sd_documents.payment import IncomingPayment, Remainder, TaxAdjustment
from connector.simulator.engine.specs import PaymentSpec
from tests.contract.observing import Observer
from tests.erp.soap.conftest import System
from tests.erp.soap.documents import money, owed, payment, with_discount

SERVICE_REQUEST = "JournalEntryCreateRequestConfirmation_InRequest"
Lines = list[tuple[str, str, str]]


def lines(system: System, reference: str = "PAY-1") -> Lines:
    """Account, signed amount and assignment of each line of the one document."""
    (document,) = system.payments(reference)
    return [(line.account, str(line.signed_amount), line.assignment) for line in document.lines]


def test_a_payment_on_account_stands_on_the_payers_account(
    system: System, observer: Observer
) -> None:
    key = system.transport().payments.post(payment(), observer)
    assert str(key) == "1000/1400000001/2026"
    (document,) = system.payments()
    assert (document.number, document.document_type) == ("1400000001", "DZ")
    assert document.entered_by == "CONNECTOR"
    assert str(document.lines[0].value_date) == "2026-01-05"
    assert lines(system) == [
        ("113100", "119.00", "EXT-1001"),
        ("140000", "-119.00", "EXT-1001"),
    ]


def test_its_points_are_reported_in_their_order(system: System, observer: Observer) -> None:
    system.transport().payments.post(payment(), observer)
    assert observer.points == [
        Point.CONNECTION_OPEN,
        Point.AFTER_FENCE_CHECK,
        Point.COMMIT_SENT,
        Point.COMMIT_ANSWERED,
    ]


def test_a_lost_lease_sends_nothing(system: System) -> None:
    with pytest.raises(LeaseLostError):
        system.transport().payments.post(payment(), Observer(lost=True))
    assert system.payments() == ()


def test_an_observer_that_cannot_write_is_heard_and_nothing_is_sent(system: System) -> None:
    class Full(Observer):
        def before_commit(self) -> None:
            raise RuntimeError("database or disk is full")

    with pytest.raises(RuntimeError, match="disk is full"):
        system.transport().payments.post(payment(), Full())
    assert system.payments() == ()


def test_discount_and_the_correction_of_its_tax_have_lines(
    system: System, observer: Observer
) -> None:
    system.transport().payments.post(with_discount(), observer)
    assert lines(system) == [
        ("113100", "11662.00", "EXT-1001"),
        ("880000", "200.00", "EXT-1001"),
        ("140000", "-11900.00", "EXT-1001"),
        ("175000", "38.00", ""),
    ]
    (document,) = system.payments()
    assert (document.lines[3].tax_code, document.lines[3].tax_base) == ("A1", Decimal("200.00"))


def test_a_discount_over_two_tax_codes_is_parted_by_them(
    system: System, observer: Observer
) -> None:
    both = payment(
        "221.20",
        cash_discount=money("4.00"),
        tax_adjustments=(
            TaxAdjustment(tax_code="A1", amount=money("0.57"), base=money("3.00")),
            TaxAdjustment(tax_code="A2", amount=money("0.07"), base=money("1.01")),
        ),
        items=(owed("225.84"),),
    )
    system.transport().payments.post(both, observer)
    amounts = [(account, amount) for account, amount, _ in lines(system)]
    assert amounts[:4] == [
        ("113100", "221.20"),
        ("880000", "2.99"),
        ("880000", "1.01"),
        ("140000", "-225.84"),
    ]
    assert [amount for _, amount in amounts[4:]] == ["0.57", "0.07"]


@pytest.mark.parametrize(
    ("base", "parts"),
    [("199.99", ["200.00"]), ("200.01", ["200.00"]), ("150.00", ["150.00", "50.00"])],
)
def test_a_cent_of_rounding_is_no_part_of_its_own(
    system: System, observer: Observer, base: str, parts: list[str]
) -> None:
    adjustment = TaxAdjustment(tax_code="A1", amount=money("38.00"), base=money(base))
    sent = with_discount().model_copy(update={"tax_adjustments": (adjustment,)})
    system.transport().payments.post(sent, observer)
    assert [amount for account, amount, _ in lines(system) if account == "880000"] == parts


def test_two_tax_codes_without_their_bases_are_refused_before_anything_is_sent(
    system: System, observer: Observer
) -> None:
    both = payment(
        "221.20",
        cash_discount=money("4.00"),
        tax_adjustments=(
            TaxAdjustment(tax_code="A1", amount=money("0.57")),
            TaxAdjustment(tax_code="A2", amount=money("0.07")),
        ),
        items=(owed("225.84"),),
    )
    with pytest.raises(RejectedError) as refused:
        system.transport().payments.post(both, observer)
    assert refused.value.code == "NOT_OFFERED_BY_SERVICE"
    assert observer.points == []


def test_bank_charges_are_debited_to_their_account(system: System, observer: Observer) -> None:
    charged = payment("116.50", bank_charges=money("2.50"), items=(owed("119.00"),))
    system.transport().payments.post(charged, observer)
    assert [(account, amount) for account, amount, _ in lines(system)] == [
        ("113100", "116.50"),
        ("659000", "2.50"),
        ("140000", "-119.00"),
    ]


@pytest.mark.parametrize("difference", ["0.50", "-0.50"])
def test_a_small_difference_is_written_off_to_its_account(
    system: System, observer: Observer, difference: str
) -> None:
    off = money(difference)
    paid = payment(
        str((money("119.00") - off).amount), small_difference=off, items=(owed("119.00"),)
    )
    transport = system.transport(small_difference_account="659000")
    transport.payments.post(paid, observer)
    assert [(account, amount) for account, amount, _ in lines(system)][1:] == [
        ("659000", difference),
        ("140000", "-119.00"),
    ]


def test_a_down_payment_stands_apart_from_the_receivables(
    system: System, observer: Observer
) -> None:
    system.transport().payments.post(payment(special_gl_indicator="A"), observer)
    (document,) = system.payments()
    line = document.lines[1]
    assert (line.customer, line.special_gl, line.posting_key) == ("C-100", "A", "19")
    assert line.account != "140000"


@pytest.mark.parametrize(
    ("received", "remainder", "customer"),
    [
        ("100.00", Remainder.RESIDUAL, [("-119.00", "EXT-1001"), ("19.00", "PAY-1")]),
        ("130.00", Remainder.ON_ACCOUNT, [("-119.00", "EXT-1001"), ("-11.00", "PAY-1")]),
        ("100.00", Remainder.PARTIAL, [("-100.00", "EXT-1001")]),
    ],
)
def test_what_stays_open_is_not_taken_for_what_is_paid(
    system: System,
    observer: Observer,
    received: str,
    remainder: Remainder,
    customer: list[tuple[str, str]],
) -> None:
    paid = payment(received, items=(owed("119.00"),), remainder=remainder)
    system.transport().payments.post(paid, observer)
    (_, *rest) = lines(system)
    assert [(amount, assignment) for _, amount, assignment in rest] == customer


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "11900"), ("KWD", "12.345")])
def test_amounts_go_in_their_currencys_decimals(
    system: System, observer: Observer, currency: str, amount: str
) -> None:
    system.transport().payments.post(payment(amount, currency), observer)
    (document,) = system.payments()
    assert document.currency == currency
    assert [str(line.amount) for line in document.lines] == [amount, amount]


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_both_versions_of_soap_will_do(system: System, observer: Observer, version: str) -> None:
    system.transport(soap_version=version).payments.post(payment(), observer)
    assert len(system.payments()) == 1
    wrong = payment(payer="C-999", payment_reference="PAY-2")
    with pytest.raises(RejectedError, match=r"F5 102"):
        system.transport(soap_version=version).payments.post(wrong, Observer())


def test_the_figures_are_those_of_the_engines_own_payment(
    system: System, observer: Observer
) -> None:
    charged = payment("116.50", bank_charges=money("2.50"), items=(owed("119.00"),))
    system.transport().payments.post(charged, observer)
    spec = PaymentSpec(
        "1000",
        "C-100",
        Decimal("116.50"),
        "EUR",
        bank_charges=Decimal("2.50"),
        reference="PAY-2",
        assignment="EXT-1001",
    )
    with system.engine.session("TESTER") as session:
        session.post_incoming_payment_with_clearing(spec)
        session.commit()
    assert [line[:2] for line in lines(system)] == [line[:2] for line in lines(system, "PAY-2")]


@pytest.mark.parametrize(
    ("wrong", "code", "text"),
    [
        (payment(payer="C-999"), "CUSTOMER_NOT_IN_COMPANY_CODE", "F5 102"),
        (payment(company_code="9999"), "ERP_REJECTED", "Company code 9999"),
        (payment(bank_account="140000"), "ERP_REJECTED", "reconciliation account"),
    ],
)
def test_what_the_log_refuses_is_rejected_by_its_messages(
    system: System, observer: Observer, wrong: IncomingPayment, code: str, text: str
) -> None:
    with pytest.raises(RejectedError, match=text) as refused:
        system.transport().payments.post(wrong, observer)
    assert refused.value.code == code
    assert refused.value.messages[0].message_class == "RW"
    assert system.payments() == ()


def test_zeros_or_nothing_in_place_of_a_number_are_no_document(
    system: System, observer: Observer
) -> None:
    for zeros in (True, False):
        system.settings.zeros_when_refused = zeros
        with pytest.raises(RejectedError):
            system.transport().payments.post(payment(payer="C-999"), observer)


def test_accounts_that_are_not_set_stop_before_anything_is_sent(
    system: System, observer: Observer
) -> None:
    transport = system.transport(cash_discount_account="", bank_charges_account="")
    with pytest.raises(ConfigurationError, match="cash_discount_account"):
        transport.payments.post(with_discount(), observer)
    with pytest.raises(ConfigurationError, match="bank_charges_account"):
        transport.payments.post(payment("1.00", bank_charges=money("1.00")), observer)
    assert observer.points == []


def test_a_program_that_ends_leaves_doubt_and_nothing_else(
    system: System, observer: Observer
) -> None:
    system.engine.faults.inject("short dump", on="post accounting document")
    with pytest.raises(OutcomeUnknownError, match="COMPUTE_INT_ZERODIVIDE"):
        system.transport().payments.post(payment(), observer)
    assert system.transport().payments.find("PAY-1", "1000", "C-100") == ()


def test_an_update_that_fails_after_the_commit_leaves_doubt(
    system: System, observer: Observer
) -> None:
    system.engine.faults.inject("update terminated after commit", on="commit")
    with pytest.raises(OutcomeUnknownError, match="S& 101"):
        system.transport().payments.post(payment(), observer)


def test_a_confirmation_before_the_update_is_not_believed_before_it_has_run(
    system: System, observer: Observer
) -> None:
    system.settings.waits_for_update = False
    with pytest.raises(OutcomeUnknownError, match="is not there"):
        system.transport().payments.post(payment(), observer)
    system.advance(timedelta(seconds=1))
    (key,) = system.transport().payments.find("PAY-1", "1000", "C-100")
    assert str(key) == "1000/1400000001/2026"


def test_without_reading_back_a_confirmation_is_believed(
    system: System, observer: Observer
) -> None:
    system.settings.waits_for_update = False
    key = system.transport(read_back=False).payments.post(payment(), observer)
    assert str(key) == "1000/1400000001/2026"


def test_a_resend_has_the_same_ids_whatever_its_amount() -> None:
    first, again = message_ids(payment("1.00")), message_ids(payment("2.00"))
    assert first == again
    assert first.bulk != first.entry
    for other in (
        payment(payment_reference="PAY-2"),
        payment(payer="C-200"),
        payment(company_code="2000"),
    ):
        assert message_ids(other) != first


def test_a_resend_that_the_erp_recognises_is_no_refusal_but_a_doubt(
    system: System, observer: Observer
) -> None:
    """The answer to the first try was lost: the refusal of the second must not reject it."""
    system.settings.repeated_message = "refuse"
    system.front.inject("connection lost after call", on=SERVICE_REQUEST)
    transport = system.transport()
    with pytest.raises(OutcomeUnknownError):
        transport.payments.post(payment(), observer)
    with pytest.raises(OutcomeUnknownError, match="there is a document with its reference"):
        transport.payments.post(payment(), Observer())
    assert len(system.payments()) == 1


@pytest.mark.parametrize("behaviour", ["post again", "refuse"])
def test_a_lost_answer_is_found_and_nothing_is_sent_twice(
    system: System, observer: Observer, behaviour: str
) -> None:
    system.settings.repeated_message = behaviour
    system.front.inject("connection lost after call", on=SERVICE_REQUEST)
    transport = system.transport()
    with pytest.raises(OutcomeUnknownError):
        transport.payments.post(payment(), observer)
    found = transport.payments.find("PAY-1", "1000", "C-100")
    assert [str(key) for key in found] == ["1000/1400000001/2026"]
    assert len(system.payments()) == 1
