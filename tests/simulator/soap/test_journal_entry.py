"""The journal entry service, by raw messages: what it posts, refuses and confirms."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from lxml import etree

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.finance_records import AccountingDocument
from connector.simulator.engine.specs import PaymentSpec
from connector.simulator.soap.journal_entry import shipped_description
from connector.simulator.soap.settings import SoapSettings
from tests.simulator.soap.support import (
    ENTRIES,
    SOAP_11,
    SOAP_12,
    Client,
    amount,
    bulk,
    debtor,
    entry,
    fault_of,
    ledger,
    payload_of,
    payment,
    tax,
)


def lines(erp: SimulatedErp, number: str) -> list[tuple[str, str]]:
    """Account and signed amount of each line, in the order of the document."""
    document = posted(erp, number)
    return [(line.account, str(line.signed_amount)) for line in document.lines]


def posted(erp: SimulatedErp, number: str) -> AccountingDocument:
    document = erp.accounting_document("1000", number, 2026)
    assert document is not None
    return document


@pytest.mark.parametrize("version", [SOAP_11, SOAP_12])
def test_a_payment_is_posted_and_named(soap: Client, erp: SimulatedErp, version: str) -> None:
    answer = soap.post(ENTRIES, bulk(payment()), version)
    assert answer.status == 200
    confirmation = payload_of(answer)
    shipped_description().schema.assertValid(etree.fromstring(etree.tostring(confirmation)))
    key = confirmation.find("JournalEntryCreateConfirmation/JournalEntryCreateConfirmation")
    assert key is not None
    assert [each.text for each in key] == ["1400000001", "1000", "2026"]
    assert lines(erp, "1400000001") == [("113100", "119.00"), ("140000", "-119.00")]
    assert posted(erp, "1400000001").reference == "PAY-1"
    assert posted(erp, "1400000001").entered_by == "TESTER"


def test_success_is_a_message_of_severity_1(soap: Client) -> None:
    (confirmed,) = soap.book(payment())
    assert confirmed.rows == [("1", "605(RW)")]
    assert confirmed.element.findtext("Log/MaximumLogItemSeverityCode") == "1"
    assert confirmed.element.findtext("Log/Item/Note") == (
        "Document posted successfully: BKPFF 140000000110002026 SIMCLNT100"
    )
    uri = confirmed.element.findtext("Log/Item/WebURI") or ""
    assert uri.startswith("http://erp.test:8000/sap/xi/docu_apperror?ID=NA&OBJECT=RW605")


def test_cash_discount_charges_and_tax_are_lines_of_their_own(
    soap: Client, erp: SimulatedErp
) -> None:
    (confirmed,) = soap.book(
        entry(
            ledger(1, "113100", "11660.00", more="<ValueDate>2026-01-05</ValueDate>"),
            ledger(2, "880000", "200.00", more="<Tax><TaxCode>A1</TaxCode></Tax>"),
            ledger(3, "880000", "2.00"),
            debtor(
                4, "C-100", "-11900.00", more="<AssignmentReference>EXT-1</AssignmentReference>"
            ),
            tax(5, "A1", "38.00", "200.00"),
        )
    )
    assert lines(erp, confirmed.document) == [
        ("113100", "11660.00"),
        ("880000", "200.00"),
        ("880000", "2.00"),
        ("140000", "-11900.00"),
        ("175000", "38.00"),
    ]
    document = posted(erp, confirmed.document)
    assert str(document.lines[0].value_date) == "2026-01-05"
    assert document.lines[3].assignment == "EXT-1"
    assert (document.lines[4].tax_code, str(document.lines[4].tax_base)) == ("A1", "200.00")


def test_each_entry_of_a_message_stands_for_itself(soap: Client, erp: SimulatedErp) -> None:
    unbalanced = entry(ledger(1, "113100", "10.00"), debtor(2, "C-100", "-9.00"))
    first, second, third = soap.book(payment("1.00"), unbalanced, payment("3.00"))
    assert first.document == "1400000001"
    assert second.rows == [("3", "609(RW)"), ("3", "702(F5)")]
    assert posted(erp, third.document).lines[0].amount == 3


@pytest.mark.parametrize(
    ("request_entry", "row"),
    [
        (entry(ledger(1, "113100", "9"), debtor(2, "C-999", "-9")), "102(F5)"),
        (entry(ledger(1, "113100", "9"), debtor(2, "C-100", "-8")), "702(F5)"),
        (entry(ledger(1, "113100", "9")), "702(F5)"),
        (entry(), "002(RW)"),
        (payment(OriginalReferenceDocumentType="VBRK"), "602(RW)"),
        (payment(BusinessTransactionType="RMRP"), "398(00)"),
        (payment(AccountingDocumentType="QQ"), "398(00)"),
        (payment(CompanyCode="9999"), "398(00)"),
        (
            entry(
                ledger(1, "113100", "9"),
                debtor(2, "C-100", "-8"),
                "<CreditorItem><ReferenceDocumentItem>3</ReferenceDocumentItem>"
                f"<Creditor>V1</Creditor>{amount('-1')}</CreditorItem>",
            ),
            "104(F5)",
        ),
        (entry(ledger(1, "113100", "9"), debtor(1, "C-100", "-9")), "398(00)"),
        (entry(ledger(1, "113100", "9"), debtor(2, "C-100", "-9", "USD")), "398(00)"),
        (entry(ledger(1, "140000", "9"), debtor(2, "C-100", "-9")), "398(00)"),
        (payment("1.001"), "398(00)"),
    ],
)
def test_what_business_refuses_is_in_the_log_and_posts_nothing(
    soap: Client, erp: SimulatedErp, request_entry: str, row: str
) -> None:
    (confirmed,) = soap.book(request_entry)
    assert confirmed.rows[0] == ("3", "609(RW)")
    assert ("3", row) in confirmed.rows[1:]
    assert confirmed.element.findtext("Log/MaximumLogItemSeverityCode") == "3"
    assert confirmed.document == "0000000000"
    assert erp.accounting_document("1000", "1400000001", 2026) is None


def test_a_sign_that_contradicts_debit_and_credit_is_refused(soap: Client) -> None:
    wrong = payment().replace("<DebitCreditCode>H", "<DebitCreditCode>S")
    (confirmed,) = soap.book(wrong)
    assert ("3", "398(00)") in confirmed.rows


def test_a_refused_entry_may_be_confirmed_without_any_number(
    soap: Client, settings: SoapSettings
) -> None:
    settings.zeros_when_refused = False
    (confirmed,) = soap.book(payment(CompanyCode="9999"))
    assert confirmed.element.find("JournalEntryCreateConfirmation") is None


@pytest.mark.parametrize(
    ("currency", "value", "decimals"), [("JPY", "11900", 0), ("KWD", "12.345", 3)]
)
def test_amounts_have_their_currencys_decimals(
    soap: Client, erp: SimulatedErp, currency: str, value: str, decimals: int
) -> None:
    own = entry(ledger(1, "113100", value, currency), debtor(2, "C-100", f"-{value}", currency))
    (confirmed,) = soap.book(own)
    assert lines(erp, confirmed.document)[0] == ("113100", value)
    finer = f"{value}1" if decimals else f"{value}.5"
    (refused,) = soap.book(
        entry(ledger(1, "113100", finer, currency), debtor(2, "C-100", f"-{finer}", currency))
    )
    assert ("3", "398(00)") in refused.rows


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (bulk(payment(CompanyCode="")), "DocumentDate"),
        (bulk(payment(CompanyCode="10000")), "CompanyCode"),
        (bulk(payment(DocumentReferenceID="X" * 17)), "DocumentReferenceID"),
        (bulk(payment(PostingDate="02.01.2026")), "PostingDate"),
        (bulk(payment(PostingDate="2026-02-30")), "PostingDate"),
        (bulk(payment()).replace("119.00", "119,00"), "AmountInTransactionCurrency"),
        (bulk(payment()).replace('currencyCode="EUR"', ""), "currencyCode"),
        (bulk(payment()).replace("<GLAccount>0000113100</GLAccount>", ""), "GLAccount"),
        (bulk(payment()).replace("T08:00:00Z", "T08:00:00"), "CreationDateTime"),
        (bulk(payment()).replace("ID>", "Id>"), "Id"),
        (bulk(), "JournalEntryCreateRequest"),
        (bulk(payment(SpecialField="1")), "SpecialField"),
    ],
)
def test_what_the_schema_refuses_is_a_fault_that_names_it(
    soap: Client, erp: SimulatedErp, wrong: str, named: str
) -> None:
    answer = soap.post(ENTRIES, wrong)
    assert answer.status == 500
    code, text = fault_of(answer)
    assert code == "Client"
    assert named in text
    assert erp.accounting_document("1000", "1400000001", 2026) is None


def test_soap_12_blames_the_sender_with_status_400(soap: Client) -> None:
    answer = soap.post(ENTRIES, bulk(), SOAP_12)
    assert answer.status == 400
    assert fault_of(answer)[0] == "Sender"


def test_an_empty_element_is_an_absent_one_and_a_required_one_is_then_missing(
    soap: Client, settings: SoapSettings
) -> None:
    empty = "<OriginalReferenceDocument/>"
    optional = payment().replace("<BusinessTr", f"{empty}<BusinessTr")
    (confirmed,) = soap.book(optional)
    assert confirmed.rows == [("1", "605(RW)")]
    required = bulk(payment()).replace("<CompanyCode>1000</CompanyCode>", "<CompanyCode/>")
    assert "CompanyCode" in fault_of(soap.post(ENTRIES, required))[1]
    settings.empty_is_absent = False
    assert "OriginalReferenceDocument" in fault_of(soap.post(ENTRIES, bulk(optional)))[1]


def test_an_entry_without_author_is_that_of_the_user_who_logs_on(
    soap: Client, erp: SimulatedErp
) -> None:
    anonymous = payment().replace("<CreatedByUser>TESTER<", "<CreatedByUser><")
    (confirmed,) = soap.book(anonymous)
    assert posted(erp, confirmed.document).entered_by == "WEB"


def test_nil_is_no_value_of_any_element(soap: Client) -> None:
    nil = (
        '<DocumentReferenceID xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:nil="true"/>'
    )
    wrong = bulk(payment()).replace("<DocumentReferenceID>PAY-1</DocumentReferenceID>", nil)
    code, text = fault_of(soap.post(ENTRIES, wrong))
    assert code == "Client"
    assert "nil" in text


def test_a_confirmation_says_whose_it_is(soap: Client) -> None:
    answer = soap.post(ENTRIES, bulk(payment(message="ENTRY-1"), message="7"))
    confirmation = payload_of(answer)
    assert confirmation.findtext("MessageHeader/ReferenceID") == "BULK7"
    assert confirmation.findtext("*/MessageHeader/ReferenceID") == "ENTRY-1"
    assert confirmation.findtext("MessageHeader/CreationDateTime") == "2026-01-02T08:00:00Z"


def test_a_service_that_knows_no_messages_posts_a_repeated_one_again(soap: Client) -> None:
    first, second = (soap.book(payment(message="M-1"))[0] for _ in range(2))
    assert (first.document, second.document) == ("1400000001", "1400000002")


def test_a_service_that_knows_messages_refuses_a_repeated_one(
    soap: Client, settings: SoapSettings, erp: SimulatedErp
) -> None:
    settings.repeated_message = "refuse"
    (first,) = soap.book(payment(message="M-1"))
    (second,) = soap.book(payment(message="M-1"))
    assert second.rows == [("3", "609(RW)"), ("3", "398(00)")]
    assert first.document in etree.tostring(second.element).decode()
    (other,) = soap.book(payment(message="M-2"))
    assert other.document == "1400000002"
    assert erp.accounting_document("1000", "1400000003", 2026) is None


def test_a_message_that_was_refused_may_come_again(soap: Client, settings: SoapSettings) -> None:
    settings.repeated_message = "refuse"
    soap.book(payment(message="M-1", CompanyCode="9999"))
    (corrected,) = soap.book(payment(message="M-1"))
    assert corrected.rows == [("1", "605(RW)")]


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="repeated_message"):
        SoapSettings(repeated_message="forget")


def test_an_update_that_fails_after_the_commit_is_an_error_without_document(
    soap: Client, erp: SimulatedErp
) -> None:
    erp.faults.inject("update terminated after commit", on="commit")
    (confirmed,) = soap.book(payment())
    assert confirmed.rows == [("3", "101(S&)")]
    assert confirmed.document == "0000000000"


def test_a_confirmation_may_come_before_the_update_has_run(
    soap: Client, settings: SoapSettings, erp: SimulatedErp
) -> None:
    settings.waits_for_update = False
    (confirmed,) = soap.book(payment())
    assert erp.accounting_document("1000", confirmed.document, 2026) is None
    erp.advance(timedelta(seconds=1))
    assert erp.accounting_document("1000", confirmed.document, 2026) is not None


def test_a_program_that_ends_is_the_servers_fault(soap: Client, erp: SimulatedErp) -> None:
    erp.faults.inject("short dump", on="post accounting document")
    answer = soap.post(ENTRIES, bulk(payment()))
    assert answer.status == 500
    assert fault_of(answer)[0] == "Server"
    assert erp.accounting_document("1000", "1400000001", 2026) is None


def test_the_engines_own_figures_come_out(soap: Client, erp: SimulatedErp) -> None:
    """The same payment through the engine's own function and through the service."""
    charges = erp.master_data.posting_account("FJW1", "bank charges")
    (confirmed,) = soap.book(
        entry(
            ledger(1, "113100", "116.50"),
            ledger(2, charges, "2.50"),
            debtor(3, "C-100", "-119.00"),
        )
    )
    spec = PaymentSpec("1000", "C-100", Decimal("116.50"), "EUR", bank_charges=Decimal("2.50"))
    with erp.session("TESTER") as session:
        outcome = session.post_incoming_payment_with_clearing(spec)
        session.commit()
    assert lines(erp, confirmed.document) == lines(erp, outcome.number)
