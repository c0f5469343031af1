"""A workspace in which the orders of a history run through the connector into a simulated ERP."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from connector.bootstrap.application import Application
from connector.clock import ManualClock
from connector.ports.step_state import Operation, StepState
from connector.resources import shipped
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.settings import load_settings
from connector.simulator.history.comparison import Comparison, compare
from connector.simulator.history.files import History, read_history, years_of
from connector.simulator.history.folder import write_company

__all__ = [
    "Comparison",
    "compare_with_history",
    "created_documents",
    "history_application",
    "history_settings",
    "history_years",
    "hold_messages",
    "read_history",
]

#: The channel whose profile reads `orders_YEAR.tsv`.
CHANNEL = "globalbike"
_BATCH = 50


def history_years(folder: Path) -> tuple[int, ...]:
    """Return the years of which *folder* holds a history, ascending; none when it is no history."""
    return years_of(folder) if (folder / "customers.csv").is_file() else ()


def history_settings(history: History, workspace: Path) -> dict[str, Any]:
    """
    Write the history's company to *workspace* and its orders to an inbox there.

    Returns settings, as in `connector.yaml`, by which they run.
    """
    write_company(history, shipped("fixtures/erp"), workspace / "company")
    inbox = workspace / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    shutil.copy(history.orders_file, inbox)
    return {
        "erp": {"driver": "simulator", "simulator": {"master_data": [str(workspace / "company")]}},
        "store": {"url": f"sqlite:///{workspace / 'connector.sqlite3'}"},
        "plans": str(shipped("config/plans")),
        "channels": {
            CHANNEL: {
                "path": str(inbox),
                "settle_s": 0,
                "profile": str(shipped(f"config/channels/{CHANNEL}.yaml")),
                "rules": str(shipped(f"config/mappings/{CHANNEL}.yaml")),
                "tables": str(history.folder),
            }
        },
        "reconciliation": {
            "company_codes": sorted({item.sales_organization for item in history.items})
        },
    }


def history_application(history: History, workspace: Path) -> Application:
    """
    Return an application that creates the sales orders of *history*, and only those.

    One worker, so that documents get their numbers in the order of the orders; the ERP's own jobs
    rest, since only the orders are compared.
    """
    values = history_settings(history, workspace)
    values["erp"]["simulator"]["engine"] = {"active_jobs": []}
    # Nothing to compare before creating: these orders state no totals, the ERP has the prices.
    values["sync"] = {"workers": 1, "simulate_before_create": False}
    values["log"] = {"level": "error"}
    file = workspace / "connector.yaml"
    file.write_text(yaml.safe_dump(values), encoding="utf-8")
    start = max(item.document_date for item in history.items)
    clock = ManualClock(datetime(start.year, start.month, start.day, 12, tzinfo=UTC))
    return Application(load_settings(file), clock, read_only=False)


def created_documents(application: Application) -> Iterator[PostedSalesDocument]:
    """Read the sales orders that the connector created back from the ERP, in batches."""
    numbers: list[str] = []
    for view in application.store.all_views():
        step = view.step(Operation.CREATE_SALES_ORDER)
        if step is not None and step.state is StepState.DONE:
            numbers += step.numbers
    for start in range(0, len(numbers), _BATCH):
        yield from application.erp.sales_documents.read(numbers[start : start + _BATCH])


def compare_with_history(history: History, documents: Iterable[PostedSalesDocument]) -> Comparison:
    """Compare *documents* with those of *history*, item by item, to the cent."""
    return compare(history.items, documents)


def hold_messages(application: Application) -> Iterator[str]:
    """Yield why orders are held, each once per order."""
    for view in application.store.all_views():
        for hold in view.holds:
            yield f"{view.flow.external_id}: {hold.reason}: {hold.message}"
