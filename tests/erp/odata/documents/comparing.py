"""The same document read over two transports, without what OData services do not show."""

from __future__ import annotations

from connector.ports.erp import ChainSnapshot
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import DocumentCategory


def shown_over_odata(document: PostedSalesDocument) -> PostedSalesDocument:
    """
    Return *document* without dates of material availability and goods issue.

    A quotation shows no schedule lines at all.
    """
    shows_lines = document.category is not DocumentCategory.QUOTATION
    items = tuple(
        item.model_copy(
            update={
                "schedule_lines": tuple(
                    line.model_copy(
                        update={"material_availability_date": None, "goods_issue_date": None}
                    )
                    for line in item.schedule_lines
                    if shows_lines
                )
            }
        )
        for item in document.items
    )
    return document.model_copy(update={"items": items})


def without_times(links: tuple[FlowLink, ...]) -> list[FlowLink]:
    """Return *links* in order, without the days of their making: goods movements have none."""
    plain = (link.model_copy(update={"created_on": None}) for link in links)
    return sorted(plain, key=lambda link: (str(link.preceding), str(link.subsequent)))


def require_same_chains(one: ChainSnapshot, other: ChainSnapshot) -> None:
    """Fail where *one*, over OData, differs from *other* in what both can show."""
    assert one.sales_documents == tuple(map(shown_over_odata, other.sales_documents))
    assert one.deliveries == other.deliveries
    assert one.billing_documents == other.billing_documents
    assert one.items == other.items
    assert without_times(one.links) == without_times(other.links)
