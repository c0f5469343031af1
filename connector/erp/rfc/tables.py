"""
The tables that are read, with the fields the connector needs of each.

Widths are those of the widest release (S/4HANA), packed numbers with point and sign; they only
decide how fields are spread over several reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name, the fields that make a row unique, and the width of every field."""

    name: str
    key: Sequence[str]
    widths: Mapping[str, int]

    @property
    def fields(self) -> Sequence[str]:
        """All fields that are described here."""
        return tuple(self.widths)


def _table(name: str, key: str, *widths: str) -> Table:
    words = " ".join(widths).split()
    pairs = zip(words[::2], words[1::2], strict=True)
    return Table(name, key.split(), {field: int(width) for field, width in pairs})


VBAK: Final = _table("VBAK", "VBELN", "VBELN 10 VBTYP 4 ERDAT 8 ERZET 6 AEDAT 8")
#: The same in S/4HANA, which stamps a document when anything in its chain changes.
VBAK_STAMPED: Final = _table("VBAK", "VBELN", "VBELN 10 ERDAT 8 ERZET 6 UPD_TMSTMP 22")
#: Heads of change documents: which object was changed when.
CDHDR: Final = _table(
    "CDHDR",
    "OBJECTCLAS OBJECTID CHANGENR",
    "OBJECTCLAS 15 OBJECTID 90 CHANGENR 10 UDATE 8 UTIME 6",
)
#: The list of sales orders: what each one refers to, and whose it is.
VBAK_LIST: Final = _table("VBAK", "VBELN", "VBELN 10 VBTYP 4 KUNNR 10 ERDAT 8")
VBPA: Final = _table("VBPA", "VBELN POSNR PARVW", "VBELN 10 POSNR 6 PARVW 2 KUNNR 10")
VBKD: Final = _table("VBKD", "VBELN POSNR", "VBELN 10 POSNR 6 BSTKD 35")
VBFA: Final = _table(
    "VBFA",
    "VBELV POSNV VBELN POSNN VBTYP_N",
    "VBELV 10 POSNV 6 VBTYP_V 4 VBELN 10 POSNN 6 VBTYP_N 4 RFMNG 17 MEINS 3 RFWRT 25 WAERS 5",
    "PLMIN 1 ERDAT 8 STUFE 2",
)
LIKP: Final = _table(
    "LIKP",
    "VBELN",
    "VBELN 10 VBTYP 4 KUNNR 10 VSTEL 4 BLDAT 8 WADAT 8 WADAT_IST 8 ERDAT 8 ERZET 6 AEDAT 8",
)
#: The three statuses are filled in S/4HANA only; ECC has them in VBUP.
LIPS: Final = _table(
    "LIPS",
    "VBELN POSNR",
    "VBELN 10 POSNR 6 MATNR 40 LFIMG 17 VRKME 3 UMVKZ 6 UMVKN 6 VGBEL 10 VGPOS 6",
    "UEBTO 5 UEBTK 1 KOSTA 1 WBSTA 1 FKSTA 1",
)
VBUP: Final = _table("VBUP", "VBELN POSNR", "VBELN 10 POSNR 6 KOSTA 1 WBSTA 1 FKSTA 1")
VBRK: Final = _table(
    "VBRK",
    "VBELN",
    "VBELN 10 VBTYP 4 FKART 4 FKDAT 8 BUKRS 4 KUNRG 10 KUNAG 10 WAERK 5 RFBSK 1 BELNR 10",
    "FKSTO 1 SFAKN 10 ZTERM 4 ERDAT 8 ERZET 6 AEDAT 8",
)
VBRP: Final = _table(
    "VBRP",
    "VBELN POSNR",
    "VBELN 10 POSNR 6 MATNR 40 FKIMG 17 VRKME 3 NETWR 25 MWSBP 25",
    "VGBEL 10 VGPOS 6 VGTYP 4 AUBEL 10 AUPOS 6",
)
#: Accounting documents; AWTYP and AWKEY name what a document was made from.
BKPF: Final = _table(
    "BKPF",
    "BUKRS BELNR GJAHR",
    "BUKRS 4 BELNR 10 GJAHR 4 BLART 2 BUDAT 8 BLDAT 8 CPUDT 8 CPUTM 6 WAERS 5 XBLNR 16",
    "AWTYP 5 AWKEY 20 HWAER 5",
)
_LINE_KEY: Final = "BUKRS GJAHR BELNR BUZEI"
_LINE: Final = (
    "BUKRS 4 GJAHR 4 BELNR 10 BUZEI 3 KUNNR 10 UMSKZ 1 AUGDT 8 AUGBL 10 ZUONR 18 SHKZG 1 WRBTR 25 "
    "ZFBDT 8 ZBD1T 5 ZBD2T 5 ZBD3T 5 ZBD1P 7 ZBD2P 7 REBZG 10 REBZJ 4 XREF3 20 VBELN 10 "
    "HKONT 10 DMBTR 25 ZTERM 4 MANST 1 MADAT 8 MANSP 1"
)
_HEADER: Final = "BUDAT 8 BLDAT 8 CPUDT 8 WAERS 5 XBLNR 16 BLART 2"
#: Lines of accounting documents, without what stands in the header.
BSEG: Final = _table("BSEG", _LINE_KEY, _LINE, "KOART 1")
#: Open and cleared customer items: lines together with their header.
BSID: Final = _table("BSID", _LINE_KEY, _LINE, _HEADER)
BSAD: Final = _table("BSAD", _LINE_KEY, _LINE, _HEADER)
#: Company codes: their currency and chart of accounts.
T001: Final = _table("T001", "BUKRS", "BUKRS 4 WAERS 5 KTOPL 4")
#: Where items of a special G/L indicator stand in place of the customer's account.
T074: Final = _table("T074", "KTOPL KOART UMSKZ HKONT", "KTOPL 4 KOART 1 UMSKZ 1 HKONT 10 SKONT 10")
KNB1: Final = _table("KNB1", "BUKRS KUNNR", "BUKRS 4 KUNNR 10 AKONT 10")
#: Customers, and the partners that their sales areas name.
KNA1: Final = _table("KNA1", "KUNNR", "KUNNR 10 NAME1 35 LAND1 3 PSTLZ 10 STCEG 20")
KNVP: Final = _table(
    "KNVP",
    "KUNNR VKORG VTWEG SPART PARVW PARZA",
    "KUNNR 10 VKORG 4 VTWEG 2 SPART 2 PARVW 2 PARZA 3 KUNN2 10",
)
#: Customers' own numbers for materials.
KNMT: Final = _table(
    "KNMT", "VKORG VTWEG KUNNR MATNR", "VKORG 4 VTWEG 2 KUNNR 10 MATNR 40 KDMAT 35"
)
MARA: Final = _table("MARA", "MATNR", "MATNR 40 MEINS 3 EAN11 18 BISMT 40")
T006: Final = _table("T006", "MSEHI", "MSEHI 3 ISOCODE 3")
