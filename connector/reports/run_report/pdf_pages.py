"""Pages of a PDF in a font for nearly all scripts of Europe, with tables as sheets need them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

import font_source_sans_pro
from fontTools.ttLib import TTFont
from fpdf import FPDF, FontFace
from fpdf.enums import TableBordersLayout, XPos, YPos

_FAMILY: Final = "sheet"
_OTHER: Final = "other"
_MISSING: Final = "\N{WHITE SQUARE}"
_GREY: Final = (110, 110, 110)
_HEAD: Final = FontFace(emphasis="BOLD", fill_color=(236, 239, 241))

RGB = tuple[int, int, int]


class Pages(FPDF):
    """
    A4 pages with a footer. The same calls give the same bytes.

    ``missing`` are the characters that no font had; they stand as squares.
    """

    def __init__(self, footer: str, made_at: datetime, font: Path | None) -> None:
        """
        *font* is a TrueType font for what the shipped one lacks, such as Chinese.

        Raises:
            OSError: *font* cannot be read.
        """
        super().__init__(format="A4")
        self.missing: set[str] = set()
        self._footer_text = footer
        regular = Path(font_source_sans_pro.font_files_ttf["SourceSansPro"])
        semibold = Path(font_source_sans_pro.font_files_ttf["SourceSansProSemibold"])
        self.add_font(_FAMILY, "", regular)
        self.add_font(_FAMILY, "B", semibold)
        self._known = characters_of(regular)
        if font is not None:
            self.add_font(_OTHER, "", font)
            self.set_fallback_fonts([_OTHER], exact_match=False)
            self._known |= characters_of(font)
        self.set_creation_date(made_at)
        self.alias_nb_pages()
        self.set_auto_page_break(auto=True, margin=16)
        self.set_margins(15, 14, 15)
        self.add_page()

    def footer(self) -> None:
        """Write the line at the foot of each page; called by the library."""
        self.set_y(-12)
        self.set_text_color(*_GREY)
        self.set_font(_FAMILY, size=8)
        self.cell(0, 5, self.fit(self._footer_text))
        self.set_x(self.l_margin)
        self.cell(0, 5, f"Page {self.page_no()} of {{nb}}", align="R")
        self.set_text_color(0)

    def fit(self, text: str) -> str:
        """Return *text* with squares for what no font has, which is noted."""
        lacking = {sign for sign in text if ord(sign) not in self._known and sign != "\n"}
        self.missing |= lacking
        for sign in lacking:
            text = text.replace(sign, _MISSING)
        return text

    def line_of(
        self, text: str, size: float = 9, *, bold: bool = False, grey: bool = False
    ) -> None:
        """Write a paragraph."""
        self.set_font(_FAMILY, "B" if bold else "", size)
        self.set_text_color(*(_GREY if grey else (0, 0, 0)))
        self.multi_cell(
            0, size * 0.48, self.fit(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )
        self.set_text_color(0)

    def heading(self, text: str) -> None:
        """Write a heading, on the next page where only it would fit."""
        if self.will_page_break(22):
            self.add_page()
        self.ln(2.5)
        self.line_of(text, 11, bold=True)
        self.ln(0.8)

    def banner(self, title: str, text: str, colour: RGB) -> None:
        """Write a title in white on *colour*, and *text* below in the same box."""
        before, self.c_margin = self.c_margin, 3
        self.set_fill_color(*colour)
        self.set_text_color(255)
        self.set_font(_FAMILY, "B", 15)
        self.cell(0, 10, self.fit(title), fill=True, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_font(_FAMILY, size=9.5)
        self.multi_cell(
            0, 5.2, self.fit(text), fill=True, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT,
            padding=(0, 0, 2, 0),
        )  # fmt: skip
        self.c_margin = before
        self.set_text_color(0)
        self.set_fill_color(255)

    def label(self, text: str, width: float, size: float) -> None:
        """Write a name in front of what follows on the line; *width* in millimetres."""
        self.set_font(_FAMILY, "B", size)
        self.cell(width, size * 0.48, self.fit(text))

    def grid(
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[str]],
        widths: Sequence[int],
        *,
        right: int,
        size: float = 8.2,
        bold_last: bool = False,
    ) -> None:
        """Write a table; columns from number *right* on are aligned to the right."""
        aligns = ["LEFT" if at < right else "RIGHT" for at in range(len(headings))]
        self.set_font(_FAMILY, size=size)
        with self.table(
            col_widths=tuple(widths),
            text_align=tuple(aligns),
            headings_style=_HEAD,
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            line_height=size * 0.48,
            padding=(0.5, 0.8),
        ) as table:
            table.row([self.fit(each) for each in headings])
            for cells in rows:
                style = FontFace(emphasis="BOLD") if bold_last else None
                row = table.row()
                for at, cell in enumerate(cells):
                    row.cell(self.fit(cell), style=style if at == len(cells) - 1 else None)


@lru_cache(maxsize=8)
def characters_of(font: Path) -> frozenset[int]:
    """Return the code points that a TrueType font has."""
    with TTFont(font, fontNumber=0, lazy=True) as read:
        return frozenset(read.getBestCmap())
