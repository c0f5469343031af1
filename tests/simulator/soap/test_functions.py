"""Functions as web services, by raw messages: each call is a session of its own."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from lxml import etree

from connector.resources import shipped
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.rfc.dictionary import Dictionary
from connector.simulator.rfc.encode import encode
from connector.simulator.rfc.fill import fill
from connector.simulator.soap import function_values, function_wsdl
from connector.simulator.soap.face import soap_faces
from connector.simulator.soap.service import ServiceDescription
from connector.simulator.soap.settings import ORDER_WRAPPER, SoapSettings
from tests.simulator.soap.support import FUNCTIONS, RFC, SOAP_12, Client, fault_of

CREATE = "BAPI_SALESORDER_CREATEFROMDAT2"
COMMIT = "BAPI_TRANSACTION_COMMIT"
ORDER = (
    "<ORDER_HEADER_IN><DOC_TYPE>TA</DOC_TYPE><SALES_ORG>1000</SALES_ORG>"
    "<DISTR_CHAN>20</DISTR_CHAN><DIVISION>00</DIVISION>"
    "<REQ_DATE_H>2026-01-09</REQ_DATE_H><PURCH_NO_C>EXT-1</PURCH_NO_C></ORDER_HEADER_IN>"
    "<ORDER_PARTNERS><item><PARTN_ROLE>AG</PARTN_ROLE><PARTN_NUMB>C-100</PARTN_NUMB></item>"
    "</ORDER_PARTNERS>"
    "<ORDER_ITEMS_IN><item><ITM_NUMBER>000010</ITM_NUMBER><MATERIAL>M-01</MATERIAL></item>"
    "</ORDER_ITEMS_IN>"
    "<ORDER_SCHEDULES_IN><item><ITM_NUMBER>000010</ITM_NUMBER><SCHED_LINE>0001</SCHED_LINE>"
    "<REQ_QTY>3.000</REQ_QTY></item></ORDER_SCHEDULES_IN>"
)


def messages(answer: etree._Element) -> list[str]:
    return [
        " ".join(row.findtext(name) or "" for name in ("TYPE", "ID", "NUMBER"))
        for row in answer.findall("RETURN/item")
    ]


@pytest.mark.parametrize("version", ["http://schemas.xmlsoap.org/soap/envelope/", SOAP_12])
def test_the_wrapper_creates_and_commits_in_one_call(
    soap: Client, erp: SimulatedErp, version: str
) -> None:
    answer = soap.call(ORDER_WRAPPER, ORDER + "<RETURN/>", version)
    number = answer.findtext("SALESDOCUMENT") or ""
    assert messages(answer)[-1] == "S V1 311"
    document = erp.sales_document(number)
    assert document is not None
    assert document.purchase_order_by_customer == "EXT-1"
    assert str(document.requested_delivery_date) == "2026-01-09"


def test_a_commit_in_a_second_call_commits_nothing_and_succeeds(
    soap: Client, erp: SimulatedErp
) -> None:
    created = soap.call(CREATE, ORDER + "<RETURN/>")
    number = created.findtext("SALESDOCUMENT") or ""
    assert number
    assert messages(created)[-1] == "S V1 311"
    committed = soap.call(COMMIT, "<WAIT>X</WAIT>")
    assert committed.findtext("RETURN/TYPE") == ""
    assert erp.sales_document(number) is None


def test_a_refused_create_is_rolled_back_and_gives_no_number(
    soap: Client, erp: SimulatedErp
) -> None:
    wrong = ORDER.replace("M-01", "NO-SUCH")
    answer = soap.call(ORDER_WRAPPER, wrong + "<RETURN/>")
    assert "E V4 219" in messages(answer)
    assert not answer.findtext("SALESDOCUMENT")
    assert tuple(erp.sales_documents()) == ()


def test_a_commit_that_fails_is_a_message_and_gives_no_number(
    soap: Client, erp: SimulatedErp
) -> None:
    erp.faults.inject("update terminated after commit", on="commit")
    answer = soap.call(ORDER_WRAPPER, ORDER + "<RETURN/>")
    assert messages(answer)[-1] == "E S& 101"
    assert not answer.findtext("SALESDOCUMENT")


def test_a_table_comes_back_only_when_it_was_sent(soap: Client, settings: SoapSettings) -> None:
    answer = soap.call(ORDER_WRAPPER, ORDER)
    assert answer.find("RETURN") is None
    assert answer.find("ORDER_ITEMS_IN") is not None
    settings.tables_only_if_sent = False
    answer = soap.call(ORDER_WRAPPER, ORDER.replace("EXT-1", "EXT-2"))
    assert messages(answer)[-1] == "S V1 311"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ("<ORDER_HEADER_IN><DOC_TYPE>12345</DOC_TYPE></ORDER_HEADER_IN>", "DOC_TYPE"),
        ("<ORDER_HEADER_IN><NO_FIELD>1</NO_FIELD></ORDER_HEADER_IN>", "NO_FIELD"),
        ("<ORDER_HEADER_IN><REQ_DATE_H>20260109</REQ_DATE_H></ORDER_HEADER_IN>", "REQ_DATE_H"),
        ("<ORDER_HEADER_IN/><NO_PARAMETER/>", "NO_PARAMETER"),
        ("<ORDER_PARTNERS/>", "ORDER_HEADER_IN"),
    ],
)
def test_what_does_not_fit_the_interface_is_a_fault(soap: Client, wrong: str, named: str) -> None:
    payload = f'<f:{CREATE} xmlns:f="{RFC}">{wrong}</f:{CREATE}>'
    code, text = fault_of(soap.post(FUNCTIONS + CREATE.lower(), payload))
    assert code == "Client"
    assert named in text


def test_a_day_that_does_not_exist_is_a_fault(soap: Client) -> None:
    wrong = ORDER.replace("2026-01-09", "2026-13-41")
    payload = f'<f:{CREATE} xmlns:f="{RFC}">{wrong}</f:{CREATE}>'
    code, text = fault_of(soap.post(FUNCTIONS + CREATE.lower(), payload))
    assert code == "Client"
    assert "REQ_DATE_H" in text


def test_eight_zeros_are_no_date(soap: Client, erp: SimulatedErp) -> None:
    answer = soap.call(ORDER_WRAPPER, ORDER.replace("2026-01-09", "0000-00-00") + "<RETURN/>")
    assert answer.findtext("SALESDOCUMENT")


def test_a_program_that_ends_is_a_fault(soap: Client, erp: SimulatedErp) -> None:
    erp.faults.inject("short dump", on="create sales document")
    payload = f'<f:{ORDER_WRAPPER} xmlns:f="{RFC}">{ORDER}</f:{ORDER_WRAPPER}>'
    code, text = fault_of(soap.post(FUNCTIONS + ORDER_WRAPPER.lower(), payload))
    assert (code, text.partition(":")[0]) == ("Server", "COMPUTE_INT_ZERODIVIDE")


def test_a_classic_exception_is_a_fault_with_its_name(erp: SimulatedErp) -> None:
    soap = Client(soap_faces(erp, SoapSettings(functions=("RFC_READ_TABLE",))))
    payload = (
        f'<f:RFC_READ_TABLE xmlns:f="{RFC}"><QUERY_TABLE>NO_TABLE</QUERY_TABLE>'
        "<DATA/><FIELDS/><OPTIONS/></f:RFC_READ_TABLE>"
    )
    answer = soap.post(f"{FUNCTIONS}rfc_read_table", payload)
    assert fault_of(answer) == ("Client", "TABLE_NOT_AVAILABLE")
    assert b"<Number>029</Number>" in answer.body


def test_the_shipped_wsdl_is_that_of_the_wrapper() -> None:
    dictionary = Dictionary.from_fixtures({ORDER_WRAPPER: CREATE})
    written = function_wsdl.write(dictionary.function(ORDER_WRAPPER))
    assert (shipped("fixtures/sap/soap") / f"{ORDER_WRAPPER}.wsdl").read_bytes() == written


def test_older_systems_ask_for_every_field() -> None:
    function = Dictionary.from_fixtures().function(COMMIT)
    newer, older = (
        ServiceDescription(function_wsdl.write(function, fields_are_optional=optional))
        for optional in (True, False)
    )
    assert b'name="TYPE" type="tns:char1" minOccurs="0"' in newer.content
    assert b'name="TYPE" type="tns:char1"/>' in older.content


ALL_TYPES: dict[str, Any] = {
    "structure": "/NS/TEST",
    "fields": {
        "C": "CHAR 10",
        "N": "NUMC 6",
        "P": "CURR 15.2",
        "D": "DATS 8",
        "T": "TIMS 6",
        "I": "INT4 10",
        "I8": "INT8 19",
        "X": "RAW 4",
        "F": "FLTP 16",
        "S": "STRG 0",
        "XS": "RSTR 0",
    },
}


def test_every_type_comes_back_as_it_went() -> None:
    dictionary = Dictionary.from_fixtures()
    dictionary.add_structure(ALL_TYPES)
    function = dictionary.add(
        {"function": "Z_ECHO", "parameters": {"R": "changing structure /NS/TEST"}}
    )
    written = (
        "<C>a &amp; b</C><N>000042</N><P>-12.30</P><D>2026-02-28</D><T>23:59:58</T><I>-7</I>"
        f"<I8>9000000000</I8><X>{base64.b64encode(b'ABCD').decode()}</X><F>0.5</F><S>text</S>"
        f"<XS>{base64.b64encode(b'XYZ').decode()}</XS>"
    )
    request = etree.fromstring(f'<f:Z_ECHO xmlns:f="{RFC}"><R>{written}</R></f:Z_ECHO>')
    description = ServiceDescription(function_wsdl.write(function))
    description.check(request, "")
    imports = fill(function, function_values.arguments(function, request))
    answer = function_values.response(function, encode(function, imports), set())
    description.check(answer, "")
    inner = answer.find("R")
    assert inner is not None
    assert (
        "".join(etree.tostring(each).decode() for each in inner).replace(f' xmlns:n0="{RFC}"', "")
        == written
    )


def test_initial_values_are_valid_by_the_schema() -> None:
    dictionary = Dictionary.from_fixtures()
    dictionary.add_structure(ALL_TYPES)
    function = dictionary.add(
        {"function": "Z_ECHO", "parameters": {"R": "export structure /NS/TEST"}}
    )
    answer = function_values.response(function, {}, set())
    ServiceDescription(function_wsdl.write(function)).check(answer, "")
    assert answer.findtext("R/D") == "0000-00-00"


def test_bytes_that_are_no_base64_are_refused() -> None:
    dictionary = Dictionary.from_fixtures()
    dictionary.add_structure(ALL_TYPES)
    function = dictionary.add(
        {"function": "Z_ECHO", "parameters": {"R": "import structure /NS/TEST"}}
    )
    request = etree.fromstring("<Z_ECHO><R><X>***</X></R></Z_ECHO>")
    with pytest.raises(ValueError, match="X: not base64"):
        function_values.arguments(function, request)
