"""The XML standards of ordering: which elements are orders, and what of theirs may be repeated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Final

from connector.errors import MessageError
from connector.mappings.message_format import CxmlMessage, OpenTransMessage, UblMessage
from connector.mappings.raw_message import RawMessage
from connector.mappings.readers.xml_messages import XmlKind, read_elements
from connector.mappings.readers.xml_structure import XmlRules

#: UBL 2.1 Order, OrderChange and OrderCancellation: elements with a cardinality of ..n.
_UBL_REPEATED: Final = (
    "AdditionalDocumentReference", "AdditionalInformation", "AdditionalItemIdentification",
    "AdditionalItemProperty", "AddressLine", "AllowanceCharge", "AllowanceCharge/TaxCategory",
    "AllowanceCharge/PaymentMeans", "AllowanceChargeReason", "BrandName", "CancellationNote",
    "ClassifiedTaxCategory", "CommodityClassification", "Contract", "Delivery", "Description",
    "DocumentReference", "ExceptionResolutionLineItem", "InstructionNote", "ItemInstance",
    "Keyword", "LineItem/TaxTotal", "ModelName", "Note", "Order/OrderDocumentReference",
    "OrderChange/OriginatorDocumentReference", "OrderLine", "OrderLineReference",
    "OrderedShipment", "OriginAddress", "OriginatorDocumentReference/DocumentDescription",
    "OtherCommunication", "Package", "PartyIdentification", "PartyLegalEntity", "PartyName",
    "PartyTaxScheme", "PaymentMeans", "PaymentTerms", "Person", "PriceList", "Promised",
    "SellerProposedSubstituteLineItem", "SellerSubstitutedLineItem", "Signature",
    "StandardItemIdentification/PhysicalAttribute", "SubLineItem", "TaxSubtotal", "TaxTotal",
)  # fmt: skip

#: cXML 1.2 OrderRequest: elements with ``*`` or ``+`` in the DTD.
_CXML_REPEATED: Final = (
    "AccountingSegment", "Accounting/Segment", "Attachment", "BusinessPartner", "Classification",
    "Contact", "Contact/Email", "Contact/Fax", "Contact/Phone", "Contact/PostalAddress",
    "Contact/URL", "ControlKeys/ProductionInstructions", "Correspondent", "Credential",
    "DeliverTo", "Description", "Distribution", "DocumentReference", "Extrinsic", "IdReference",
    "ItemOut", "Modification", "PaymentReference", "PaymentTerm", "Price/PricingConditions",
    "ReferenceDocumentInfo", "ScheduleLine", "SpendDetail", "Street", "SubscriptionRefs",
    "SupplyChainRouteInfo", "TaxDetail", "TermsOfDelivery/Comments",
)  # fmt: skip

#: By these the partner proves who it is: no order needs them, and nobody may read them later.
_CXML_SECRETS: Final = frozenset({"SharedSecret", "DigitalSignature", "CredentialMac"})

_CXML_TEXT: Final = ("Comments", "Description")

#: openTRANS 2.1 ORDER (and 1.0, where names are the same): elements with maxOccurs unbounded.
_OPENTRANS_REPEATED: Final = (
    "ACCOUNTING_PERIOD", "ADDRESS", "AGREEMENT", "ALLOW_OR_CHARGE", "BUYER_AID", "BUYER_PID",
    "INTERNATIONAL_AID",
    "CATALOG_REFERENCE", "COST_CATEGORY_ID", "CONTACT_DETAILS", "CUSTOMER_ORDER_REFERENCE",
    "DELIVERY_DATE", "DESCRIPTION_LONG", "DESCRIPTION_SHORT", "EMAILS/EMAIL", "FEATURE",
    "INTERNATIONAL_PID", "INTERNATIONAL_RESTRICTIONS", "LANGUAGE", "MEANS_OF_TRANSPORT", "MIME",
    "ORDER_ITEM", "PARTY", "PARTY_ID", "PARTY_ROLE", "PAYMENT_TERM", "PHONE", "PRICE_BASE_FIX",
    "REMARK", "REMARKS", "SPECIAL_TREATMENT_CLASS", "TAX_DETAILS_FIX", "TIME_FOR_PAYMENT", "UDX",
)  # fmt: skip

_UBL_OTHERS: Final = {
    "OrderResponse": "an answer to an order",
    "OrderResponseSimple": "an answer to an order",
    "OrderChange": "a change of an order",
    "OrderCancellation": "a cancellation of an order",
    "Invoice": "an invoice",
    "CreditNote": "a credit note",
    "Quotation": "a quotation",
    "RequestForQuotation": "a request for quotation",
    "DespatchAdvice": "a despatch advice",
    "ReceiptAdvice": "a receipt advice",
    "RemittanceAdvice": "a remittance advice",
    "Statement": "a statement of account",
    "Catalogue": "a catalogue",
}

_CXML_OTHERS: Final = {
    "PunchOutOrderMessage": "a shopping cart from a punch-out",
    "QuoteMessage": "a quotation",
    "QuoteRequest": "a request for quotation",
    "StatusUpdateRequest": "a status update",
    "ShipNoticeRequest": "a shipping notice",
    "ConfirmationRequest": "an order confirmation",
    "InvoiceDetailRequest": "an invoice",
    "PunchOutSetupRequest": "a punch-out request",
    "ProfileRequest": "a request for a profile",
    "Response": "an answer",
}

_OPENTRANS_OTHERS: Final = {
    "DISPATCHNOTIFICATION": "a dispatch notification",
    "ORDERCHANGE": "a change of an order",
    "ORDERRESPONSE": "an answer to an order",
    "INVOICE": "an invoice",
    "INVOICELIST": "a list of invoices",
    "QUOTATION": "a quotation",
    "RECEIPTACKNOWLEDGEMENT": "a receipt",
    "REMITTANCEADVICE": "a remittance advice",
    "RFQ": "a request for quotation",
}


def read_ubl(
    stream: IO[bytes], message: UblMessage, source: str
) -> Iterator[RawMessage | MessageError]:
    """Yield the UBL orders of *stream*; ``document`` says which kind of document each is."""
    rules = XmlRules(_UBL_REPEATED, max_depth=message.max_depth)
    others = {name: what for name, what in _UBL_OTHERS.items() if name not in message.documents}
    expected = f"a UBL {' or '.join(message.documents)}"
    kind = XmlKind(rules, message.documents, others, expected, tells_document=True)
    yield from read_elements(stream, message, source, kind)


def read_cxml(
    stream: IO[bytes], message: CxmlMessage, source: str
) -> Iterator[RawMessage | MessageError]:
    """Yield the ``OrderRequest`` of a cXML document; its header is in ``envelope``."""
    rules = XmlRules(_CXML_REPEATED, _CXML_TEXT, max_depth=message.max_depth)
    kind = XmlKind(
        rules, ("OrderRequest",), _CXML_OTHERS, "a cXML OrderRequest", secrets=_CXML_SECRETS
    )
    yield from read_elements(stream, message, source, kind)


def read_opentrans(
    stream: IO[bytes], message: OpenTransMessage, source: str
) -> Iterator[RawMessage | MessageError]:
    """Yield the openTRANS orders of *stream*."""
    rules = XmlRules(_OPENTRANS_REPEATED, max_depth=message.max_depth)
    kind = XmlKind(rules, ("ORDER",), _OPENTRANS_OTHERS, "an openTRANS ORDER")
    yield from read_elements(stream, message, source, kind)
