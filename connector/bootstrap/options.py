"""Tables of options in the settings, each with the part of the connector that checks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from connector.erp.http.options import HttpOptions
from connector.erp.odata.options import ODataOptions
from connector.erp.rfc.options import RfcOptions
from connector.erp.soap.options import SoapOptions
from connector.reconciliation.rules import ReconciliationRules
from connector.settings import Settings, checked_options
from connector.simulator.engine.settings import EngineSettings
from connector.simulator.http.settings import HttpSettings
from connector.simulator.odata.entities.settings import EntitySettings
from connector.simulator.odata.settings import ODataFaceSettings
from connector.simulator.rfc.settings import FaceSettings
from connector.simulator.soap.settings import SoapSettings

#: Of the options over HTTP, what has keys of its own in the section.
HTTP_SET_ELSEWHERE: Final = frozenset({"base_url", "logon", "client", "language", "ca_file"})

#: Key in the settings -> what its table becomes. Used where options are checked and described.
OPTION_TABLES: Mapping[str, type] = {
    "erp.transport": RfcOptions,
    "erp.odata.http": HttpOptions,
    "erp.odata.options": ODataOptions,
    "erp.soap.http": HttpOptions,
    "erp.soap.options": SoapOptions,
    "erp.simulator.engine": EngineSettings,
    "erp.simulator.face": FaceSettings,
    "erp.simulator.http": HttpSettings,
    "erp.simulator.odata": ODataFaceSettings,
    "erp.simulator.entities": EntitySettings,
    "erp.simulator.soap": SoapSettings,
    "reconciliation.rules": ReconciliationRules,
}

#: Options that are set elsewhere, by key of the table.
SET_ELSEWHERE: Mapping[str, frozenset[str]] = {
    "erp.transport": frozenset({"time_zone"}),
    "erp.odata.http": HTTP_SET_ELSEWHERE,
    "erp.odata.options": frozenset({"time_zone"}),
    "erp.soap.http": HTTP_SET_ELSEWHERE,
    "erp.simulator.engine": frozenset({"time_zone"}),
    "erp.simulator.face": frozenset({"users"}),
    "erp.simulator.http": frozenset({"users"}),
}


#: Stands in for address and logon where only the options beside them are checked.
_SOMEWHERE: Final[Mapping[str, Any]] = {
    "base_url": "https://erp.invalid",
    "logon": {"kind": "basic", "user": "U", "password": "P"},
}


def check_options(settings: Settings) -> None:
    """Check all tables of options, those that are not in use as well; see `checked_options`."""
    for key, model in OPTION_TABLES.items():
        fixed = _SOMEWHERE if model is HttpOptions else {}
        checked_options(settings, key, model, **fixed)
