"""Whole chains: read together in few calls, and noticed when anything in them changes."""

from __future__ import annotations

from connector.erp.rfc.erp import RfcErp
from connector.ports.erp import ChainSnapshot
from tests.contract.documents import item
from tests.contract.observing import Observer, count_calls
from tests.contract.walking import Walk, payment
from tests.erp.rfc.documents.conftest import System


def arrows(snapshot: ChainSnapshot) -> set[tuple[str, str, str]]:
    """The links by category: from, to, quantity."""
    return {
        (link.preceding.category.name, link.subsequent.category.name, str(link.quantity))
        for link in snapshot.links
    }


def test_clearing_by_the_erps_own_run_names_payment_and_invoice(
    system: System, walk: Walk, observer: Observer
) -> None:
    invoice = walk.invoiced("REF-1", item(10, quantity="3"))
    key = walk.erp.payments.post(payment("PAY-1", *walk.items_of(invoice)), observer)
    system.engine.run_job("automatic clearing")
    chain = walk.erp.chains.read([invoice.items[0].sales_document])
    lines = {i.key.accounting_document: i for i in chain.items}
    assert set(lines) == {invoice.accounting_document, key.accounting_document}
    assert lines[key.accounting_document].amount == -invoice.total_amount
    assert len({i.clearing_document for i in chain.items}) == 1


def test_what_one_payment_cleared_beside_is_no_part_of_the_chain(
    walk: Walk, clearing_erp: RfcErp
) -> None:
    mine, other = walk.invoiced("REF-1"), walk.invoiced("REF-2")
    clearing_erp.payments.post(payment("PAY-1", *walk.items_of(mine, other)), Observer())
    chain = walk.erp.chains.read([mine.items[0].sales_document])
    assert {i.billing_document for i in chain.items} == {mine.number, ""}


def test_an_order_with_nothing_behind_it_is_one_call(system: System, walk: Walk) -> None:
    order = walk.create("REF-1")
    called = count_calls(system.face)
    with system.erp(release=system.face.settings.profile) as erp:
        chain = erp.chains.read([order.number])
    assert called == ["BAPISDORDER_GETDETAILEDLIST"]
    assert chain.sales_documents == (order.model_copy(update={"partners": ()}),)
    assert (chain.deliveries, chain.billing_documents, chain.items, chain.links) == ((), (), (), ())


def test_many_chains_cost_as_many_calls_as_one(system: System, walk: Walk) -> None:
    def calls_for(*numbers: str) -> int:
        called = count_calls(system.face)
        with system.erp(release=system.face.settings.profile) as erp:
            chain = erp.chains.read(numbers)
        assert len(chain.billing_documents) == len(numbers)
        return len(called)

    orders = [walk.invoiced(f"REF-{n}").items[0].sales_document for n in range(6)]
    one, all_of_them = calls_for(orders[0]), calls_for(*orders)
    assert one <= 11
    assert all_of_them == one


def test_a_long_list_is_read_in_parts_and_put_together(system: System, walk: Walk) -> None:
    orders = [walk.invoiced(f"REF-{n}").items[0].sales_document for n in range(3)]
    whole = walk.erp.chains.read(orders)
    with system.erp(documents_per_call=1, values_per_selection=1) as erp:
        parts = erp.chains.read(orders)
    assert set(parts.links) == set(whole.links)
    assert set(parts.items) == set(whole.items)
    assert parts.sales_documents == whole.sales_documents
    assert parts.billing_documents == whole.billing_documents
