"""Direct postings, foreign currency, payments and clearing beyond the worked cases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connector.resources import shipped
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
    billed,
    by_account,
    delivered,
    done,
    invoiced,
    item,
    journal,
    new_erp,
    on,
    open_total,
    order,
    refused,
    sold,
)


def document(*lines: AccountingLineSpec, **header: Any) -> AccountingDocumentSpec:
    """Return a payment-like document of company code 1000."""
    values = {"company_code": "1000", "document_type": "DZ", "currency": "EUR", **header}
    return AccountingDocumentSpec(lines=list(lines), **values)


def customer_line(amount: str, customer: str = "C-100", **more: Any) -> AccountingLineSpec:
    """Return a customer line."""
    return AccountingLineSpec(Decimal(amount), customer=customer, **more)


def ledger_line(amount: str, account: str = "113100", **more: Any) -> AccountingLineSpec:
    """Return a G/L line."""
    return AccountingLineSpec(Decimal(amount), account=account, **more)


def test_a_balanced_document_is_posted_under_its_key(erp: SimulatedErp) -> None:
    outcome = done(
        erp,
        "post_accounting_document",
        document(ledger_line("119.00"), customer_line("-119.00"), reference="BANK-1"),
    )
    (row,) = outcome.messages
    assert f"{row.type} {row.id} {row.number}" == "S RW 605"
    assert (row.v1, row.v2, row.v3) == ("BKPFF", "140000000110002026", "SIMCLNT100")
    posted = erp.accounting_document("1000", outcome.number)
    assert posted is not None
    assert (posted.object_type, posted.object_key) == ("BKPFF", "140000000110002026")
    assert [line.posting_key for line in posted.lines] == ["40", "15"]
    assert erp.accounting_documents_of("BKPFF", posted.object_key) == (posted,)


@pytest.mark.parametrize(
    ("spec", "rows"),
    [
        (document(ledger_line("1.00"), customer_line("-2.00")), ["RW 609", "F5 702"]),
        (document(ledger_line("1.00"), customer_line("-1.00", "NOBODY")), ["RW 609", "F5 102"]),
        (document(ledger_line("1.00", "999999"), customer_line("-1.00")), ["RW 609", "00 398"]),
        (document(ledger_line("1.00", "140000"), customer_line("-1.00")), ["RW 609", "00 398"]),
        (document(ledger_line("1.001"), customer_line("-1.001")), ["RW 609", "00 398", "00 398"]),
        (document(), ["RW 609", "RW 002"]),
        (document(ledger_line("1"), company_code=""), ["RW 609", "RW 001"]),
        (document(ledger_line("1"), currency=""), ["RW 609", "RW 003"]),
        (document(ledger_line("1"), company_code="9999"), ["RW 609", "00 398"]),
        (document(ledger_line("1"), document_type="XX"), ["RW 609", "00 398"]),
    ],
)
def test_a_faulty_document_names_its_faults_behind_the_header_row(
    erp: SimulatedErp, spec: AccountingDocumentSpec, rows: list[str]
) -> None:
    found = refused(erp, "post_accounting_document", spec)
    assert found[: len(rows)] == rows
    assert erp.document_counts()["accounting"] == 0


def test_a_closed_period_takes_no_posting(master: MasterData) -> None:
    periods = {"1000": (date(2026, 1, 1), date(2026, 1, 31))}
    with new_erp(master, open_periods=periods) as erp:
        spec = document(ledger_line("1.00"), customer_line("-1.00"), posting_date=date(2026, 2, 1))
        assert refused(erp, "post_accounting_document", spec) == ["RW 609", "F5 201"]


def test_goods_and_invoices_meet_the_closed_period_too(master: MasterData) -> None:
    periods = {"1000": (date(2026, 1, 1), date(2026, 1, 31))}
    with new_erp(master, open_periods=periods) as erp:
        on(erp, "2026-02-02")
        late = delivered(erp, sold(erp, order(item(10, "M-01", 1))))
        assert refused(erp, "confirm_delivery", late, post_goods_issue=True) == ["M7 053"]
        in_time = date(2026, 1, 31)
        done(
            erp,
            "confirm_delivery",
            late,
            post_goods_issue=True,
            actual_goods_issue_date=in_time,
        )
        (invoice,) = billed(erp, late)
        unposted = erp.billing_document(invoice)
        assert unposted is not None and unposted.transfer_status == ""


def test_a_check_posts_nothing_and_takes_no_number(erp: SimulatedErp) -> None:
    spec = document(ledger_line("1.00"), customer_line("-1.00"))
    with erp.session("T") as session:
        outcome = session.post_accounting_document(spec, check_only=True)
        session.commit(wait=True)
    assert [f"{row.id} {row.number}" for row in outcome.messages] == ["RW 614"]
    assert erp.document_counts()["accounting"] == 0
    assert done(erp, "post_accounting_document", spec).number == "1400000001"


def test_an_invoice_reference_posted_before_is_pointed_out_when_asked(
    master: MasterData,
) -> None:
    spec = document(ledger_line("1.00"), customer_line("-1.00"), reference="BANK-1")
    with new_erp(master, duplicate_reference_check=True) as erp:
        done(erp, "post_accounting_document", spec)
        outcome = done(erp, "post_accounting_document", spec)
    assert [f"{row.type} {row.id} {row.number}" for row in outcome.messages] == [
        "S RW 605",
        "W F5 117",
    ]


def test_a_partial_payment_posted_directly_is_due_with_its_invoice(erp: SimulatedErp) -> None:
    _, _, invoice = invoiced(erp, order(item(10, "M-01", 1)))
    line = customer_line("-50.00", invoice_reference=invoice)
    done(erp, "post_accounting_document", document(ledger_line("50.00"), line))
    (_, credit) = erp.open_items("1000", "C-100")
    assert credit.line.baseline_date == date(2026, 2, 1)


def test_payments_with_the_same_assignment_are_cleared_by_the_job(erp: SimulatedErp) -> None:
    spec = order(item(10, "M-01", 1), purchase_order_by_customer="EXT-5")
    _, _, invoice = invoiced(erp, spec)
    other = document(ledger_line("60.00"), customer_line("-60.00", assignment="EXT-5"))
    done(erp, "post_accounting_document", other)
    assert erp.run_job("automatic clearing").numbers == []

    rest = document(ledger_line("59.00"), customer_line("-59.00", assignment="EXT-5"))
    done(erp, "post_accounting_document", rest)
    (cleared,) = erp.run_job("automatic clearing").numbers

    assert cleared == "0100000001"
    found = erp.items_cleared_by("1000", cleared)
    assert [each.accounting_document for each in found] == [
        invoice,
        "1400000001",
        "1400000002",
    ]
    assert open_total(erp) == balance(erp) == 0


def test_the_job_may_clear_by_reference_instead(master: MasterData) -> None:
    with new_erp(master, automatic_clearing_by="reference") as erp:
        _, _, invoice = invoiced(erp, order(item(10, "M-01", 1)))
        spec = document(
            ledger_line("119.00"), customer_line("-119.00"), reference=invoice.lstrip("0")
        )
        done(erp, "post_accounting_document", spec)
        assert len(erp.run_job("automatic clearing").numbers) == 1
        assert erp.open_items("1000") == ()


def test_a_surplus_stays_on_account(erp: SimulatedErp) -> None:
    _, _, invoice = invoiced(erp, order(item(10, "M-01", 1)))
    spec = PaymentSpec(
        "1000", "C-100", Decimal("130.00"), "EUR", items=[OpenItemRef(invoice)],
        difference="on account",
    )  # fmt: skip
    paid = done(erp, "post_incoming_payment_with_clearing", spec).number
    assert journal(erp.accounting_document("1000", paid)) == [
        ("113100", "130.00", ""),
        ("140000", "", "11.00"),
        ("140000", "", "119.00"),
    ]
    (credit,) = erp.open_items("1000", "C-100")
    assert credit.amount == Decimal("-11.00")


def test_bank_charges_count_as_paid(erp: SimulatedErp) -> None:
    _, _, invoice = invoiced(erp, order(item(10, "M-01", 1)))
    spec = PaymentSpec(
        "1000", "C-100", Decimal("115.00"), "EUR", items=[OpenItemRef(invoice)],
        bank_charges=Decimal("4.00"), bank_account="113200",
    )  # fmt: skip
    paid = done(erp, "post_incoming_payment_with_clearing", spec).number
    assert by_account(erp.accounting_document("1000", paid)) == {
        "113200": Decimal("115.00"),
        "659000": Decimal("4.00"),
        "140000": Decimal("-119.00"),
    }
    assert erp.open_items("1000") == ()


@pytest.mark.parametrize(
    "change",
    [
        {"amount": Decimal(0)},
        {"amount": Decimal("1.001")},
        {"customer": "NOBODY"},
        {"bank_account": "999999"},
        {"bank_account": "140000"},
        {"company_code": "9999"},
        {"currency": "XXX"},
        {"difference": "forget"},
        {"document_type": "XX"},
        {"items": [OpenItemRef("4711")]},
    ],
)
def test_a_payment_that_cannot_be_posted_is_refused(
    erp: SimulatedErp, change: dict[str, Any]
) -> None:
    spec = PaymentSpec("1000", "C-100", Decimal("1.00"), "EUR")
    for name, value in change.items():
        setattr(spec, name, value)
    assert refused(erp, "post_incoming_payment_with_clearing", spec)[0] == "RW 609"


def test_what_is_cleared_cannot_be_cleared_again(erp: SimulatedErp) -> None:
    _, _, invoice = invoiced(erp, order(item(10, "M-01", 1)))
    spec = PaymentSpec("1000", "C-100", Decimal("119.00"), "EUR", items=[OpenItemRef(invoice)])
    done(erp, "post_incoming_payment_with_clearing", spec)
    assert refused(erp, "post_incoming_payment_with_clearing", spec) == ["RW 609", "00 398"]


def test_two_sessions_cannot_clear_the_same_invoice(erp: SimulatedErp) -> None:
    _, _, invoice = invoiced(erp, order(item(10, "M-01", 1)))
    spec = PaymentSpec("1000", "C-100", Decimal("119.00"), "EUR", items=[OpenItemRef(invoice)])
    first, second = erp.session("FIRST"), erp.session("SECOND")
    assert first.post_incoming_payment_with_clearing(spec).accepted
    outcome = second.post_incoming_payment_with_clearing(spec)
    assert not outcome.accepted and "FIRST" in outcome.messages[1].text
    first.rollback()
    assert second.post_incoming_payment_with_clearing(spec).accepted


def test_a_down_payment_sits_on_its_own_account(erp: SimulatedErp) -> None:
    spec = PaymentSpec("1000", "C-100", Decimal("50.00"), "EUR", special_gl="A")
    done(erp, "post_incoming_payment_with_clearing", spec)
    assert balance(erp) == 0
    assert balance(erp, "170000") == Decimal("-50.00")
    (advance,) = erp.open_items("1000", "C-100")
    assert (advance.line.special_gl, advance.line.account) == ("A", "170000")


def test_a_discount_over_two_tax_codes_corrects_each(erp: SimulatedErp) -> None:
    conditions = [
        ManualCondition("PR00", Decimal("100.00"), 10),
        ManualCondition("PR00", Decimal("100.00"), 20),
    ]
    spec = order(
        item(10, "M-61", 1), item(20, "M-62", 1), conditions=conditions, terms_of_payment="Z214"
    )
    _, _, invoice = invoiced(erp, spec)
    payment = PaymentSpec(
        "1000", "C-100", Decimal("221.48"), "EUR",
        items=[OpenItemRef(invoice, cash_discount=None)],
    )  # fmt: skip
    paid = done(erp, "post_incoming_payment_with_clearing", payment).number
    posted = erp.accounting_document("1000", paid)
    assert posted is not None
    lines = [(line.account, line.tax_code, str(line.amount)) for line in posted.lines]
    assert lines == [
        ("113100", "", "221.48"),
        ("880000", "", "4.00"),
        ("175000", "A1", "0.38"),
        ("175000", "A2", "0.14"),
        ("140000", "", "226.00"),
    ]


# -- foreign currency ----------------------------------------------------------------------------


@pytest.fixture
def dollars(master: MasterData) -> MasterData:
    """The company with a dollar that rises on 1 February."""
    later = {
        "exchange_rates": [
            {
                "from_currency": "USD",
                "to_currency": "EUR",
                "valid_from": "2026-02-01",
                "rate": "0.95",
            }
        ]
    }
    return MasterData.from_rows(combined(read_folder(shipped("fixtures/erp")), later))


def dollar_invoice(erp: SimulatedErp) -> str:
    """Invoice 1000 dollars on 2 January."""
    spec = order(
        item(10, "AC-1000", 10),
        customer="1006",
        conditions=[ManualCondition("PR00", Decimal("100.00"), 10, "USD")],
    )
    return invoiced(erp, spec)[2]


def test_a_foreign_invoice_stands_in_both_currencies(dollars: MasterData) -> None:
    with new_erp(dollars) as erp:
        invoice = dollar_invoice(erp)
        (open_item,) = erp.open_items("1000", "1006")
        assert open_item.accounting_document == invoice
        assert (open_item.amount, open_item.currency) == (Decimal("1000.00"), "USD")
        assert (open_item.local_amount, open_item.local_currency) == (Decimal("900.00"), "EUR")
        assert balance(erp) == Decimal("900.00")
        assert erp.ledger_balance("1000", "140000", currency="USD") == Decimal("1000.00")


def test_a_risen_currency_gives_a_gain_at_clearing(dollars: MasterData) -> None:
    with new_erp(dollars) as erp:
        invoice = dollar_invoice(erp)
        on(erp, "2026-02-10")
        spec = PaymentSpec("1000", "1006", Decimal("1000.00"), "USD", items=[OpenItemRef(invoice)])
        paid = done(erp, "post_incoming_payment_with_clearing", spec).number

        posted = erp.accounting_document("1000", paid)
        assert posted is not None
        local = {line.account: line.signed_local_amount for line in posted.lines}
        assert local == {
            "113100": Decimal("950.00"),
            "140000": Decimal("-900.00"),
            "840000": Decimal("-50.00"),
        }
        assert balance(erp) == 0 and erp.open_items("1000") == ()


def test_clearing_without_payment_realises_the_difference(dollars: MasterData) -> None:
    with new_erp(dollars) as erp:
        invoice = dollar_invoice(erp)
        on(erp, "2026-02-10")
        prepaid = PaymentSpec("1000", "1006", Decimal("1000.00"), "USD")
        credit = done(erp, "post_incoming_payment_with_clearing", prepaid).number
        assert balance(erp) == Decimal("-50.00")

        spec = ClearingSpec("1000", "1006", [OpenItemRef(invoice), OpenItemRef(credit)])
        done(erp, "clear_items", spec)

        assert balance(erp) == 0
        assert balance(erp, "840000") == Decimal("-50.00")
        assert erp.open_items("1000") == ()


def test_a_price_in_another_currency_is_converted(dollars: MasterData) -> None:
    with new_erp(dollars) as erp:
        spec = order(item(10, "AC-1000", 1), customer="1006")
        (found,) = erp.session("T").simulate_sales_document(spec).documents
        assert found.net_value == Decimal("55.44")  # 49.90 / 0.90


def test_without_an_exchange_rate_the_price_is_refused(erp: SimulatedErp) -> None:
    spec = order(
        item(10, "JPY-01", 1), customer="JP-400", sales_organization="2000",
        conditions=[ManualCondition("PR00", Decimal("1.00"), 10, "KWD")],
    )  # fmt: skip
    assert refused(erp, "create_sales_document", spec) == ["00 398", "V4 219"]


def test_numbers_of_accounting_begin_again_each_year(erp: SimulatedErp) -> None:
    payment = PaymentSpec("1000", "C-100", Decimal(10), "EUR")
    first = done(erp, "post_incoming_payment_with_clearing", payment).number
    on(erp, "2027-01-04")
    second = done(erp, "post_incoming_payment_with_clearing", payment).number
    assert first == second == "1400000001"
    years = [
        found.fiscal_year
        for year in (2026, 2027)
        if (found := erp.accounting_document("1000", first, year))
    ]
    assert years == [2026, 2027]
    youngest = erp.accounting_document("1000", first)
    assert youngest is not None and youngest.fiscal_year == 2027
    assert len(erp.open_items("1000", "C-100")) == 2


def test_the_reset_of_a_clearing_leaves_that_of_the_same_number_in_another_year(
    erp: SimulatedErp,
) -> None:
    def paid() -> str:
        _, _, invoice = invoiced(erp, order(item(10, "M-01", 1)))
        items = [OpenItemRef(invoice)]
        payment = PaymentSpec("1000", "C-100", Decimal("119.00"), "EUR", items=items)
        return done(erp, "post_incoming_payment_with_clearing", payment).number

    first = paid()
    on(erp, "2027-01-04")
    assert paid() == first

    done(erp, "reset_clearing", "1000", first, 2026)

    still_cleared = erp.items_cleared_by("1000", first)
    assert {(each.fiscal_year, each.line.clearing_year) for each in still_cleared} == {(2027, 2027)}
    assert {each.fiscal_year for each in erp.open_items("1000", "C-100")} == {2026}


@pytest.mark.parametrize("document_type", ["RV", "WL", "WE", "WA"])
def test_document_types_numbered_by_logistics_cannot_be_posted_by_hand(
    erp: SimulatedErp, document_type: str
) -> None:
    """Their numbers are those of invoices and goods movements; a hand-made one would take one."""
    spec = document(customer_line("100"), ledger_line("-100"), document_type=document_type)

    assert refused(erp, "post_accounting_document", spec) == ["RW 609", "00 398"]
    assert refused(erp, "post_accounting_document", spec, check_only=True) == ["RW 609", "00 398"]
    _, _, invoice = invoiced(erp, order(item(10, "M-01", 1)))
    assert invoice == "0090000001"
    assert by_account(erp.accounting_document("1000", invoice))["800000"] == Decimal("-100.00")


def test_where_invoices_lend_no_numbers_their_document_type_has_numbers_of_its_own(
    master: MasterData,
) -> None:
    erp = new_erp(master, accounting_number_is_billing_number=False)
    spec = document(customer_line("100"), ledger_line("-100"), document_type="RV")

    by_hand = done(erp, "post_accounting_document", spec).number
    _, _, invoice = invoiced(erp, order(item(10, "M-01", 1)))
    assert by_hand == invoice == "0090000001"
    assert erp.accounting_document("1000", "0090000002") is not None
