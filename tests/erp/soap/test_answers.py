"""What each answer to a payment is taken for. A real socket, and answers written by hand."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from connector.erp.soap.journal_entry import message_ids
from connector.errors import (
    ConfigurationError,
    ConnectorError,
    ErpUnavailableError,
    LockedError,
    LogonRefusedError,
    OutcomeUnknownError,
    RejectedError,
    TransientError,
)
from connector.ports.erp import Point
from connector.resources import shipped
from tests.contract.observing import Observer
from tests.erp.http.wire_server import Reply, WireServer, closed_port, reply
from tests.erp.soap.documents import payment, with_discount
from tests.erp.soap.scripted import (
    KEY,
    POSTED,
    SOAP_12,
    SUCCESS,
    answer,
    confirmation,
    entry,
    envelope,
    fault,
    item,
    transport_to,
)

OWN = message_ids(payment())


def post(given: Reply, observer: Observer | None = None, version: str = "1.1") -> object:
    """Post a payment that gets *given* for an answer; nothing is ever sent a second time."""
    with WireServer([given]) as server, transport_to(server.url, soap_version=version) as soap:
        try:
            return soap.payments.post(payment(), observer or Observer())
        finally:
            assert len(server.received) == 1


def refused(given: Reply, error: type[ConnectorError], version: str = "1.1") -> ConnectorError:
    """Post, and return the error; the observer hears whether it is the ERP's own no."""
    observer = Observer()
    with pytest.raises(error) as raised:
        post(given, observer, version)
    assert type(raised.value) is error
    said_no = error is not OutcomeUnknownError
    assert (observer.points[-1] is Point.COMMIT_REFUSED) == said_no
    found: ConnectorError = raised.value
    return found


@pytest.mark.parametrize(
    ("header", "of_entry"),
    [
        ("", ""),
        (
            f"<ReferenceID>{OWN.bulk.hex}</ReferenceID>",
            f"<ReferenceID>{OWN.entry.hex}</ReferenceID>",
        ),
        ("", f"<ReferenceUUID>{str(OWN.entry).upper()}</ReferenceUUID>"),
    ],
)
def test_a_document_without_errors_is_posted(header: str, of_entry: str) -> None:
    warned = SUCCESS + item("117(F5)", "2")
    assert post(answer(confirmation(entry(items=warned, header=of_entry), header=header))) == KEY


def test_a_time_that_cannot_be_read_is_nothing_that_matters() -> None:
    untimely = confirmation(entry()).replace("2026-01-05T11", "yesterday")
    assert post(answer(untimely)) == KEY


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (confirmation(entry(items=item("702(F5)", "3"))), "named document"),
        (confirmation(entry(document="", items="")), "neither a document nor an error"),
        (confirmation(), "neither a document nor an error"),
        (confirmation(entry(document="", items=item("101(S&amp;)", "3"))), "S& 101"),
        (confirmation(entry(), entry()), "2 entries"),
        (confirmation(entry(header="<ReferenceID>OTHER</ReferenceID>")), "another message"),
        (confirmation(entry(), header="<ReferenceID>OTHER</ReferenceID>"), "another message"),
        (confirmation(entry(document=POSTED.replace("2026", "20X6"))), "not clear"),
        (confirmation(entry(document=POSTED.replace("2026", "1026"))), "not clear"),
        (confirmation(entry(document=POSTED.replace("<Fi", "<New>1</New><Fi"))), "cannot be read"),
        (confirmation(entry()).replace("JournalEntryBulk", "Other"), "cannot be read"),
        ("", "cannot be read"),
        (fault("Server"), "fault Server"),
        (fault("Server.Processing"), "fault Server"),
        (fault("Strange"), "fault Strange"),
    ],
)
def test_an_answer_that_is_not_clear_leaves_doubt(content: str, words: str) -> None:
    assert words in str(refused(answer(content), OutcomeUnknownError))


@pytest.mark.parametrize(
    "given",
    [
        reply(200, envelope(confirmation(entry()))[:-40], Content_Type="text/xml"),
        reply(
            200, envelope(confirmation(entry())).replace(b"</", b"<", 1), Content_Type="text/xml"
        ),
        reply(200, b"", Content_Type="text/xml"),
        reply(200, b"OK", Content_Type="text/plain"),
        reply(200, envelope(confirmation(entry()))),
        reply(202, b"", Content_Type="text/xml"),
        reply(204),
        reply(500, b"", Content_Type="text/xml"),
        reply(500, b"<html>short dump</html>", Content_Type="text/html"),
        reply(500, envelope(confirmation(entry())), Content_Type="text/xml"),
        reply(502, b"<html>Bad Gateway</html>", Content_Type="text/html"),
        reply(504, b"", Content_Type="text/plain"),
        reply(200, b"<html><body>Welcome</body></html>", Content_Type="text/html"),
        reply(200, envelope(confirmation(entry()), SOAP_12), Content_Type="text/xml"),
    ],
    ids=lambda given: str(given.content[:80]),
)
def test_what_is_no_answer_leaves_doubt(given: Reply) -> None:
    refused(given, OutcomeUnknownError)


