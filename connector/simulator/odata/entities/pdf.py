"""
A small PDF writer: lines of text on A4 pages, in Helvetica.

PDF 1.4 (ISO 32000-1): objects, a cross-reference table with their byte positions, a trailer. The
fonts are of the fourteen that every reader has, so that nothing is embedded; text is in their
WinAnsi encoding, other characters show as a question mark.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_WIDTH, _HEIGHT = 595, 842
_MARGIN = 56
_LEADING = 1.5
_FIRST_PAGE = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; *size* in points."""

    text: str
    size: int = 10


def document(lines: Sequence[Line]) -> bytes:
    """Return a PDF of *lines*; there is always at least one page."""
    pages = list(_pages(lines)) or [b""]
    kids = " ".join(f"{_FIRST_PAGE + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode("ascii"),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for at, content in enumerate(pages):
        stream = _FIRST_PAGE + 2 * at + 1
        objects.append(
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_WIDTH} {_HEIGHT}] "
                f"/Resources << /Font << /F1 3 0 R >> >> /Contents {stream} 0 R >>"
            ).encode("ascii")
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    return _file(objects)


def _pages(lines: Sequence[Line]) -> Iterator[bytes]:
    """Yield the content of each page."""
    shown: list[bytes] = []
    y = float(_HEIGHT - _MARGIN)
    for line in lines:
        height = line.size * _LEADING
        if y - height < _MARGIN and shown:
            yield b"\n".join(shown)
            shown, y = [], float(_HEIGHT - _MARGIN)
        y -= height
        if line.text:
            shown.append(
                b"BT /F1 %d Tf %d %d Td (%s) Tj ET" % (line.size, _MARGIN, y, _string(line.text))
            )
    if shown:
        yield b"\n".join(shown)


def _string(text: str) -> bytes:
    encoded = text.encode("cp1252", "replace")
    for mark in (b"\\", b"(", b")"):
        encoded = encoded.replace(mark, b"\\" + mark)
    return encoded


def _file(objects: Sequence[bytes]) -> bytes:
    # The comment of high bytes tells programs that the file is not text.
    content = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    positions = []
    for number, each in enumerate(objects, start=1):
        positions.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(content)
    size = len(objects) + 1
    content += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for position in positions:
        content += b"%010d 00000 n \n" % position
    content += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
    return bytes(content)
