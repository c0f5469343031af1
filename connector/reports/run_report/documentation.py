"""The reference page of the parts: which files and records there are, and what columns say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from connector.reports.run_report.difference_parts import (
    BREAKS,
    BREAKS_BY_AGE,
    BREAKS_BY_CODE,
    EXPLAINED,
    PENDING,
)
from connector.reports.run_report.evidence_part import EVIDENCE
from connector.reports.run_report.figure_parts import (
    ABSORBED,
    AGEING,
    AGEING_REASONS,
    ENDINGS,
    EXPLAINED_BY_REASON,
    IDENTITIES,
    MATCHED,
)
from connector.reports.run_report.key_figures import KEY_FIGURES
from connector.reports.run_report.movement_parts import (
    BREAK_ROLL_FORWARD,
    CASH_FLOW,
    ITEM_ROLL_FORWARD,
    LATE_DOCUMENTS,
    RESTATED,
)
from connector.reports.run_report.parts import Part
from connector.reports.run_report.people_parts import (
    DUNNING,
    INVOICES,
    PAYERS,
    PAYMENT_STATES,
    PROPOSAL_RECORDS,
    PROPOSALS,
)
from connector.reports.run_report.run_parts import CONTROL_TOTALS, RUN, SIGN_OFFS, SOURCES

#: All parts without rows, in the order in which reports have them.
PARTS: Final = (
    RUN, KEY_FIGURES, IDENTITIES, ENDINGS, BREAKS_BY_CODE, BREAKS_BY_AGE, BREAKS, EVIDENCE, PENDING,
    MATCHED, EXPLAINED_BY_REASON, ABSORBED, EXPLAINED, PROPOSALS, PROPOSAL_RECORDS, AGEING,
    AGEING_REASONS, PAYERS, PAYMENT_STATES, INVOICES, DUNNING, CASH_FLOW, BREAK_ROLL_FORWARD,
    ITEM_ROLL_FORWARD, RESTATED, LATE_DOCUMENTS, SOURCES, CONTROL_TOTALS, SIGN_OFFS,
)  # fmt: skip

_HEAD: Final = """# Reports of a reconciliation
Made from the code: `make golden` writes it anew. How to get them: \
[Leave reports of a reconciliation](../how-to/leave-reports-of-a-reconciliation.md).

Each part below is a file `<part>.csv`, a kind of record in JSONL (`type`), a sheet of the \
workbook and a table of the page. Names and order of columns stay; new columns come last.

- CSV: UTF-8 with a byte order mark, commas, line ends CR LF, headings first, also without rows. \
Amounts have a point and the decimals of their currency and no grouping; an empty cell says \
nothing. A text that a spreadsheet would take for a formula begins with an apostrophe.
- JSONL: one object per line. Amounts and quantities are text, numbers of records are numbers, \
what is empty is `null` or an empty text. The first line has the type `run` and all fields of that \
part as keys; `problems` is a list.
- Dates are `YYYY-MM-DD`, instants are UTC with `Z`.
- Amounts are in the currency of the row's column `currency`, unless their column says otherwise.
"""


def reports_reference() -> str:
    """Return the page as Markdown."""
    return _HEAD + "".join(f"\n{line}" for part in PARTS for line in _section(part)) + "\n"


def _section(part: Part) -> Iterator[str]:
    yield f"## {part.name}"
    yield f"{part.title}. {part.about}"
    yield ""
    yield "| column | is | says |"
    yield "|---|---|---|"
    for column in part.columns:
        yield f"| `{column.name}` | {column.kind.value} | {column.about} |"
    yield ""
