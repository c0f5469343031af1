"""What a change of the mapping changes, as one HTML page that needs nothing from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from connector.mappings.difference_groups import DifferenceGroups
from connector.mappings.entered_value import Amounts

_TEMPLATE: Final = "mapping_diff.html.j2"


def write_page(path: Path, title: str, groups: DifferenceGroups) -> None:
    """
    Write *groups* as a page to *path*.

    Raises:
        OSError: the page cannot be written.
    """
    environment = Environment(
        loader=PackageLoader("connector.reports"), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["money"] = _money
    page = environment.get_template(_TEMPLATE).render(title=title, groups=groups)
    # A lone surrogate, as JSON may have it, cannot be written as UTF-8.
    path.write_text(page, "utf-8", errors="replace", newline="\n")


def _money(amounts: Amounts, sign: str = "+") -> str:
    return ", ".join(
        f"{amount:{sign},f} {currency}" for currency, amount in amounts.items() if amount
    )
