"""The ERP's own words, wherever they stand."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from requests.structures import CaseInsensitiveDict

from connector.erp.http.exchange import Answer, Call
from connector.erp.messages import shipped_table
from connector.erp.odata.errors import (
    ChangedMeanwhileError,
    Judge,
    NotThereError,
    VersionNeededError,
)
from connector.erp.odata.messages import messages_of_error, messages_of_header
from connector.errors import (
    ConfigurationError,
    ConnectorError,
    ErpMessage,
    LockedError,
    NotAuthorizedError,
    OutcomeUnknownError,
    RejectedError,
    TransientError,
)
from tests.erp.odata.core.gateway import problem

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
READ = Call("GET", "/x", "read x")
WRITE = Call("POST", "/x", "write x", writes=True)
JUDGE = Judge(shipped_table())


def answered(status: int, body: object = b"", **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = CaseInsensitiveDict({name.replace("_", "-"): v for name, v in headers.items()})
    return Answer(status, fields, content, "x")


def refusal(answer: Answer, call: Call = WRITE) -> ConnectorError | None:
    return JUDGE.refusal(answer, call, NOW)


@pytest.mark.parametrize(
    ("code", "message_class", "number", "key"),
    [
        ("V1/311", "V1", "311", ""),
        ("SD_API/005", "SD_API", "005", ""),
        ("/IWBEP/CM_MGW_RT/022", "/IWBEP/CM_MGW_RT", "022", ""),
        ("/IWFND/CM_MGW_RT 049", "/IWFND/CM_MGW_RT", "049", ""),
        ("V1 311", "V1", "311", ""),
        ("005056A509B11EE1B9A8FEC11C21578E", "", "", "005056A509B11EE1B9A8FEC11C21578E"),
        ("BadRequest", "", "", "BadRequest"),
        ("", "", "", ""),
    ],
)
def test_class_and_number_are_taken_from_the_code(
    code: str, message_class: str, number: str, key: str
) -> None:
    (message,) = messages_of_error(answered(400, problem(code, "words")))
    assert message == ErpMessage("E", message_class, number, "words", key)


def test_the_details_tell_severity_and_item() -> None:
    body = problem(
        "V1/028",
        "Material is blocked",
        {"code": "V1/028", "message": "Material is blocked", "severity": "error",
         "target": "to_Item(SalesOrder='',SalesOrderItem='20')/Material"},
        {"code": "V4/115", "message": "Reference used", "severity": "warning"},
    )  # fmt: skip
    messages = messages_of_error(answered(400, body))
    assert [(m.type, m.message_class, m.number, m.item_number) for m in messages] == [
        ("E", "V1", "028", 20),
        ("W", "V4", "115", None),
    ]


def test_an_error_in_xml_is_read_alike() -> None:
    body = b"""<?xml version="1.0" encoding="utf-8"?>
    <error xmlns="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">
      <code>/IWBEP/CM_MGW_RT/022</code><message xml:lang="en">Cannot create</message>
      <innererror><errordetails><errordetail><code>V1/042</code>
        <message>Being processed</message><severity>error</severity>
      </errordetail></errordetails></innererror></error>"""
    messages = messages_of_error(answered(400, body, Content_Type="application/xml"))
    assert [(m.message_class, m.number, m.text) for m in messages] == [
        ("/IWBEP/CM_MGW_RT", "022", "Cannot create"),
        ("V1", "042", "Being processed"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"CSRF token validation failed", b"{", b'{"error": "x"}', b"[1]", b"null",
        b"<html><body>Error</body></html>", b'{"error": {}}', b'{"error": {"innererror": []}}',
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><error><code>&b;</code></error>',
        b"[" * 100_000, b"\xff\xfe\x00",
    ],
)  # fmt: skip
def test_what_holds_no_words_gives_none(body: bytes) -> None:
    assert messages_of_error(answered(400, body)) == ()


def test_the_header_is_read_with_its_details() -> None:
    header = {
        "code": "V1/555", "message": "Incomplete", "severity": "warning", "target": "",
        "details": [{"code": "V1/311", "message": "Saved", "severity": "success"}],
    }  # fmt: skip
    answer = answered(201, {}, sap_message=json.dumps(header))
    assert [(m.type, m.number) for m in messages_of_header(answer)] == [("W", "555"), ("S", "311")]


def test_the_header_may_be_in_utf8_or_xml_or_nonsense() -> None:
    words = json.dumps({"message": "Größe fehlt", "severity": "info"}, ensure_ascii=False)
    (message,) = messages_of_header(answered(200, sap_message=words.encode().decode("latin-1")))
    assert message.text == "Größe fehlt"
    inner = "<code>V1/555</code><message>x</message><severity>warning</severity>"
    xml = f"<notification>{inner}</notification>"
    (message,) = messages_of_header(answered(200, sap_message=xml))
    assert (message.type, message.number) == ("W", "555")
    assert messages_of_header(answered(200, sap_message="nonsense")) == ()


def test_a_success_with_a_warning_is_a_success() -> None:
    header = json.dumps({"code": "V1/555", "message": "Incomplete", "severity": "warning"})
    assert refusal(answered(201, {}, sap_message=header)) is None


def test_a_success_with_an_error_is_looked_up_for_a_write_and_refused_for_a_read() -> None:
    header = json.dumps({"code": "ZZ/001", "message": "No", "severity": "error"})
    answer = answered(201, {}, sap_message=header)
    assert isinstance(refusal(answer, WRITE), OutcomeUnknownError)
    assert isinstance(refusal(answer, READ), RejectedError)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "VP/199", RejectedError),
        (400, "ZZ/999", RejectedError),
        (400, "BadRequest", RejectedError),
        (409, "ZZ/999", RejectedError),
        (400, "V1/042", LockedError),
        (400, "V1/043", TransientError),
        (423, "ZZ/999", LockedError),
        (500, "V1/042", LockedError),
        (500, "VP/199", RejectedError),
        (500, "ZZ/999", OutcomeUnknownError),
        (500, "SY/530", OutcomeUnknownError),
        (400, "S&/101", OutcomeUnknownError),
        (400, "/IWBEP/CM_COS/005", OutcomeUnknownError),
        (412, "/IWBEP/CM_MGW_RT/190", ChangedMeanwhileError),
        (400, "/IWBEP/CM_MGW_RT/190", ChangedMeanwhileError),
        (428, "ZZ/999", VersionNeededError),
        (404, "/IWBEP/CM_MGW_RT/020", NotThereError),
        (403, "ZZ/999", NotAuthorizedError),
        (403, "/IWFND/MED/170", ConfigurationError),
        (405, "ZZ/999", ConfigurationError),
        (501, "/IWBEP/CM_MGW_RT/021", ConfigurationError),
    ],
)
def test_messages_decide_then_the_status(
    status: int, code: str, kind: type[ConnectorError]
) -> None:
    error = refusal(answered(status, problem(code, "words")))
    assert type(error) is kind
    assert "words" in str(error) or isinstance(
        error, LockedError | ChangedMeanwhileError | VersionNeededError
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RejectedError),
        (404, ConfigurationError),
        (412, ChangedMeanwhileError),
        (423, LockedError),
        (428, VersionNeededError),
        (500, OutcomeUnknownError),
        (501, ConfigurationError),
    ],
)
def test_without_words_the_status_decides(status: int, kind: type[ConnectorError]) -> None:
    assert type(refusal(answered(status))) is kind


def test_the_cause_in_the_details_gives_the_hold_its_reason() -> None:
    body = problem(
        "/IWBEP/CM_MGW_RT/022",
        "An exception was raised",
        {"code": "VP/199", "message": "No such customer", "severity": "error"},
    )
    error = refusal(answered(400, body))
    assert isinstance(error, RejectedError)
    assert error.code == "CUSTOMER_NOT_IN_SALES_AREA"