@pytest.mark.parametrize("then", ["close", "reset"])
def test_a_connection_that_ends_without_answer_leaves_doubt(then: str) -> None:
    observer = Observer()
    with pytest.raises(OutcomeUnknownError, match="may have arrived"):
        post(Reply(b"", then), observer)
    assert observer.points == [Point.CONNECTION_OPEN, Point.AFTER_FENCE_CHECK, Point.COMMIT_SENT]


def test_half_an_answer_leaves_doubt() -> None:
    whole = reply(200, envelope(confirmation(entry())), Content_Type="text/xml").content
    refused(Reply(whole[:-30], "close"), OutcomeUnknownError)


def test_an_erp_that_is_not_there_was_sent_nothing_and_no_commit_is_announced() -> None:
    class Counting(Observer):
        asked = 0

        def before_commit(self) -> None:
            self.asked += 1

    observer = Counting()
    with (
        closed_port() as port,
        transport_to(f"http://127.0.0.1:{port}") as soap,
        pytest.raises(ErpUnavailableError),
    ):
        soap.payments.post(payment(), observer)
    assert observer.asked == 0
    assert observer.points == []


@pytest.mark.parametrize(
    ("content", "status", "version"),
    [
        (fault("Client", "Value too long"), 500, "1.1"),
        (fault("Client.Data", "Value too long"), 500, "1.1"),
        (fault("Sender", "Value too long", SOAP_12), 400, "1.2"),
        (fault("Sender", "Value too long", SOAP_12), 500, "1.2"),
    ],
)
def test_a_fault_that_blames_the_message_rejects_it(
    content: str, status: int, version: str
) -> None:
    namespace = SOAP_12 if version == "1.2" else "http://schemas.xmlsoap.org/soap/envelope/"
    error = refused(answer(content, status, namespace), RejectedError, version)
    assert isinstance(error, RejectedError)
    assert error.code == "VALUE_DOES_NOT_FIT"
    assert "Value too long" in str(error)


def test_a_fault_about_the_version_stops_everything() -> None:
    error = refused(answer(fault("VersionMismatch"), 500), ConfigurationError)
    assert "soap_version" in str(error)


@pytest.mark.parametrize(
    ("items", "code", "cause"),
    [
        (item("609(RW)", "3") + item("102(F5)", "3"), "CUSTOMER_NOT_IN_COMPANY_CODE", "F5 102"),
        (item("22 ( RW )", "3"), "NOT_BALANCED", "RW 022"),
        (item("201(F5)", "4"), "PERIOD_CLOSED", "F5 201"),
        (item("777(ZFI)", "3"), "ERP_REJECTED", "ZFI 777"),
        (item("E-SOMETHING", "3"), "ERP_REJECTED", "E-SOMETHING"),
        (item("702(F5)", "9"), "NOT_BALANCED", "F5 702"),
        (item("609(RW)", "3"), "ERP_REJECTED", "RW 609"),
    ],
)
def test_errors_in_the_log_reject_by_class_and_number(items: str, code: str, cause: str) -> None:
    for document in ("", POSTED.replace("1400000001", "0000000000").replace("2026", "0000")):
        error = refused(answer(confirmation(entry(document, items))), RejectedError)
        assert isinstance(error, RejectedError)
        assert error.code == code
        assert cause in str(error)


def test_errors_may_stand_in_the_log_of_the_whole_message() -> None:
    error = refused(answer(confirmation(log=item("102(F5)", "3"))), RejectedError)
    assert "F5 102" in str(error)


def test_a_lock_is_a_reason_to_try_again_and_says_by_whom() -> None:
    named = (
        "<LogItemNotePlaceholderSubstitutionList><FirstPlaceholderID>1</FirstPlaceholderID>"
        "<SecondPlaceholderID>2</SecondPlaceholderID>"
        "<FirstPlaceholderSubstitutionText>80000001</FirstPlaceholderSubstitutionText>"
        "<SecondPlaceholderSubstitutionText>MILLER</SecondPlaceholderSubstitutionText>"
        "</LogItemNotePlaceholderSubstitutionList>"
    )
    locked = item("046(VL)", "3", more=named)
    error = refused(answer(confirmation(entry("", locked))), LockedError)
    assert isinstance(error, LockedError)
    assert (error.object_key, error.locked_by) == ("80000001", "MILLER")


@pytest.mark.parametrize("found", [True, False])
def test_a_refusal_counts_only_where_the_document_is_not_there(found: bool) -> None:
    given = answer(confirmation(entry("", item("398(00)", "3", "processed before"))))
    expected = OutcomeUnknownError if found else RejectedError
    with (
        WireServer([given]) as server,
        transport_to(server.url, lambda *_: (KEY,) if found else ()) as soap,
        pytest.raises(expected, match="processed before"),
    ):
        soap.payments.post(payment(), Observer())


