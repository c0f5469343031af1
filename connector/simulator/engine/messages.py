"""
The messages of the simulated ERP, by situation.

Class and number come from what public logs and message lists show. Where the number of a situation
is not known, the row is 00 398 (free text): a number is never invented. Both can be replaced, per
situation, in `EngineSettings.message_numbers`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from connector.simulator.engine.outcome import Message

FREE_TEXT = ("00", "398")

#: situation -> (type, class, number, text); &1..&4 take the variables.
CATALOG: Mapping[str, tuple[str, str, str, str]] = {
    "sales document saved": ("S", "V1", "311", "&1 &2 has been saved"),
    "segment processed": ("S", "V4", "233", "&1 has been processed successfully"),
    "sales document not changed": ("E", "V4", "219", "Sales document &1 was not changed"),
    "sales area unknown": ("E", "CZ", "115", "Sales area &1 &2 &3 does not exist"),
    "document incomplete": ("W", "V1", "555", "The sales document is not yet complete: Edit data"),
    "material has status": ("W", "V1", "028", "Material &1 has status: &2"),
    "material blocked by status": ("E", "V1", "028", "Material &1 has status: &2"),
    "sales document locked": (
        "E",
        "V1",
        "042",
        "Sales document &1 is currently being processed (by user &2)",
    ),
    "order locked for delivery": (
        "E",
        "VL",
        "045",
        "The sales order &1 is currently being processed by user &2",
    ),
    "delivery locked": (
        "E",
        "VL",
        "046",
        "This delivery (&1) is currently being processed by another user (&2)",
    ),
    "valuation locked": (
        "E",
        "M3",
        "682",
        "Valuation data for material &1 is locked by the user &2",
    ),
    "sold-to not in sales area": (
        "E",
        "VP",
        "199",
        "Sold-to party &1 not maintained for sales area &2 &3 &4",
    ),
    "partner unknown": ("E", *FREE_TEXT, "Partner &1 &2 is not defined for sales area &3"),
    "material not in sales organization": (
        "E",
        "V1",
        "382",
        "Material &1 is not defined for sales org.&2, distr.chan.&3, language &4",
    ),
    "sales unit not defined": ("E", "V1", "384", "Sales unit &1 is not defined for item &2"),
    "order type unknown": ("E", *FREE_TEXT, "Sales document type &1 is not defined"),
    "item category not allowed": ("E", *FREE_TEXT, "Item category &1 is not allowed in item &2"),
    "plant not allowed": ("E", *FREE_TEXT, "Material &1 is not defined in plant &2"),
    "quantity invalid": ("E", *FREE_TEXT, "Enter a quantity greater than zero in item &1"),
    "item number used twice": ("E", *FREE_TEXT, "Item &1 occurs more than once"),
    "no items": ("E", *FREE_TEXT, "The document contains no items"),
    "duplicate purchase order": (
        "W",
        "V4",
        "115",
        "Purchase order number already exists in document &1",
    ),
    "mandatory price missing": (
        "E",
        "VE",
        "108",
        "Pricing error: Mandatory condition &1 is missing",
    ),
    "condition type not allowed": (
        "E",
        *FREE_TEXT,
        "Condition type &1 is not allowed in pricing procedure &2",
    ),
    "currency mismatch": ("E", *FREE_TEXT, "Condition &1: currency &2 cannot be used with &3"),
    "currency unknown": ("E", *FREE_TEXT, "Currency &1 is not defined"),
    "exchange rate missing": ("E", *FREE_TEXT, "No exchange rate from &1 to &2 on &3"),
    "credit check failed": (
        "W",
        *FREE_TEXT,
        "Credit check: limit of &1 exceeded by &2 &3, document is blocked",
    ),
    "credit blocked": ("E", *FREE_TEXT, "Document &1 is blocked by the credit check"),
    "quantity below delivered": (
        "E",
        *FREE_TEXT,
        "Quantity in item &1 is smaller than what is delivered or billed already (&2)",
    ),
    "reference completed": (
        "E",
        *FREE_TEXT,
        "Reference document &1 item &2 is already completely referenced",
    ),
    "reference expired": ("E", *FREE_TEXT, "Reference document &1 is no longer valid"),
    "reference unknown": ("E", *FREE_TEXT, "Reference document &1 item &2 does not exist"),
    "copy not allowed": ("E", *FREE_TEXT, "Document type &1 cannot be created from &2"),
    "reference required": ("E", *FREE_TEXT, "Document type &1 needs a reference document"),
    "item unknown": ("E", *FREE_TEXT, "Item &1 does not exist in document &2"),
    "item has follow-on documents": (
        "E",
        *FREE_TEXT,
        "Item &1 has subsequent documents and cannot be deleted",
    ),
    "partner cannot be changed": (
        "E",
        *FREE_TEXT,
        "Partner function &1 of document &2 cannot be changed: document &3 follows it",
    ),
    "partner cannot be removed": (
        "E",
        *FREE_TEXT,
        "Partner function &1 of item &2 cannot be removed",
    ),
    "version outdated": ("E", *FREE_TEXT, "Document &1 was changed in the meantime"),
    "code unknown": ("E", *FREE_TEXT, "&1 &2 is not defined"),
    "document does not exist": ("E", "VL", "002", "Document &1 does not exist"),
    "sales document deleted": ("S", *FREE_TEXT, "Sales document &1 has been deleted"),
    "sales document does not exist": ("E", *FREE_TEXT, "Sales document &1 does not exist"),
    "delivery saved": ("S", "VL", "311", "&1 &2 has been saved"),
    "nothing due": (
        "E",
        "VL",
        "248",
        "No schedule lines due for delivery up to the selected date",
    ),
    "not relevant for delivery": ("S", "VL", "461", "Order &1 is not relevant for delivery"),
    "completely delivered": ("E", "VL", "455", "Order &1 is completely delivered"),
    "too little stock": ("W", "VL", "150", "Only &1 &2 of material &3 are available"),
    "over-delivery": ("E", "VL", "363", "Delivery quantity exceeds the order quantity in item &1"),
    "over-delivery accepted": (
        "W",
        "VL",
        "363",
        "Delivery quantity exceeds the order quantity in item &1",
    ),
    "partial delivery not allowed": (
        "E",
        *FREE_TEXT,
        "Item &1 cannot be delivered in part (partial delivery &2)",
    ),
    "delivery blocked": ("E", *FREE_TEXT, "Order &1 is blocked for delivery (&2)"),
    "complete delivery agreed": (
        "E",
        *FREE_TEXT,
        "Order &1 must be delivered completely; not all items are available",
    ),
    "goods issue already posted": ("E", "VL", "602", "Goods issue of delivery &1 already posted"),
    "goods issue not posted": ("E", *FREE_TEXT, "Goods issue of delivery &1 is not posted"),
    "delivery cannot be deleted": (
        "E",
        "VL",
        "111",
        "Delivery &1 cannot be deleted: goods issue has been posted",
    ),
    "delivery already billed": ("E", "VL", "444", "Order item under item &1 is already billed"),
    "delivery deleted": ("S", *FREE_TEXT, "Delivery &1 has been deleted"),
    "picked quantity invalid": (
        "E",
        *FREE_TEXT,
        "Picked quantity in item &1 is not between 0 and &2",
    ),
    "stock deficit": ("E", "M7", "021", "Deficit of &1 &2 &3 : &4"),
    "material period closed": (
        "E",
        "M7",
        "053",
        "Posting only possible in periods &1 and &2 in company code &3",
    ),
    "billing document saved": ("S", "VF", "311", "&1 has been saved"),
    "billing document cancelled": ("S", "VF", "216", "Billing document &1 has been cancelled"),
    "not relevant for billing": ("S", "VF", "016", "Document &1 is not relevant for billing"),
    "completely billed": ("E", "VF", "017", "Document &1 is already completely billed"),
    "billed without accounting": (
        "S",
        *FREE_TEXT,
        "Document &1 saved (no accounting document generated)",
    ),
    "account determination": ("E", *FREE_TEXT, "Error in account determination: &1 &2 &3 &4"),
    "billing blocked": ("E", *FREE_TEXT, "Document &1 is blocked for billing (&2)"),
    "vendor has not invoiced": (
        "E",
        *FREE_TEXT,
        "Item &1 of document &2: nothing to bill before the vendor's invoice or delivery",
    ),
    "purchase order stays": (
        "W",
        *FREE_TEXT,
        "Purchase order &1 is not changed with the sales order",
    ),
    "purchase order saved": ("S", *FREE_TEXT, "Purchase order &1 has been created"),
    "purchase order locked": ("E", *FREE_TEXT, "Purchase order &1 is being processed by user &2"),
    "requisition not open": ("E", *FREE_TEXT, "Purchase requisition &1 cannot be ordered"),
    "vendor missing": ("E", *FREE_TEXT, "Material &1 has no vendor"),
    "billing plan invalid": ("E", *FREE_TEXT, "Billing plan of item &1: date &2 is not possible"),
    "billing plan not due": (
        "E",
        *FREE_TEXT,
        "Document &1: no date of its billing plan is due on &2",
    ),
    "billing document unknown": ("E", *FREE_TEXT, "Billing document &1 does not exist"),
    "billing already cancelled": ("E", *FREE_TEXT, "Billing document &1 is already cancelled"),
    "billing quantity too large": (
        "E",
        *FREE_TEXT,
        "Quantity of document &1 item &2 exceeds what is open for billing (&3)",
    ),
    "already passed to accounting": (
        "E",
        *FREE_TEXT,
        "Billing document &1 has already been passed to accounting",
    ),
    "billing split": ("I", *FREE_TEXT, "Invoice split: &1 differs (&2 / &3)"),
    "items dunned": ("S", *FREE_TEXT, "&1 documents of company code &2 dunned on &3"),
    "accounting document changed": ("S", *FREE_TEXT, "Changes in document &1 &2 have been saved"),
    "not cleared with original": (
        "I",
        *FREE_TEXT,
        "Document &1 is already cleared: its cancellation &2 stays an open item",
    ),
    "accounting document posted": (
        "S",
        "RW",
        "605",
        "Document posted successfully: &1 &2 &3",
    ),
    "accounting document checked": ("S", "RW", "614", "Document check - no errors: &1 &2 &3"),
    "accounting document refused": ("E", "RW", "609", "Error in document: &1 &2 &3"),
    "company code unknown": ("E", *FREE_TEXT, "Company code &1 is not defined"),
    "customer not in company code": (
        "E",
        "F5",
        "102",
        "Customer &1 is not defined in company code &2",
    ),
    "customer blocked for posting": ("E", *FREE_TEXT, "Customer &1 is blocked for posting"),
    "account unknown": ("E", *FREE_TEXT, "G/L account &1 is not defined in company code &2"),
    "account needs customer": (
        "E",
        *FREE_TEXT,
        "Account &1 in company code &2 is a reconciliation account: post to a customer",
    ),
    "balance not zero": ("E", "F5", "702", "Balance in transaction currency"),
    "accounting header missing": (
        "E",
        "RW",
        "001",
        "No unique header information transferred into Accounting",
    ),
    "accounting items missing": (
        "E",
        "RW",
        "002",
        "No item information transferred into Accounting",
    ),
    "accounting amounts missing": (
        "E",
        "RW",
        "003",
        "No currency information transferred into Accounting",
    ),
    "accounting document type unknown": ("E", *FREE_TEXT, "Document type &1 is not defined"),
    # Where the interval of a document type has external numbers; class and number are not known.
    "number comes from elsewhere": (
        "E",
        *FREE_TEXT,
        "Document type &1 in company code &2: numbers are assigned externally, enter one",
    ),
    "posting period closed": ("E", "F5", "201", "Posting period &1 &2 is not open"),
    "reference posted before": (
        "W",
        "F5",
        "117",
        "Check whether document has already been entered under number &1 &2 &3",
    ),
    "open item unknown": (
        "E",
        *FREE_TEXT,
        "Customer &1 has no open item &2 &3 in company code &4",
    ),
    "account locked": ("E", *FREE_TEXT, "Account &1 is currently blocked by user &2"),
    "no down payment": (
        "E",
        *FREE_TEXT,
        "Customer &1: these items are no open down payments and an open invoice",
    ),
    "accounting document unknown": (
        "E",
        *FREE_TEXT,
        "Document &1 does not exist in company code &2",
    ),
    "clearing reset": ("S", *FREE_TEXT, "Clearing &1 has been reset"),
    "nothing cleared": ("E", *FREE_TEXT, "Document &1 has cleared nothing"),
    "clearing has residual": (
        "E",
        *FREE_TEXT,
        "Clearing &1 left a residual item: reset it with reversal",
    ),
    "document is cleared": (
        "E",
        *FREE_TEXT,
        "Document &1 has cleared items: reset their clearing first",
    ),
    "reverse at origin": ("E", *FREE_TEXT, "Document &1 is reversed where it was made (&2)"),
    "difference too large": (
        "E",
        *FREE_TEXT,
        "The difference is too large for clearing: &1 &2",
    ),
    "payment amount invalid": ("E", *FREE_TEXT, "The payment amount &1 cannot be posted: &2"),
    "number range missing": (
        "E",
        "NR",
        "751",
        "For object &1, number range interval &2 does not exist",
    ),
    "number range exhausted": ("E", *FREE_TEXT, "Number range &1 interval &2 is used up"),
    "update terminated": ("E", "S&", "101", "Posting could not be carried out"),
    "injected error": ("E", *FREE_TEXT, "&1"),
    "injected warning": ("W", *FREE_TEXT, "&1"),
    "injected abort": ("A", *FREE_TEXT, "&1"),
}

_PLACEHOLDER = re.compile(r"&([1-4])")


class MessageBook:
    """Builds message rows from the catalog; *overrides* replace class and number by situation."""

    def __init__(self, overrides: Mapping[str, tuple[str, str]] | None = None) -> None:
        self._overrides = dict(overrides or {})
        unknown = sorted(set(self._overrides) - set(CATALOG))
        if unknown:
            raise ValueError(
                f"message_numbers names unknown situations: {', '.join(unknown)}; "
                f"known are: {', '.join(sorted(CATALOG))}"
            )

    def row(
        self,
        situation: str,
        *variables: object,
        parameter: str = "",
        row: int = 0,
        field: str = "",
    ) -> Message:
        """Return the row of *situation* with up to four variables (each cut at 50 characters)."""
        message_type, message_class, number, template = CATALOG[situation]
        message_class, number = self._overrides.get(situation, (message_class, number))
        values = tuple(str(variable)[:50] for variable in variables[:4])
        padded = values + ("",) * (4 - len(values))
        text = _PLACEHOLDER.sub(lambda hit: padded[int(hit.group(1)) - 1], template)
        v1, v2, v3, v4 = padded
        return Message(
            message_type,
            message_class,
            number,
            text,
            v1,
            v2,
            v3,
            v4,
            parameter=parameter,
            row=row,
            field=field,
        )
