"""Calls become JSON without the data of people, and keep what decides."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.erp.odata import batch
from connector.erp.recording.fields import Treatment, shipped_fields
from connector.erp.recording.http_values import HttpSanitiser, content_of
from connector.erp.recording.odata_values import ODataSanitiser
from connector.erp.recording.rfc_values import RfcSanitiser, restored
from connector.erp.recording.stand_ins import StandIns, masked

FIELDS = shipped_fields()
KEY = b"k" * 32


def rfc() -> RfcSanitiser:
    return RfcSanitiser(FIELDS, StandIns(KEY))


def http() -> HttpSanitiser:
    return HttpSanitiser(FIELDS, StandIns(KEY))


def odata() -> ODataSanitiser:
    return ODataSanitiser(FIELDS, StandIns(KEY))


def test_the_same_value_has_the_same_stand_in_everywhere() -> None:
    stand_ins = StandIns(KEY)
    assert stand_ins(Treatment.NAME, "Anna") == stand_ins(Treatment.NAME, " Anna ")
    assert stand_ins(Treatment.NAME, "Anna") != stand_ins(Treatment.NAME, "Anne")
    assert stand_ins.counts == {"name": 4}


def test_another_recording_has_other_stand_ins() -> None:
    """Nobody can put two recordings side by side, or try all telephone numbers."""
    assert StandIns()(Treatment.PHONE, "0301234567") != StandIns()(Treatment.PHONE, "0301234567")


def test_stand_ins_have_the_form_of_what_they_stand_for() -> None:
    stand_ins = StandIns(KEY)
    code = stand_ins(Treatment.POSTCODE, "20095")
    assert len(code) == 5 and code.isdigit()
    assert stand_ins(Treatment.EMAIL, "a@b.de").endswith("@example.com")


def test_parameters_of_a_function_keep_codes_and_lose_people() -> None:
    asked = rfc().parameters(
        "BAPI_SALESORDER_CREATEFROMDAT2",
        {
            "ORDER_HEADER_IN": {"DOC_TYPE": "TA", "PURCH_NO_C": "SHOP-1", "ZZ_OWN": "Anna"},
            "ORDER_PARTNERS": [
                {"PARTN_ROLE": "WE", "PARTN_NUMB": "0000090010", "NAME": "Anna Miller", "CITY": ""}
            ],
            "ORDER_CONDITIONS_IN": [{"COND_VALUE": Decimal("12.30"), "ZZ_SALARY": Decimal(99)}],
        },
    )
    header, [partner] = asked["ORDER_HEADER_IN"], asked["ORDER_PARTNERS"]
    assert (header["DOC_TYPE"], header["PURCH_NO_C"]) == ("TA", "SHOP-1")
    assert header["ZZ_OWN"].startswith("Text ")
    assert partner["PARTN_NUMB"] == "0000090010"
    assert partner["NAME"].startswith("Name ")
    assert partner["CITY"] == "", "what is empty stays empty: that it is decides"
    [condition] = restored(asked["ORDER_CONDITIONS_IN"])
    assert condition == {"COND_VALUE": Decimal("12.30"), "ZZ_SALARY": Decimal(0)}


@pytest.mark.parametrize("delimiter", ["", "|"])
def test_rows_of_a_table_are_replaced_column_by_column(delimiter: str) -> None:
    widths = {"KUNNR": 10, "NAME1": 20, "ORT01": 12}
    fields, at = [], 0
    for name, width in widths.items():
        fields.append({"FIELDNAME": name, "OFFSET": f"{at:06}", "LENGTH": f"{width:06}"})
        at += width + len(delimiter)
    values = ["0000090010", "Anna Miller", "Hamburg"]
    row = delimiter.join(
        value.ljust(width) for value, width in zip(values, widths.values(), strict=True)
    )
    answer = rfc().answer(
        "RFC_READ_TABLE", {"FIELDS": fields, "DATA": [{"WA": row}]}, {"DELIMITER": delimiter}
    )
    shown = answer["DATA"][0]["WA"]
    assert shown.startswith("0000090010")
    assert "Miller" not in shown and "Hamburg" not in shown
    if delimiter:
        assert len(shown.split(delimiter)) == 3
    else:
        assert len(shown) == len(row)
        assert shown[10:30].startswith("Name ")


def test_conditions_of_a_table_read_are_replaced_across_lines() -> None:
    lines = ["VBELN IN ('0000000001',", "'0000000002') AND NAME1 =", "'O''Brien'"]
    asked = rfc().parameters("RFC_READ_TABLE", {"OPTIONS": [{"TEXT": line} for line in lines]})
    text = " ".join(line["TEXT"] for line in asked["OPTIONS"])
    assert "VBELN IN ('0000000001', '0000000002') AND NAME1 = 'Name " in text
    assert "Brien" not in text


def test_an_address_keeps_document_numbers_and_loses_names() -> None:
    shown = odata().address(
        "/sap/opu/odata/sap/API_SALES_ORDER_SRV/A_SalesOrder('4711')/to_Item"
        "?$filter=PurchaseOrderByCustomer%20eq%20'SHOP-1'%20and%20CustomerName%20eq%20'Anna%20M'"
        "&$select=SalesOrder&Search='Anna'"
    )
    assert "A_SalesOrder('4711')/to_Item" in shown
    assert "PurchaseOrderByCustomer%20eq%20'SHOP-1'" in shown
    assert "Anna" not in shown
    assert "$select=SalesOrder" in shown


def test_the_body_of_an_order_keeps_its_form() -> None:
    body = {
        "d": {
            "__metadata": {"uri": "https://s4.corp/A('1')", "type": "S.A_SalesOrderType"},
            "SalesOrder": "1",
            "TotalNetAmount": "12.30",
            "YY1_Owner_SDH": "Anna",
            "to_Partner": {"results": [{"PartnerFunction": "SP", "OrganizationName1": "ACME"}]},
        }
    }
    shown = odata().body(body)["d"]
    assert (shown["SalesOrder"], shown["TotalNetAmount"]) == ("1", "12.30")
    assert shown["__metadata"]["uri"].startswith("https://recorded.invalid")
    assert shown["YY1_Owner_SDH"].startswith("Text ")
    assert shown["to_Partner"]["results"][0]["OrganizationName1"].startswith("Name ")


def test_headers_lose_every_secret() -> None:
    headers = {
        "Authorization": "Basic Q09OTkVDVE9S",
        "Cookie": "SAP_SESSIONID=abc",
        "X-CSRF-Token": "secret-token",
        "Content-Type": "application/json; charset=utf-8",
    }
    asked = http().request("POST", "https://s4.corp/sap/A", headers, b"{}")
    answer = http().answer(
        201, {"Set-Cookie": "SAP_SESSIONID=abc", "X-CSRF-Token": "secret-token"}, b"", "/sap/A"
    )
    written = json.dumps([asked, answer])
    for secret in ("Q09OT", "SESSIONID", "abc", "secret-token", "s4.corp"):
        assert secret not in written


def test_an_error_keeps_its_code_and_loses_its_words() -> None:
    error = {"error": {"code": "V1/042", "message": {"lang": "en", "value": "Locked by MILLER"}}}
    answer = http().answer(
        400,
        {"Content-Type": "application/json", "sap-message": '{"code":"V1/1","message":"MILLER"}'},
        json.dumps(error).encode(),
        "",
    )
    assert answer["body"]["json"]["error"]["code"] == "V1/042"
    assert "MILLER" not in json.dumps(answer)


def test_a_payment_in_xml_keeps_amounts_and_loses_texts() -> None:
    xml = (
        b'<e:Envelope xmlns:e="x"><e:Body><!-- Anna --><CompanyCode>1010</CompanyCode>'
        b'<AmountInTransactionCurrency currencyCode="EUR">10.00</AmountInTransactionCurrency>'
        b"<DocumentItemText>Anna Miller</DocumentItemText><Unknown>Anna</Unknown>"
        b"<Secret Password='Anna'/></e:Body></e:Envelope>"
    )
    shown = http().request("POST", "/sap/bc/srt/x", {"Content-Type": "text/xml"}, xml)["body"][
        "text"
    ]
    assert 'currencyCode="EUR">10.00<' in shown
    assert "Anna" not in shown


def test_a_batch_is_kept_as_its_parts_whatever_its_marks() -> None:
    parts = [
        batch.Part("GET", "A_SalesOrder('1')", {"Accept": "application/json"}),
        batch.Part("PATCH", "A('1')", {"Content-Type": "application/json"}, b'{"Plant":"1010"}'),
    ]
    seen = []
    for mark in ("one", "another"):
        kind = batch.media_type(mark)
        asked = http().request(
            "POST", "/s/$batch", {"Content-Type": kind}, batch.of_changeset(parts, mark, "inner")
        )
        seen.append(asked)
    assert seen[0] == seen[1]
    assert [part["method"] for part in seen[0]["body"]["parts"]] == ["GET", "PATCH"]
    assert seen[0]["body"]["parts"][1]["body"] == {"json": {"Plant": "1010"}}


def test_the_answer_to_a_batch_comes_back_as_one() -> None:
    inner = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"d":{"SalesOrder":"1"}}'
    gone = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
    body = "".join(
        f"--b\r\nContent-Type: application/http\r\n\r\n{part}\r\n" for part in (inner, gone)
    )
    answer = http().answer(
        202, {"Content-Type": "multipart/mixed; boundary=b"}, f"{body}--b--\r\n".encode(), ""
    )
    headers, content = content_of(answer)
    from requests.structures import CaseInsensitiveDict

    from connector.erp.http.exchange import Answer

    again = batch.answers_of(Answer(202, CaseInsensitiveDict(headers), content, ""), "")
    assert [each.status for each in again] == [200, 204]
    assert json.loads(again[0].body) == {"d": {"SalesOrder": "1"}}


SECRETS = st.text(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x4FFF), min_size=4, max_size=12
)
NAMES = st.sampled_from(
    ["NAME", "OrganizationName1", "ZZ_OWN", "TEXT_LINE", "VBELN", "SalesOrder", "d", "results"]
)
TREES = st.recursive(
    SECRETS.map(lambda text: f"{text} {text}"),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=12,
)


def _leaves(tree: Any) -> list[str]:
    if isinstance(tree, dict):
        return [leaf for inner in tree.values() for leaf in _leaves(inner)]
    if isinstance(tree, list):
        return [leaf for inner in tree for leaf in _leaves(inner)]
    return [tree]


@given(st.dictionaries(NAMES, TREES, max_size=4))
def test_no_words_of_people_survive_in_any_shape(content: dict[str, Any]) -> None:
    """Whatever the nesting and wherever it stands, even in a field for document numbers."""
    written = json.dumps(
        [
            rfc().parameters("Z_ANY", content),
            rfc().answer("Z_ANY", content, {}),
            odata().body(content),
            http().answer(
                200, {"Content-Type": "application/json"}, json.dumps(content).encode(), ""
            ),
        ],
        ensure_ascii=False,
    )
    for leaf in _leaves(content):
        for word in leaf.split():
            assert word not in written


@given(st.dictionaries(NAMES, TREES, max_size=4))
def test_what_is_masked_twice_is_masked_once(content: dict[str, Any]) -> None:
    """A recorded call and the same call today are compared by their masks."""
    plain = RfcSanitiser(FIELDS, masked)
    recorded = rfc().parameters("Z_ANY", content)
    assert plain.parameters("Z_ANY", restored(recorded)) == plain.parameters("Z_ANY", content)
    mask = HttpSanitiser(FIELDS, masked)
    kind = {"Content-Type": "application/json"}
    body = json.dumps(content).encode()
    kept = http().request("POST", "/s/A('1')", kind, body)
    assert mask.again(kept) == mask.request("POST", "/s/A('1')", kind, body)
