"""Settings: read from a YAML file and the environment, and checked before anything starts."""

from connector.settings.erp import ErpSettings, RfcSettings, SimulatorSettings
from connector.settings.erp_http import HttpSettings, ODataSettings, SoapSettings
from connector.settings.loading import (
    ENVIRONMENT_PREFIX,
    checked_options,
    load_settings,
    settings_from,
)
from connector.settings.model import (
    ChannelSettings,
    DaemonSettings,
    LogSettings,
    ReconciliationSettings,
    Settings,
    StoreSettings,
    SyncSettings,
)

__all__ = [
    "ENVIRONMENT_PREFIX",
    "ChannelSettings",
    "DaemonSettings",
    "ErpSettings",
    "HttpSettings",
    "LogSettings",
    "ODataSettings",
    "ReconciliationSettings",
    "RfcSettings",
    "Settings",
    "SimulatorSettings",
    "SoapSettings",
    "StoreSettings",
    "SyncSettings",
    "checked_options",
    "load_settings",
    "settings_from",
]