def test_a_refusal_that_nobody_can_check_leaves_doubt() -> None:
    def nobody_answers(*_: str) -> tuple[()]:
        raise ErpUnavailableError("gone")

    given = answer(confirmation(entry("", item("102(F5)", "3"))))
    with (
        WireServer([given]) as server,
        transport_to(server.url, nobody_answers) as soap,
        pytest.raises(OutcomeUnknownError, match="cannot be looked for: gone"),
    ):
        soap.payments.post(payment(), Observer())


def test_a_confirmation_that_nobody_can_check_leaves_doubt() -> None:
    def nobody_answers(*_: str) -> tuple[()]:
        raise ErpUnavailableError("gone")

    with (
        WireServer([answer(confirmation(entry()))]) as server,
        transport_to(server.url, nobody_answers, read_back=True) as soap,
        pytest.raises(OutcomeUnknownError, match="cannot be looked up: gone"),
    ):
        soap.payments.post(payment(), Observer())


@pytest.mark.parametrize(
    ("given", "error", "asked"),
    [
        (reply(429, b"slow", Retry_After="7"), TransientError, 7),
        (
            reply(503, b"", Retry_After="Mon, 05 Jan 2026 11:01:30 GMT"),
            ErpUnavailableError,
            90,
        ),
    ],
)
def test_an_erp_that_asks_for_time_gets_it(
    given: Reply, error: type[TransientError], asked: float
) -> None:
    found = refused(given, error)
    assert isinstance(found, TransientError)
    assert found.retry_after_s == asked


def test_a_refused_logon_stops_everything() -> None:
    page = b"<html><form><input type='password'></form></html>"
    refused(reply(401, b""), LogonRefusedError)
    refused(reply(200, page, Content_Type="text/html"), LogonRefusedError)


def test_a_service_that_is_elsewhere_is_not_followed() -> None:
    with WireServer([answer(confirmation(entry()))]) as other:
        moved = reply(307, b"", Location=f"{other.url}/else?ticket=secret")
        error = refused(moved, ConfigurationError)
        assert other.received == []
    assert "secret" not in str(error)
    local = reply(302, b"", Location="file:///etc/hostname")
    refused(local, ConfigurationError)


@pytest.mark.parametrize("status", [404, 415])
def test_a_service_that_does_not_answer_is_a_matter_of_settings(status: int) -> None:
    refused(reply(status, b""), ConfigurationError)


LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE l SYSTEM "http://127.0.0.1:9/evil.dtd">'
FILE = '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("doctype", [LAUGHS, OUTSIDE, FILE], ids=["laughs", "outside", "file"])
def test_an_answer_with_a_document_type_is_not_read(doctype: str) -> None:
    hostile = confirmation(entry(items=item("605(RW)", "1", "&a;" if "ENTITY" in doctype else "x")))
    error = refused(answer(hostile, doctype=doctype), OutcomeUnknownError)
    assert "cannot be read" in str(error)


def test_the_message_is_valid_by_the_schema_and_goes_with_its_action() -> None:
    path = shipped("fixtures/sap/soap") / "JournalEntryCreateRequestConfirmation_In.wsdl"
    found = etree.parse(str(path)).find(".//{http://www.w3.org/2001/XMLSchema}schema")
    assert found is not None
    schema = etree.XMLSchema(etree.fromstring(etree.tostring(found)))
    options: dict[str, Any] = {"cash_discount_account": "880000", "logical_system": "CONN"}
    with (
        WireServer([answer(confirmation(entry()))]) as server,
        transport_to(server.url, **options) as soap,
    ):
        sent = with_discount().model_copy(update={"item_text": "A text that is " + "x" * 30})
        soap.payments.post(sent, Observer())
        (received,) = server.received
    assert received.target == "/sap/bc/srt/scs/sap/journalentrycreaterequestconfi"
    assert received.headers["content-type"] == "text/xml; charset=utf-8"
    assert received.headers["soapaction"].endswith(
        '/JournalEntryCreateRequestConfirmation_In/JournalEntryCreateRequestConfirmation_InRequest"'
    )
    body = etree.fromstring(received.body).find("{*}Body")
    assert body is not None
    schema.assertValid(etree.fromstring(etree.tostring(body[0])))
    header = body[0].find("JournalEntryCreateRequest/MessageHeader")
    assert header is not None
    assert header.findtext("ReferenceID") == "PAY-1"
    assert header.findtext("UUID") == str(OWN.entry)
    assert header.findtext("CreationDateTime") == "2026-01-05T11:00:00Z"
    debtor = body[0].find(".//DebtorItem")
    assert debtor is not None
    assert debtor.findtext("Reference3IDByBusinessPartner") == "00900000012026001"
    assert debtor.findtext("CashDiscountTerms/NetPaymentDays") == "P0D"


def test_nothing_of_a_payment_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    sent = payment(item_text="Jane Doe", payer="C-4711")
    with (
        WireServer([answer(confirmation(entry()))]) as server,
        transport_to(server.url) as soap,
    ):
        soap.payments.post(sent, Observer())
    written = capsys.readouterr()
    assert "soap request" in written.out
    for secret in ("Jane", "4711", "119.00", "113100", "secret"):
        assert secret not in written.out + written.err
