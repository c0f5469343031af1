"""The chain of one order as a tree: every document below the one it was made from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

from connector.cli.words import CATEGORY, CREDIT, TRANSFER, joined, progress
from connector.ports.store_records import FlowView
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.billing_plan import BillingPlanDate
from connector.sd_documents.delivery import Delivery
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.payment_state import InvoicePayment, PaymentState
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory, display_number
from connector.sync.chain import open_plan_value
from connector.sync.payment_states import invoice_payments
from connector.sync.progress import stage_of
from connector.sync.splits import split_by

if TYPE_CHECKING:
    from rich.tree import Tree

Node = tuple[DocumentCategory, str]
Document = PostedSalesDocument | Delivery | BillingDocument

_GOODS_MOVEMENTS: Final = frozenset(
    {
        DocumentCategory.GOODS_MOVEMENT,
        DocumentCategory.GOODS_RECEIPT,
        DocumentCategory.GOODS_ISSUE_REVERSAL,
    }
)


def chain_tree(view: FlowView) -> Tree:
    """Draw every document below the one it was made from, items with their quantities."""
    from rich.tree import Tree

    flow = view.flow
    root = Tree(
        joined(
            f"Order {flow.order_name or flow.external_id}",
            f"{flow.channel} {flow.external_id}" if flow.order_name else flow.channel,
            f"reference {flow.reference}" if flow.reference else "",
            f"{view.order.ordered_at:%Y-%m-%d}",
            stage_of(view),
        )
    )
    for hold in view.holds:
        root.add(f"HELD {hold.reason}: {hold.message}")
    drawn: set[Node] = set()
    for node in _roots(view):
        _draw(root, node, view, drawn)
    for item in _unassigned(view):
        kind = "Open item" if item.amount.amount > 0 else "Payment on account"
        root.add(_item_line(kind, item))
    return root


def _draw(parent: Tree, node: Node, view: FlowView, drawn: set[Node]) -> None:
    title = f"{_kind(node, view)} {display_number(node[1])}"
    if node in drawn:
        parent.add(f"{title} (see above)")
        return
    drawn.add(node)
    branch = parent.add(joined(title, *_facts(node, view)))
    for line in _items(node, view):
        branch.add(line)
    for follower in _followers(node, view):
        _draw(branch, follower, view, drawn)
    for item in _partial_payments(node, view):
        branch.add(_item_line("Partial payment", item))


def _kind(node: Node, view: FlowView) -> str:
    """Name a node; of accounting documents, tell those of invoices from payments."""
    if node[0] is not DocumentCategory.ACCOUNTING_DOCUMENT:
        return CATEGORY[node[0]]
    posted_by_billing = any(item.billing_document for item in _lines(node, view))
    return "Accounting document" if posted_by_billing else CATEGORY[node[0]]


def _lines(node: Node, view: FlowView) -> list[CustomerItem]:
    """Return the customer lines of an accounting document."""
    return [item for item in view.items if item.key.accounting_document == node[1]]


def _roots(view: FlowView) -> list[Node]:
    followers = {_subsequent(link) for link in view.links}
    nodes = [*_nodes(view), *(_preceding(link) for link in view.links)]
    return [node for node in dict.fromkeys(nodes) if node not in followers]


def _nodes(view: FlowView) -> Iterator[Node]:
    for document in documents_of(view):
        yield document.category, document.number


def _followers(node: Node, view: FlowView) -> list[Node]:
    """Return what follows *node*: goods movements before billing, as they happen."""
    found = dict.fromkeys(_subsequent(link) for link in view.links if _preceding(link) == node)
    return sorted(found, key=lambda follower: follower[0] not in _GOODS_MOVEMENTS)


def _preceding(link: FlowLink) -> Node:
    return link.preceding.category, link.preceding.document


def _subsequent(link: FlowLink) -> Node:
    return link.subsequent.category, link.subsequent.document


def _document(node: Node, view: FlowView) -> Document | None:
    return next((d for d in documents_of(view) if (d.category, d.number) == node), None)


def _facts(node: Node, view: FlowView) -> Iterator[str]:
    document = _document(node, view)
    match document:
        case PostedSalesDocument():
            yield f"{document.document_date}"
            yield f"net {document.net_amount}, tax {document.tax_amount}"
            yield progress("delivered", document.delivery_status)
            yield progress("billed", document.billing_status)
            yield progress("done", document.overall_status)
            if any(item.billing_plan for item in document.items):
                yield f"open plan value {open_plan_value(view, document)}"
            yield CREDIT.get(document.credit_status, "")
            yield _block("delivery", document.delivery_block_reason)
            yield _block("billing", document.billing_block_reason)
        case Delivery():
            yield f"{document.document_date}"
            yield progress("picked", document.picking_status)
            issued = document.actual_goods_issue_date
            yield f"goods issue {issued}" if issued else "goods issue not yet"
            yield progress("billed", document.billing_status)
        case BillingDocument():
            yield f"{document.billing_date}"
            yield (
                f"{document.total_amount} (net {document.net_amount}, tax {document.tax_amount})"
            )
            yield TRANSFER[document.accounting_transfer_status]
            if document.accounting_document:
                yield f"FI {display_number(document.accounting_document)}"
            yield "cancelled" if document.is_cancelled else ""
            yield from _payment(invoice_payments(view, date.max).get(document.number))
            yield split_by(view, document)
        case None if node[0] is DocumentCategory.ACCOUNTING_DOCUMENT:
            yield from _accounting_facts(node, view)
        case None:
            dates = {link.created_on for link in view.links if _subsequent(link) == node}
            yield from (f"{day}" for day in sorted(filter(None, dates)))


def _payment(found: InvoicePayment | None) -> Iterator[str]:
    """Say how far an invoice is paid, by what its clearing consists of."""
    if found is None:
        return
    match found.state:
        case PaymentState.PARTIALLY_PAID:
            yield f"paid {found.settled} of {found.invoice}"
            yield f"credited {found.credited}" if found.credited.amount else ""
            yield f"open {found.open}"
        case PaymentState.CLEARED_WITHOUT_PAYMENT:
            yield f"{found.state}: {found.cleared_by}"
        case PaymentState.PAID if found.credited.amount:
            yield f"paid {found.settled}"
            yield f"credited {found.credited}"
        case _:
            yield "unpaid" if found.state is PaymentState.OPEN else "paid"


def _block(what: str, reason: str) -> str:
    return f"{what} block {reason}" if reason else ""


def _items(node: Node, view: FlowView) -> Iterator[str]:
    document = _document(node, view)
    match document:
        case PostedSalesDocument():
            for item in document.items:
                confirmed = item.confirmed_quantity
                is_promised = item.delivery_status is not Status.NOT_RELEVANT
                is_short = is_promised and confirmed.value < item.requested_quantity.value
                yield joined(
                    f"item {item.item_number} {item.material}",
                    f"{item.requested_quantity}",
                    f"confirmed {confirmed}" if is_short else "",
                    f"net {item.net_amount}",
                    f"rejected {item.rejection_reason}" if item.rejection_reason else "",
                )
                yield from map(_milestone, item.billing_plan)
        case Delivery():
            for each in document.items:
                yield joined(
                    f"item {each.item_number} {each.material}",
                    f"{each.delivery_quantity}",
                    f"of {each.preceding}",
                )
        case BillingDocument():
            for billed in document.items:
                yield joined(
                    f"item {billed.item_number} {billed.material}",
                    f"{billed.billing_quantity}",
                    f"net {billed.net_amount}",
                    f"of {billed.preceding}",
                )


def _milestone(planned: BillingPlanDate) -> str:
    is_billed = planned.billing_status is Status.COMPLETELY
    return joined(
        f"  billing plan {planned.billing_date}",
        f"{planned.percent.normalize():f} %" if planned.percent else "",
        f"net {planned.net_amount}",
        "billed" if is_billed else "open",
        _block("billing", planned.billing_block_reason),
    )


def _accounting_facts(node: Node, view: FlowView) -> Iterator[str]:
    lines = _lines(node, view)
    for item in lines:
        yield f"{item.posting_date}"
        yield f"{item.amount if item.billing_document else -item.amount}"
        yield f"reference {item.reference}" if item.reference else ""
        if item.clearing_document is None:
            yield f"open, due {item.net_due_on}"
        elif item.billing_document:
            yield f"cleared {item.cleared_on}"
    if not lines:  # what a clearing run of the ERP posted has no customer line of its own
        cleared = [item for item in view.items if item.clearing_document == node[1]]
        yield from sorted({f"{item.cleared_on}" for item in cleared})


def _partial_payments(node: Node, view: FlowView) -> list[CustomerItem]:
    """Return the lines that refer to the invoice of *node* without having cleared it."""
    document = _document(node, view)
    if not isinstance(document, BillingDocument) or not document.accounting_document:
        return []
    return [
        item
        for item in view.items
        if item.invoice_reference == document.accounting_document and not item.billing_document
    ]


def _unassigned(view: FlowView) -> list[CustomerItem]:
    """Return the lines that stand at none of the documents: money on account."""
    linked = {number for link in view.links for _, number in (_preceding(link), _subsequent(link))}
    shown = [item for node in _nodes(view) for item in _partial_payments(node, view)]
    return [
        item
        for item in view.items
        if item.key.accounting_document not in linked and item not in shown
    ]


def _item_line(kind: str, item: CustomerItem) -> str:
    return joined(
        f"{kind} {display_number(item.key.accounting_document)}",
        f"{item.posting_date}",
        f"{item.amount if item.amount.amount > 0 else -item.amount}",
        f"reference {item.reference}" if item.reference else "",
        f"open, due {item.net_due_on}" if item.clearing_document is None else "",
    )


def documents_of(view: FlowView) -> Iterator[Document]:
    """Yield sales documents, deliveries and billing documents."""
    yield from view.sales_documents
    yield from view.deliveries
    yield from view.billing_documents
