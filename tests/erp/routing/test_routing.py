"""Each operation goes over the transport chosen for it, and an impossible choice is refused."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from connector.erp.rfc.capabilities import CAPABILITIES as RFC
from connector.erp.routes import Routes, TransportParts
from connector.erp.routing import RoutedErp
from connector.errors import ConfigurationError, RejectedError
from connector.ports.capabilities import Access, Capabilities, Capability, ErpOperation, Transport
from connector.ports.erp import ChainSnapshot, ChangedDocuments, ErpSystem
from connector.sd_documents.values import DocumentCategory

O, T = ErpOperation, Transport  # noqa: E741
DAY = date(2026, 11, 16)

#: Like S/4HANA's services: inquiries and billing documents are only read, payments not at all.
HTTP: Capabilities = {
    **{each: Capability(Access.CREATE) for each in O},
    O.INQUIRY: Capability(Access.READ),
    O.BILLING: Capability(Access.CHANGE),
    O.PAYMENT: Capability(Access.NONE),
}
SOAP: Capabilities = {O.PAYMENT: Capability(Access.CREATE)}
ALL = {T.RFC: RFC, T.ODATA: HTTP, T.SOAP: SOAP}


@dataclass
class Spy:
    """One transport; notes what it is asked, and knows the documents that it is given."""

    name: str
    known: set[str] = field(default_factory=set)
    asked: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    latency_s: float = 0.1
    watermarks: list[str] = field(default_factory=list)
    mark: str = "mark"

    def __getattr__(self, name: str) -> Any:
        def noted(*arguments: Any, **options: Any) -> str:
            del options
            self.asked.append((name, arguments))
            return self.name

        return noted

    def read(self, numbers: Any, category: Any = None) -> tuple[Any, ...]:
        self.asked.append(("read", (tuple(numbers), category)))
        return tuple(SimpleNamespace(number=n, by=self.name) for n in numbers if n in self.known)

    def changed_since(self, watermark: str) -> ChangedDocuments:
        self.watermarks.append(watermark)
        return ChangedDocuments(("1",), self.mark)

    def parts(self) -> TransportParts:
        part: Any = self
        return TransportParts(
            ping=self.answer,
            close=lambda: self.asked.append(("close", ())),
            sales_documents=part,
            deliveries=part,
            billing_documents=part,
            payments=part,
            open_items=part,
            chains=part,
        )

    def answer(self) -> ErpSystem:
        self.asked.append(("ping", ()))
        at = datetime(2026, 11, 16, tzinfo=UTC)
        return ErpSystem(self.name, "100", "U", "h", "756", self.latency_s, at)


def routed(routes: Routes, *spies: Spy) -> Any:
    return RoutedErp(routes, {T(spy.name): spy.parts() for spy in spies}, ALL)


def over(transport: Transport, **others: Transport) -> dict[ErpOperation, Transport]:
    """Return routes for every operation: *others* by name, the rest over *transport*."""
    able = [each for each in O if RFC[each].access is not Access.NONE or transport is not T.RFC]
    return {**dict.fromkeys(able, transport), **{O(name): each for name, each in others.items()}}


@pytest.fixture
def rfc() -> Spy:
    return Spy("rfc")


@pytest.fixture
def odata() -> Spy:
    return Spy("odata")


@pytest.fixture
def soap() -> Spy:
    return Spy("soap")


def sales(category: DocumentCategory) -> Any:
    return SimpleNamespace(category=category)


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("quotation", lambda erp: erp.sales_documents.create(sales(DocumentCategory.QUOTATION), 0)),
        ("sales_order", lambda erp: erp.sales_documents.create(sales(DocumentCategory("C")), 0)),
        ("returns_order", lambda erp: erp.sales_documents.change(sales(DocumentCategory("H")), 0)),
        ("credit_memo_request", lambda erp: erp.sales_documents.find("R", DocumentCategory("K"))),
        ("debit_memo_request", lambda erp: erp.sales_documents.find("R", DocumentCategory("L"))),
        ("inquiry", lambda erp: erp.sales_documents.find("R", DocumentCategory.INQUIRY)),
        ("simulation", lambda erp: erp.sales_documents.simulate(sales(DocumentCategory("C")))),
        ("delivery", lambda erp: erp.deliveries.create(0, 0)),
        ("goods_issue", lambda erp: erp.deliveries.post_goods_issue(0, DAY, 0)),
        ("goods_issue", lambda erp: erp.deliveries.reverse_goods_issue(0, DAY, 0)),
        ("billing", lambda erp: erp.billing_documents.cancel("1", DAY, 0)),
        ("billing_pdf", lambda erp: erp.billing_documents.pdf("1")),
        ("open_items", lambda erp: erp.open_items.customer_items("1000", (), DAY)),
        ("open_items", lambda erp: erp.open_items.items_of_billing_documents(())),
        ("open_items", lambda erp: erp.open_items.items_of_receipts(["1000"], ["P-1"])),
        ("open_items", lambda erp: erp.open_items.receivable_balances("1000", DAY)),
    ],
)
def test_each_operation_goes_its_own_way(operation: str, call: Any, rfc: Spy, odata: Spy) -> None:
    others = over(T.RFC)
    erp = routed({**others, O(operation): T.ODATA}, rfc, odata)

    assert call(erp) in ("odata", None)
    assert len(odata.asked) == 1
    assert rfc.asked == []


def test_chains_that_the_route_does_not_show_are_read_where_their_documents_go(
    rfc: Spy, odata: Spy
) -> None:
    """Debit memo requests have no service: created over RFC, they are read there as well."""
    asked: dict[str, list[tuple[str, ...]]] = {"rfc": [], "odata": []}

    def chains(name: str, shows: str) -> Any:
        def read(numbers: Any) -> ChainSnapshot:
            asked[name].append(tuple(numbers))
            found: Any = tuple(SimpleNamespace(number=n) for n in numbers if n == shows)
            return ChainSnapshot(found, (), (), (), ())

        return SimpleNamespace(read=read)

    order, memo = "0000000001", "0070000001"
    parts = {
        T.RFC: replace(rfc.parts(), chains=chains("rfc", memo)),
        T.ODATA: replace(odata.parts(), chains=chains("odata", order)),
    }
    without = {**HTTP, O.DEBIT_MEMO_REQUEST: Capability(Access.NONE)}
    routes = over(T.ODATA, payment=T.RFC, billing=T.RFC, debit_memo_request=T.RFC)
    erp = RoutedErp(routes, parts, {**ALL, T.ODATA: without})

    assert [each.number for each in erp.chains.read([order]).sales_documents] == [order]
    assert asked == {"odata": [(order,)], "rfc": []}
    found = erp.chains.read([order, memo]).sales_documents
    assert [each.number for each in found] == [order, memo]
    assert asked["rfc"] == [(memo,)]


def test_reads_go_the_way_of_their_documents(rfc: Spy, odata: Spy) -> None:
    erp = routed(over(T.RFC, delivery=T.ODATA, document_flow=T.ODATA), rfc, odata)

    erp.deliveries.read(["1"])
    erp.chains.read(["2"])
    erp.billing_documents.read(["3"])
    erp.sales_documents.read(["4"], DocumentCategory.SALES_ORDER)

    assert [numbers for _, (numbers, _) in odata.asked] == [("1",), ("2",)]
    assert [numbers for _, (numbers, _) in rfc.asked] == [("3",), ("4",)]


def test_payments_are_posted_and_found_over_their_own_route(rfc: Spy, soap: Spy) -> None:
    erp = routed(over(T.RFC, payment=T.SOAP), rfc, soap)

    assert erp.payments.post(0, 0) == "soap"
    assert erp.payments.find("R", "1000", "1") == "soap"
    assert rfc.asked == []


def test_a_number_of_unknown_category_is_looked_for_until_it_is_found(rfc: Spy, odata: Spy) -> None:
    rfc.known, odata.known = {"0010000001"}, {"0000000001"}
    erp = routed(over(T.ODATA, inquiry=T.RFC, payment=T.RFC), rfc, odata)

    found = erp.sales_documents.read(["1", "10000001"])

    assert {(each.number, each.by) for each in found} == {
        ("0000000001", "odata"),
        ("0010000001", "rfc"),
    }
    assert rfc.asked == [("read", (("0010000001",), None))]


def test_a_watermark_is_only_given_back_to_the_transport_it_is_of(rfc: Spy, odata: Spy) -> None:
    before = routed(over(T.RFC), rfc).chains
    after = routed(over(T.RFC, document_flow=T.ODATA), rfc, odata).chains

    first = before.changed_since("20261101").watermark
    second = before.changed_since(first).watermark
    third = after.changed_since(second).watermark
    after.changed_since(third)

    assert rfc.watermarks == ["20261101", "mark"]
    assert odata.watermarks == ["", "mark"]


def test_an_empty_watermark_stays_empty(rfc: Spy) -> None:
    rfc.mark = ""

    assert routed(over(T.RFC), rfc).chains.changed_since("").watermark == ""


def test_each_transport_in_use_is_asked_once_who_it_is(rfc: Spy, odata: Spy, soap: Spy) -> None:
    rfc.latency_s = 0.5
    erp = routed(over(T.ODATA, payment=T.RFC), rfc, odata, soap)

    answered = erp.ping()

    assert (rfc.asked, odata.asked, soap.asked) == ([("ping", ())], [("ping", ())], [])
    assert (answered.system_id, answered.latency_s) == ("odata", 0.5)


def test_closing_closes_every_transport_although_one_fails(rfc: Spy, odata: Spy) -> None:
    def fails() -> None:
        raise OSError("line is gone")

    parts = {T.RFC: rfc.parts(), T.ODATA: TransportParts(odata.answer, fails)}
    erp = RoutedErp(over(T.RFC), parts, ALL)

    with pytest.raises(OSError, match="line is gone"):
        erp.close()

    assert rfc.asked == [("close", ())]


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ({O.PAYMENT: T.ODATA}, r"erp.routes.payment: odata is impossible.*possible: rfc, soap"),
        ({O.BILLING: T.SOAP}, r"erp.routes.billing: soap is impossible.*possible: rfc, odata"),
        ({O.BILLING_PDF: T.RFC}, r"erp.routes.billing_pdf: .*possible: odata"),
    ],
)
def test_an_impossible_route_names_the_transports_that_can(routes: Routes, expected: str) -> None:
    with pytest.raises(ConfigurationError, match=expected):
        routed(routes, Spy("rfc"), Spy("odata"), Spy("soap"))


def test_all_impossible_routes_are_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as raised:
        routed({O.PAYMENT: T.ODATA, O.DELIVERY: T.SOAP}, Spy("odata"), Spy("soap"))

    assert "2 routes are impossible" in str(raised.value)
    assert "payment: odata" in str(raised.value)
    assert "delivery: soap" in str(raised.value)


def test_a_chosen_transport_that_is_not_set_up_is_refused(rfc: Spy) -> None:
    with pytest.raises(ConfigurationError, match="odata is chosen and not set up"):
        routed(over(T.RFC, delivery=T.ODATA), rfc)


def test_creating_what_a_route_only_reads_calls_nobody(rfc: Spy, odata: Spy) -> None:
    erp = routed(over(T.RFC, billing=T.ODATA, inquiry=T.ODATA), rfc, odata)

    with pytest.raises(ConfigurationError, match=r"billing: over odata it cannot be created.*rfc"):
        erp.billing_documents.create(0, 0)
    with pytest.raises(ConfigurationError, match=r"inquiry: over odata it cannot be changed.*rfc"):
        erp.sales_documents.change(sales(DocumentCategory.INQUIRY), 0)
    assert odata.asked == []


def test_an_operation_without_route_says_which_transports_can(rfc: Spy) -> None:
    erp = routed(over(T.RFC), rfc)

    with pytest.raises(ConfigurationError, match=r"billing_pdf: no transport.*odata"):
        erp.billing_documents.pdf("90000001")


def test_a_delivery_is_no_sales_document(rfc: Spy) -> None:
    with pytest.raises(RejectedError, match="delivery is no sales document"):
        routed(over(T.RFC), rfc).sales_documents.find("R", DocumentCategory.DELIVERY)


def test_rfc_says_of_every_operation_what_it_can() -> None:
    assert set(RFC) == set(O)
    assert all(each.through or each.access is Access.NONE for each in RFC.values())
