"""Write the master data of a company as a folder of tables, as the simulated ERP reads it."""

from __future__ import annotations

import csv
from pathlib import Path

from connector.simulator.engine.master_tables import read_folder
from connector.simulator.history.company import company_of
from connector.simulator.history.files import History


def write_company(history: History, customizing: Path, target: Path) -> None:
    """
    Write one CSV file per table to *target*, which is made when it is missing.

    *customizing* is a folder of master data, e.g. the shipped one. Raises ConfigurationError when
    it is none.
    """
    target.mkdir(parents=True, exist_ok=True)
    for table, rows in company_of(history, read_folder(customizing)).items():
        columns = list(dict.fromkeys(name for row in rows for name in row))
        with (target / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
