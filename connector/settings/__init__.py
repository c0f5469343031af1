"""Settings: read from a YAML file and the environment, and checked before anything starts."""

from connector.settings.loading import (
    ENVIRONMENT_PREFIX,
    checked_options,
    load_settings,
    settings_from,
)
from connector.settings.model import (
    ChannelSettings,
    DaemonSettings,
    ErpSettings,
    LogSettings,
    ReconciliationSettings,
    RfcSettings,
    Settings,
    SimulatorSettings,
    StoreSettings,
    SyncSettings,
)

__all__ = [
    "ENVIRONMENT_PREFIX",
    "ChannelSettings",
    "DaemonSettings",
    "ErpSettings",
    "LogSettings",
    "ReconciliationSettings",
    "RfcSettings",
    "Settings",
    "SimulatorSettings",
    "StoreSettings",
    "SyncSettings",
    "checked_options",
    "load_settings",
    "settings_from",
]
