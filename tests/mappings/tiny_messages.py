"""A tiny message of our own in each format: seeds for tests, and examples in the reference."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from openpyxl import Workbook
from pydantic import TypeAdapter

from connector.errors import MessageError
from connector.mappings.message_format import MessageFormat
from connector.mappings.raw_message import RawMessage
from connector.mappings.readers.idoc_definition import RECORD, orders05
from connector.mappings.readers.registry import read_messages

_FORMATS: TypeAdapter[Any] = TypeAdapter(MessageFormat)


@dataclass(frozen=True, slots=True)
class Tiny:
    """``options`` as in a profile's ``message``, ``content`` as a file has it."""

    options: dict[str, Any]
    content: bytes
    shown: str = ""
    others: dict[str, bytes] = field(default_factory=dict)

    @property
    def message(self) -> Any:
        """The checked options."""
        return _FORMATS.validate_python(self.options)

    def read(self, content: bytes | None = None, **options: Any) -> list[RawMessage | MessageError]:
        """Return what *content* (or its own) is read into, with *options* changed."""
        message = _FORMATS.validate_python({**self.options, **options})
        stream = io.BytesIO(self.content if content is None else content)
        return list(read_messages(message, stream, "orders", self._other if self.others else None))

    def _other(self, name: str) -> io.BytesIO | None:
        return io.BytesIO(self.others[name]) if name in self.others else None


def read_again(tiny: Tiny, raw: str) -> list[RawMessage | MessageError]:
    """Return what the kept text of a message is read into."""
    message = _FORMATS.validate_python({**tiny.options, "encoding": "utf-8"})
    return list(read_messages(message, io.BytesIO(raw.encode()), "kept"))


def workbook(*sheets: list[list[Any]], names: tuple[str, ...] = ("Orders", "Lines")) -> bytes:
    """Return a workbook with *sheets*, each a list of rows."""
    book = Workbook()
    book.remove(book.worksheets[0])
    # Same content, same bytes.
    book.properties.created = book.properties.modified = datetime(2026, 11, 22, tzinfo=UTC)
    for name, rows in zip(names, sheets, strict=False):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def idoc_record(kind: str, number: int, parent: int, **fields: str) -> str:
    """Return a data record of a flat IDoc; *kind* is the name in the file, such as E2EDK01005."""
    administrative = {
        "SEGNAM": kind, "MANDT": "400", "DOCNUM": "0000000000000042",
        "SEGNUM": f"{number:06}", "PSGNUM": f"{parent:06}", "HLEVEL": "02",
    }  # fmt: skip
    lengths = orders05().segments[kind.replace("E2", "E1", 1)[:7]]
    return _fixed(administrative, RECORD) + _fixed(fields, lengths)


def idoc_control(**fields: str) -> str:
    """Return the control record of a flat IDoc."""
    return _fixed({"TABNAM": "EDI_DC40", **fields}, orders05().control)


def _fixed(values: dict[str, str], lengths: Any) -> str:
    return "".join(values.get(name, "").ljust(length) for name, length in lengths.items())


_CONTROL = {"DOCNUM": "0000000000000042", "IDOCTYP": "ORDERS05", "MESTYP": "ORDERS"}


