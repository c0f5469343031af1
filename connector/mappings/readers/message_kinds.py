"""What the messages of EDI are called in words, so that a refusal says more than a number."""

from __future__ import annotations

from typing import Final

#: ASC X12 transaction sets that come from business partners.
_X12: Final = {
    "753": "a request for routing instructions",
    "754": "routing instructions",
    "810": "an invoice",
    "812": "a credit or debit adjustment",
    "816": "a list of organisational relationships",
    "820": "a payment order or remittance advice",
    "824": "an application advice",
    "830": "a planning schedule with release capability",
    "832": "a price or sales catalogue",
    "840": "a request for quotation",
    "843": "an answer to a request for quotation",
    "846": "an inventory advice",
    "850": "a purchase order",
    "852": "product activity data",
    "855": "an acknowledgement of a purchase order",
    "856": "a shipping notice",
    "860": "a change of a purchase order by the buyer",
    "861": "a receiving advice",
    "862": "a shipping schedule",
    "864": "a text message",
    "865": "a change of a purchase order by the seller",
    "867": "a product transfer and resale report",
    "869": "an inquiry about an order's status",
    "870": "a report of an order's status",
    "875": "a purchase order for groceries",
    "876": "a change of a purchase order for groceries",
    "880": "an invoice for groceries",
    "940": "an order to a warehouse",
    "943": "a stock transfer notice to a warehouse",
    "944": "a stock transfer receipt of a warehouse",
    "945": "a shipping advice of a warehouse",
    "947": "an inventory adjustment of a warehouse",
    "997": "a functional acknowledgement",
    "999": "an implementation acknowledgement",
}

#: UN/EDIFACT message types.
_EDIFACT: Final = {
    "APERAK": "an application acknowledgement",
    "COMDIS": "a commercial dispute",
    "CONTRL": "an acknowledgement of an interchange",
    "DELFOR": "a delivery schedule",
    "DELJIT": "a just-in-time delivery request",
    "DESADV": "a despatch advice",
    "IFTMIN": "a transport instruction",
    "INVOIC": "an invoice",
    "INVRPT": "an inventory report",
    "ORDCHG": "a change of a purchase order",
    "ORDERS": "a purchase order",
    "ORDRSP": "an answer to a purchase order",
    "OSTENQ": "an inquiry about an order's status",
    "OSTRPT": "a report of an order's status",
    "PARTIN": "party information",
    "PRICAT": "a price catalogue",
    "PRODAT": "product data",
    "QUOTES": "a quotation",
    "RECADV": "a receiving advice",
    "REMADV": "a remittance advice",
    "REQOTE": "a request for quotation",
    "RETANN": "an announcement of returns",
    "RETINS": "an instruction for returns",
    "SLSFCT": "a sales forecast",
    "SLSRPT": "a sales report",
}

#: Message types of SAP's IDocs around sales and purchasing.
_IDOC: Final = {
    "BLAOCH": "a change of an outline agreement",
    "BLAORD": "an outline agreement",
    "DELFOR": "a delivery schedule",
    "DELINS": "a delivery schedule",
    "DELVRY": "a delivery",
    "DESADV": "a despatch advice",
    "INVOIC": "an invoice",
    "ORDCHG": "a change of a purchase order",
    "ORDERS": "a purchase order",
    "ORDRSP": "an answer to a purchase order",
    "QUOTES": "a quotation",
    "REMADV": "a remittance advice",
    "REQOTE": "a request for quotation",
    "SHPCON": "a confirmation of a delivery",
    "WHSORD": "an order to a warehouse",
}


def x12_kind(transaction: str) -> str:
    """Return what a transaction set is, with its number: `an invoice (transaction set 810)`."""
    return _said(_X12, transaction, "transaction set")


def edifact_kind(message: str) -> str:
    """Return what a message is, with its type: `an invoice (message INVOIC)`."""
    return _said(_EDIFACT, message, "message")


def idoc_kind(message_type: str) -> str:
    """Return what an IDoc is, with its message type."""
    return _said(_IDOC, message_type, "IDoc of the message type")


def _said(kinds: dict[str, str], code: str, what: str) -> str:
    if not code:
        article = "an" if what[:1] in "AEIO" else "a"
        return f"{article} {what.removesuffix(' of the message type')} that does not say its type"
    meaning = kinds.get(code)
    if meaning is None:
        return f"{'an' if what[:1] in 'AEIO' else 'a'} {what} {code}"
    return f"{meaning} ({what} {code})"
