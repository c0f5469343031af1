"""Tables of options in the settings, each with the part of the connector that checks it."""

from __future__ import annotations

from collections.abc import Mapping

from connector.erp.rfc.options import RfcOptions
from connector.reconciliation.rules import ReconciliationRules
from connector.settings import Settings, checked_options
from connector.simulator.engine.settings import EngineSettings
from connector.simulator.rfc.settings import FaceSettings

#: Key in the settings -> what its table becomes. Used where options are checked and described.
OPTION_TABLES: Mapping[str, type] = {
    "erp.transport": RfcOptions,
    "erp.simulator.engine": EngineSettings,
    "erp.simulator.face": FaceSettings,
    "reconciliation.rules": ReconciliationRules,
}

#: Options that are set elsewhere, by key of the table.
SET_ELSEWHERE: Mapping[str, frozenset[str]] = {
    "erp.transport": frozenset({"time_zone"}),
    "erp.simulator.engine": frozenset({"time_zone"}),
    "erp.simulator.face": frozenset({"users"}),
}


def check_options(settings: Settings) -> None:
    """Check all tables of options, those that are not in use as well; see `checked_options`."""
    for key, model in OPTION_TABLES.items():
        checked_options(settings, key, model)