@lru_cache(maxsize=1)
def tiny_messages() -> dict[str, Tiny]:
    """Return the messages by what they show."""
    rows: list[list[Any]] = [
        ["order", "buyer", "on", "sku", "quantity", "price"],
        ["W-1", "Anna", date(2026, 11, 20), "A", 2, 19.9],
        ["W-1", "Anna", date(2026, 11, 20), "B", 1.5, 3],
    ]
    return {
        "json": Tiny(
            {"format": "json", "many": "orders"},
            b'{"shop": "K", "orders": [\n {"id": "J-1", "total": 9.95},\n {"id": "J-2"}\n]}\n',
        ),
        "delimited": Tiny(
            {
                "format": "delimited", "columns": ["order", "buyer", "sku", "quantity"],
                "group_by": "order", "same_in_all_lines": ["order", "buyer"],
            },
            b"order;buyer;sku;quantity\nC-1;Anna;A;2\nC-1;Anna;B;1,5\nC-2;Ben;A;1\n",
        ),
        "delimited, two files": Tiny(
            {
                "format": "delimited", "columns": ["order", "buyer"], "group_by": "order",
                "lines_in": {
                    "file": {"name": "orders", "by": "lines"},
                    "columns": ["order", "sku", "quantity"], "group_by": "order",
                },
            },
            b"order,buyer\nC-1,Anna\nC-2,Ben\n",
            others={"lines": b"order,sku,quantity\nC-2,A,1\nC-1,A,2\nC-1,B,1.5\n"},
        ),
        "xlsx": Tiny(
            {
                "format": "xlsx", "columns": ["order", "sku", "quantity"], "group_by": "order",
                "same_in_all_lines": ["order"],
            },
            workbook(rows),
            shown="\n".join(" | ".join(str(cell) for cell in row) for row in rows),
        ),
        "xlsx, two sheets": Tiny(
            {
                "format": "xlsx", "sheet": "Orders", "columns": ["order", "buyer"],
                "group_by": "order",
                "lines_in": {"sheet": "Lines", "columns": ["order", "sku"], "group_by": "order"},
            },
            workbook([["order", "buyer"], ["W-1", "Anna"]],
                     [["order", "sku", "quantity"], ["W-1", "A", 2]]),
            shown="sheet Orders:\norder | buyer\nW-1 | Anna\n\n"
            "sheet Lines:\norder | sku | quantity\nW-1 | A | 2",
        ),
        "xml": Tiny(
            {"format": "xml", "order": "order", "repeated": ["line"]},
            b"""<?xml version="1.0" encoding="UTF-8"?>
<orders xmlns="urn:example:kiosk">
  <shop id="K">Kiosk</shop>
  <order id="X-1">
    <total currency="EUR">9.95</total>
    <line no="1"><sku>A</sku><note/></line>
  </order>
</orders>
""",
        ),
        "ubl": Tiny(
            {"format": "ubl"},
            b"""<?xml version="1.0" encoding="UTF-8"?>
<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:ID>U-1</cbc:ID>
  <cbc:IssueDate>2026-11-20</cbc:IssueDate>
  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cac:OrderLine>
    <cac:LineItem>
      <cbc:ID>1</cbc:ID>
      <cbc:Quantity unitCode="C62">2</cbc:Quantity>
      <cbc:LineExtensionAmount currencyID="EUR">19.90</cbc:LineExtensionAmount>
      <cac:Item>
        <cbc:Name>Torch</cbc:Name>
        <cac:SellersItemIdentification><cbc:ID>A</cbc:ID></cac:SellersItemIdentification>
      </cac:Item>
    </cac:LineItem>
  </cac:OrderLine>
</Order>
""",
        ),
        "cxml": Tiny(
            {"format": "cxml"},
            b"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.060/cXML.dtd">
<cXML payloadID="1@example.com" timestamp="2026-11-20T10:00:00+01:00">
  <Header>
    <From><Credential domain="NetworkId"><Identity>AN01</Identity></Credential></From>
  </Header>
  <Request deploymentMode="production">
    <OrderRequest>
      <OrderRequestHeader orderID="P-1" orderDate="2026-11-20T10:00:00+01:00">
        <Total><Money currency="EUR">19.90</Money></Total>
      </OrderRequestHeader>
      <ItemOut quantity="2" lineNumber="1">
        <ItemID><SupplierPartID>A</SupplierPartID></ItemID>
        <ItemDetail>
          <UnitPrice><Money currency="EUR">9.95</Money></UnitPrice>
          <Description xml:lang="en">Torch</Description>
          <UnitOfMeasure>EA</UnitOfMeasure>
        </ItemDetail>
      </ItemOut>
    </OrderRequest>
  </Request>
</cXML>
""",
        ),
        "opentrans": Tiny(
            {"format": "opentrans"},
            b"""<?xml version="1.0" encoding="UTF-8"?>
<ORDER xmlns="http://www.opentrans.org/XMLSchema/2.1" type="standard" version="2.1"
  xmlns:bmecat="http://www.bmecat.org/bmecat/2005">
  <ORDER_HEADER>
    <ORDER_INFO>
      <ORDER_ID>O-1</ORDER_ID>
      <ORDER_DATE>2026-11-20T10:00:00+01:00</ORDER_DATE>
      <PARTIES>
        <PARTY>
          <bmecat:PARTY_ID type="buyer_specific">4711</bmecat:PARTY_ID>
          <PARTY_ROLE>buyer</PARTY_ROLE>
        </PARTY>
      </PARTIES>
    </ORDER_INFO>
  </ORDER_HEADER>
  <ORDER_ITEM_LIST>
    <ORDER_ITEM>
      <LINE_ITEM_ID>1</LINE_ITEM_ID>
      <PRODUCT_ID><bmecat:SUPPLIER_PID>A</bmecat:SUPPLIER_PID></PRODUCT_ID>
      <QUANTITY>2</QUANTITY>
      <bmecat:ORDER_UNIT>C62</bmecat:ORDER_UNIT>
    </ORDER_ITEM>
  </ORDER_ITEM_LIST>
</ORDER>
""",
        ),
        "x12": Tiny(
            {"format": "x12"},
            b"ISA*00*          *00*          *ZZ*BUYER          *ZZ*SELLER         "
            b"""*261120*1000*U*00401*000000042*0*P*>~
GS*PO*BUYER*SELLER*20261120*1000*42*X*004010~
ST*850*0001~
BEG*00*SA*A-1**20261120~
CUR*BY*EUR~
N1*ST*Anna*92*4711~
N3*Main Street 1~
N4*Springfield*IL*62701*US~
PO1*1*2*EA*9.95**VN*A*BP*4-711~
PID*F****Torch~
CTT*1~
SE*10*0001~
GE*1*42~
IEA*1*000000042~
""",
        ),
        "edifact": Tiny(
            {"format": "edifact"},
            b"""UNA:+,? '
UNB+UNOC:3+4012345000009:14+4098765000006:14+261120:1000+42'
UNH+1+ORDERS:D:96A:UN:EAN008'
BGM+220+E-1+9'
DTM+137:20261120:102'
NAD+BY+4012345000009::9++Anna?+Ben GmbH'
CUX+2:EUR:9'
LIN+1++4012345678901:SRV'
QTY+21:2'
PRI+AAA:9,95'
UNS+S'
CNT+2:1'
UNT+11+1'
UNZ+1+42'
""",
        ),
        "idoc": Tiny(
            {"format": "idoc"},
            b"""<?xml version="1.0" encoding="UTF-8"?>
<ORDERS05>
  <IDOC BEGIN="1">
    <EDI_DC40 SEGMENT="1">
      <TABNAM>EDI_DC40</TABNAM>
      <DOCNUM>0000000000000042</DOCNUM>
      <IDOCTYP>ORDERS05</IDOCTYP>
      <MESTYP>ORDERS</MESTYP>
    </EDI_DC40>
    <E1EDK01 SEGMENT="1"><CURCY>EUR</CURCY><BELNR>I-1</BELNR></E1EDK01>
    <E1EDKA1 SEGMENT="1"><PARVW>AG</PARVW><PARTN>4711</PARTN></E1EDKA1>
    <E1EDP01 SEGMENT="1">
      <POSEX>000010</POSEX><MENGE>2.000</MENGE>
      <E1EDP19 SEGMENT="1"><QUALF>002</QUALF><IDTNR>A</IDTNR></E1EDP19>
    </E1EDP01>
  </IDOC>
</ORDERS05>
""",
        ),
        "idoc, flat file": Tiny(
            {"format": "idoc"},
            "\n".join(
                (
                    idoc_control(**_CONTROL),
                    idoc_record("E2EDK01005", 1, 0, CURCY="EUR", BELNR="I-1"),
                    idoc_record("E2EDKA1003", 2, 0, PARVW="AG", PARTN="4711"),
                    idoc_record("E2EDP01007", 3, 0, POSEX="000010", MENGE="2.000"),
                    idoc_record("E2EDP19001", 4, 3, QUALF="002", IDTNR="A"),
                )
            ).encode(),
        ),
    }  # fmt: skip
