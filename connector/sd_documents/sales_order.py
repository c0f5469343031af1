"""The sales order: what was sold, to whom, at what price, until when."""

from __future__ import annotations

from typing import ClassVar

from connector.sd_documents.sales_document import SalesDocument
from connector.sd_documents.values import DocumentCategory


class SalesOrder(SalesDocument):
    """An order, with or without reference to a quotation (VBTYP C)."""

    category: DocumentCategory = DocumentCategory.SALES_ORDER
    allowed_categories: ClassVar[frozenset[DocumentCategory]] = frozenset(
        {DocumentCategory.SALES_ORDER}
    )
