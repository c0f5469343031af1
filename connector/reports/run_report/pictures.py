"""
Pictures of a report as SVG of our own: bars with their figures, a title, and words for screens.

Colours come from classes of the page; every bar has its figure beside it, so that nothing is told
by colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from markupsafe import Markup, escape

_LABEL: Final = 150
_ROW: Final = 26
_WIDTH: Final = 620
_HEIGHT: Final = 220
#: Widest and narrowest place of an upright bar, so that figures have room beside each other.
_WIDEST: Final = 104
_NARROWEST: Final = 64


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it is called, how long it is, what stands beside it, and its class."""

    label: str
    value: Decimal
    figure: str
    kind: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its title and description; a wide one needs all of the page's width."""

    title: str
    svg: Markup
    is_wide: bool = False


def columns(title: str, bars: Sequence[Bar], number: int) -> Picture:
    """
    Draw upright bars side by side; those below zero hang from the line.

    *number* tells the picture apart from the others of its page.
    """
    top = max([bar.value for bar in bars] + [Decimal(0)])
    bottom = min([bar.value for bar in bars] + [Decimal(0)])
    span = (top - bottom) or Decimal(1)
    room = Decimal(_HEIGHT - 70)
    zero = 24 + room * top / span
    width = max(_WIDTH, _NARROWEST * len(bars))
    step = min(Decimal(width) / max(len(bars), 1), Decimal(_WIDEST))
    parts = [
        f'<line class="axis" x1="0" x2="{width}" y1="{_at(zero)}" y2="{_at(zero)}"/>',
    ]
    for position, bar in enumerate(bars):
        high = abs(bar.value) * room / span
        y = zero - high if bar.value > 0 else zero
        x = step * position
        middle = _at(x + step / 2)
        figure_y = y - 6 if bar.value >= 0 else y + high + 14
        parts += [
            f'<rect class="{escape(bar.kind)}" x="{_at(x + step * Decimal("0.14"))}" y="{_at(y)}"'
            f' width="{_at(step * Decimal("0.72"))}" height="{_at(high)}"/>',
            f'<text class="figure" x="{middle}" y="{_at(figure_y)}">{escape(bar.figure)}</text>',
            f'<text class="label" x="{middle}" y="{_HEIGHT - 6}">{escape(bar.label)}</text>',
        ]
    return _picture(title, bars, number, "".join(parts), (width, _HEIGHT))


def stacked_rows(title: str, rows: Sequence[tuple[str, Sequence[Bar]]], number: int) -> Picture:
    """Draw lying bars below each other, each made of pieces; the figure beside is their sum."""
    longest = max([_sum(bars) for _, bars in rows] + [Decimal(1)])
    room = Decimal(_WIDTH - _LABEL - 90)
    parts: list[str] = []
    for position, (label, bars) in enumerate(rows):
        y, x = position * _ROW + 4, Decimal(_LABEL + 60)
        parts.append(f'<text class="row" x="{_LABEL + 52}" y="{y + 14}">{escape(label)}</text>')
        for bar in bars:
            wide = bar.value * room / longest
            parts.append(
                f'<rect class="{escape(bar.kind)}" x="{_at(x)}" y="{y}" width="{_at(wide)}"'
                f' height="{_ROW - 8}"><title>{escape(f"{label}, {bar.label}: {bar.figure}")}'
                "</title></rect>"
            )
            x += wide
        total = f"{_sum(bars):,}"
        parts.append(f'<text class="sum" x="{_at(x + 6)}" y="{y + 14}">{escape(total)}</text>')
    told = [Bar(f"{label}, {b.label}", b.value, b.figure, b.kind) for label, bs in rows for b in bs]
    size = _WIDTH + 90, max(len(rows), 1) * _ROW + 6
    return _picture(title, told, number, "".join(parts), size)


def _sum(bars: Sequence[Bar]) -> Decimal:
    return sum((bar.value for bar in bars), Decimal(0))


def _at(value: Decimal | int) -> str:
    """Return a coordinate with a tenth of a unit."""
    return f"{Decimal(value).quantize(Decimal('0.1')):f}"


def _picture(
    title: str, bars: Sequence[Bar], number: int, inner: str, size: tuple[int, int]
) -> Picture:
    told = "; ".join(f"{bar.label}: {bar.figure}" for bar in bars) or "nothing"
    width, height = size
    return Picture(
        title,
        Markup(  # noqa: S704  # every text in it is escaped above
            f'<svg role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'aria-labelledby="t{number} d{number}">'
            f'<title id="t{number}">{escape(title)}</title>'
            f'<desc id="d{number}">{escape(told)}</desc>{inner}</svg>'
        ),
        is_wide=width > _WIDTH + 90,
    )
