"""Short words for RFC calls that tests make again and again."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connector.simulator.rfc.connection import Connection

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sap:
    """A connection, and calls with the parameters that rarely change."""

    line: Connection

    def call(self, function: str, **parameters: Any) -> Answer:
        """Call as it is."""
        return self.line.call(function, **parameters)

    def commit(self) -> Answer:
        """Commit and wait for the update."""
        return self.call("BAPI_TRANSACTION_COMMIT", WAIT="X")

    def order(self, *items: Answer, commit: bool = True, **more: Any) -> Answer:
        """Create an order over the items' rows; *more* are header fields or parameters."""
        answer = self.call("BAPI_SALESORDER_CREATEFROMDAT2", **order(*items, **more))
        if commit:
            assert refusals(answer["RETURN"]) == []
            self.commit()
        return answer

    def number(self, *items: Answer, **more: Any) -> str:
        """Create and commit an order and return its number."""
        return str(self.order(*items, **more)["SALESDOCUMENT"])

    def deliver(self, order: str, item: str = "000000", quantity: str = "0") -> str:
        """Deliver an order, or so much of an item, and return the first delivery's number."""
        answer = self.call(
            "BAPI_OUTB_DELIVERY_CREATE_SLS",
            SALES_ORDER_ITEMS=[{"REF_DOC": order, "REF_ITEM": item, "DLV_QTY": quantity}],
        )
        assert refusals(answer["RETURN"]) == []
        self.commit()
        return str(answer["DELIVERY"])

    def issue(self, delivery: str) -> Answer:
        """Post goods issue of a delivery."""
        answer = self.call("BAPI_OUTB_DELIVERY_CONFIRM_DEC", **confirmation(delivery))
        assert refusals(answer["RETURN"]) == []
        self.commit()
        return answer

    def bill(self, *documents: str, category: str = "J") -> Answer:
        """Bill documents together."""
        rows = [{"REF_DOC": number, "REF_DOC_CA": category} for number in documents]
        answer = self.call("BAPI_BILLINGDOC_CREATEMULTIPLE", BILLINGDATAIN=rows)
        assert refusals(answer["RETURN"]) == []
        self.commit()
        return answer

    def table(self, name: str, fields: str, *where: str, **more: Any) -> list[list[str]]:
        """Read a table's fields (separated by blanks) and return the rows, stripped."""
        answer = self.call(
            "RFC_READ_TABLE",
            QUERY_TABLE=name,
            DELIMITER="|",
            FIELDS=[{"FIELDNAME": field} for field in fields.split()],
            OPTIONS=[{"TEXT": line} for line in where],
            **more,
        )
        return [[cell.strip() for cell in row["WA"].split("|")] for row in answer["DATA"]]


def item(number: int = 10, material: str = "M-01", quantity: str = "1", **more: Any) -> Answer:
    """Return an item; its quantity becomes a schedule line."""
    return {"ITM_NUMBER": f"{number:06}", "MATERIAL": material, "_QTY": quantity, **more}


def order(
    *items: Answer,
    customer: str = "C-100",
    prefix: str = "ORDER",
    doc_type: str = "TA",
    **more: Any,
) -> Answer:
    """Return the parameters of a create function; capitals without underscore are the header's."""
    header = {
        "DOC_TYPE": doc_type,
        "SALES_ORG": more.pop("SALES_ORG", "1000"),
        "DISTR_CHAN": more.pop("DISTR_CHAN", "20"),
        "DIVISION": "00",
    }
    parameters = {name: more.pop(name) for name in list(more) if name.startswith(f"{prefix}_")}
    for name in ("CONVERT", "TESTRUN", "BEHAVE_WHEN_ERROR", "PARTNERADDRESSES"):
        if name in more:
            parameters[name] = more.pop(name)
    return {
        f"{prefix}_HEADER_IN": {**header, **more},
        f"{prefix}_ITEMS_IN": [
            {name: value for name, value in row.items() if name != "_QTY"} for row in items
        ],
        f"{prefix}_SCHEDULES_IN": [
            {"ITM_NUMBER": row["ITM_NUMBER"], "SCHED_LINE": "0001", "REQ_QTY": row["_QTY"]}
            for row in items
        ],
        f"{prefix}_PARTNERS": [{"PARTN_ROLE": "AG", "PARTN_NUMB": customer}],
        **parameters,
    }


def confirmation(delivery: str, **more: Any) -> Answer:
    """Return the parameters that post goods issue of a delivery as it is."""
    return {
        "DELIVERY": delivery,
        "HEADER_DATA": {"DELIV_NUMB": delivery},
        "HEADER_CONTROL": {"DELIV_NUMB": delivery, "POST_GI_FLG": "X"},
        **more,
    }


def messages(rows: list[Answer] | Answer) -> list[str]:
    """Return type, class and number of message rows."""
    listed = rows if isinstance(rows, list) else [rows]
    return [f"{row['TYPE']} {row['ID']} {row['NUMBER']}" for row in listed if row["TYPE"]]


def refusals(rows: list[Answer] | Answer) -> list[str]:
    """Return the rows of type E and A."""
    return [each for each in messages(rows) if each[0] in "EA"]


def amounts(row: Answer, *fields: str) -> list[str]:
    """Return packed numbers as text with two decimals."""
    return [str(row[field].quantize(Decimal("0.01"))) for field in fields]
