"""Who answers, from many threads, until it is closed; and what may be asked of it at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from connector.errors import ConfigurationError, TransientError
from connector.ports.capabilities import Access, ErpOperation, Transport
from connector.sd_documents.values import DocumentCategory as C
from tests.contract.documents import item, sales_document
from tests.contract.observing import Observer
from tests.contract.walking import Walk
from tests.contract.ways import Way


def test_a_ping_says_who_answers(way: Way) -> None:
    answered = way.erp.ping()
    assert answered.user == "CONNECTOR"
    assert answered.client == "100"
    assert answered.latency_s >= 0
    assert answered.answered_at == way.clock.now()
    names_itself = not way.uses(Transport.ODATA)
    assert answered.system_id == ("SIM" if names_itself else "")


def test_closing_is_final_and_may_be_done_twice(way: Way) -> None:
    number = way.erp.sales_documents.create(sales_document("REF-1"), Observer())
    assert number
    way.erp.close()
    way.erp.close()
    with pytest.raises(TransientError, match="closed"):
        way.erp.sales_documents.read([number], C.SALES_ORDER)
    with pytest.raises(TransientError, match="closed"):
        way.erp.sales_documents.create(sales_document("REF-2"), Observer())
    assert way.engine.document_counts()["sales"] == 1


def test_many_threads_share_it(way: Way) -> None:
    """Twenty orders by six threads: each exists once, and each thread got its own."""

    def one(n: int) -> str:
        document = sales_document(f"REF-{n}", item(10, quantity=str(n + 1)))
        number = way.erp.sales_documents.create(document, Observer())
        (found,) = way.erp.sales_documents.read([number], C.SALES_ORDER)
        assert found.items[0].requested_quantity.value == n + 1
        return number

    with ThreadPoolExecutor(6) as threads:
        numbers = list(threads.map(one, range(20)))
    assert len(set(numbers)) == way.engine.document_counts()["sales"] == 20
    assert way.erp.sales_documents.find("REF-17", C.SALES_ORDER) == (numbers[17],)


def test_an_invoice_is_printed_where_that_is_offered(way: Way, walk: Walk) -> None:
    invoice = walk.invoiced("REF-1")
    if way.can(ErpOperation.BILLING_PDF, Access.READ):
        assert way.erp.billing_documents.pdf(invoice.number).startswith(b"%PDF-")
        return
    with pytest.raises(ConfigurationError):
        way.erp.billing_documents.pdf(invoice.number)


def test_each_way_is_helped_only_where_its_capabilities_say_so(way: Way) -> None:
    """What the suite lets the reference do is what nobody promises for the way."""
    helpless = {
        operation.value
        for operation in ErpOperation
        if not way.can(operation, Access.CREATE)
        and not way.can(operation, Access.CHANGE)
        and not way.can(operation, Access.READ)
    }
    expected = {
        "engine": {"billing_pdf"},
        "rfc": {"billing_pdf"},
        "odata": {"debit_memo_request", "payment", "master_data"},
        "s4": {"debit_memo_request", "master_data"},
        "s4-mixed": set(),
    }
    assert helpless == expected[str(way.name).partition(",")[0]]
