"""The inquiry: a customer asks for price and date, nothing is promised."""

from __future__ import annotations

from typing import ClassVar

from connector.sd_documents.sales_document import SalesDocument
from connector.sd_documents.values import DocumentCategory


class Inquiry(SalesDocument):
    """A customer's request for price and delivery date (VBTYP A)."""

    category: DocumentCategory = DocumentCategory.INQUIRY
    allowed_categories: ClassVar[frozenset[DocumentCategory]] = frozenset(
        {DocumentCategory.INQUIRY}
    )
