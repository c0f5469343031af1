"""Whatever a client sends is answered, and never with a failure of the server."""

from __future__ import annotations

from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.http.front import HttpFront
from connector.simulator.http.messages import Headers, HttpRequest
from tests.simulator.odata.protocol.book import ROOT, face_on, filled

BOOK = filled()
FRONT = HttpFront(cast(SimulatedErp, BOOK))
face_on(FRONT, BOOK, csrf=False)
BASIC = ("Authorization", "Basic dGVzdGVyOng=")

_METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "MERGE", "DELETE", "OPTIONS", "HEAD"])
_NAMES = ["A_SalesOrder", "A_SalesOrder('1')", "to_Item", "$count", "$value", "$links", "$batch"]
_NAMES += ["$metadata", "SoldToParty", "releaseApprovalRequest", "A_SalesOrder(", "('1')", "$1"]
_SEGMENTS = st.lists(st.sampled_from(_NAMES) | st.text(max_size=6), max_size=4)
_OPTIONS = ["$filter=", "$select=", "$expand=", "$orderby=", "$top=", "$skip=", "$format=", "$x="]
_WORDS = ["SalesOrder", "to_Item", "eq", "'1'", "1", "/", ",", "(", ")", "*", "json", "desc", "%"]
_QUERIES = st.lists(
    st.tuples(
        st.sampled_from(_OPTIONS),
        st.lists(st.sampled_from(_WORDS) | st.text(max_size=3), max_size=6).map(" ".join),
    ).map("".join),
    max_size=3,
).map("&".join)
_JSON = st.sampled_from([b"", b"{", b"{}", b'{"SoldToParty":"1","to_Item":[{}]}', b"\xff", b"[]"])
_PARTS = [b"--b\r\n", b"--b--", b"\r\n", b"Content-Type: application/http\r\n\r\n", b"x: y\r\n"]
_PARTS += [b"GET A_SalesOrder HTTP/1.1\r\n\r\n", b"Content-Type: multipart/mixed; boundary=c\r\n"]
_PARTS += [b"--c\r\n", b"--c--\r\n", b"POST A_SalesOrder HTTP/1.1\r\n", b"{}"]
_BATCHES = st.lists(st.sampled_from(_PARTS), max_size=12).map(b"".join)
_TYPES = st.sampled_from(
    ["application/json", "application/xml", "multipart/mixed; boundary=b", "text/x", ""]
)
_ACCEPTS = st.sampled_from(["application/json", "*/*", "text/csv", "", ";q=x", "a/b;q=2,*/*"])


@given(_METHODS, _SEGMENTS, _QUERIES, _JSON | _BATCHES | st.binary(max_size=20), _TYPES, _ACCEPTS)
def test_no_request_breaks_the_face(
    method: str, segments: list[str], query: str, body: bytes, kind: str, accept: str
) -> None:
    path = "/".join([ROOT, *segments])
    headers = Headers([BASIC, ("Content-Type", kind), ("Accept", accept), ("If-Match", "*")])

    response = FRONT.answer(HttpRequest(method, path, query, headers, body, "http://x.test"))

    assert response.status < 500 or response.status == 501, response.body


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=40))
def test_no_path_or_header_breaks_the_front(path: str, query: str, header: str) -> None:
    headers = Headers([BASIC, ("Cookie", header), ("Accept-Language", header)])

    for prefix in ("/", "/sap/opu/odata/", "/sap/opu/odata/sap/", "/sap/bc/"):
        request = HttpRequest("GET", prefix + path, query, headers, b"", "http://x.test")
        assert FRONT.answer(request).status < 500


@given(st.binary(max_size=60))
def test_no_authorization_breaks_the_logon(given: bytes) -> None:
    value = given.decode("latin-1")
    for kind in ("Basic", "Bearer", "Other"):
        headers = Headers([("Authorization", f"{kind} {value}")])
        request = HttpRequest("GET", "/sap/bc/ping", "", headers)
        assert FRONT.answer(request).status in (200, 401)
