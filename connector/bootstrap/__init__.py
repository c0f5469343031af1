"""The only place that names concrete adapters: settings become an application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.clock import Clock, SystemClock

if TYPE_CHECKING:
    from connector.bootstrap.application import Application
    from connector.settings import Settings


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    read_only: bool = False,
    beside: bool = False,
) -> Application:
    """
    Put together what *settings* describe; use the result in `with`.

    With *read_only* the store is opened for reading alone, with *beside* for what a person decides;
    both work while a daemon runs. Without them this process works on the orders, as the only one.

    Raises:
        ConfigurationError: settings are wrong, or (without *read_only* and *beside*) profiles,
            rules or plans. A store or an ERP that cannot be used shows when it is first asked for.
    """
    from connector.bootstrap.application import Application

    return Application(settings, clock or SystemClock(), read_only=read_only, beside=beside)


def upgrade_store(settings: Settings) -> str:
    """
    Make the store of *settings* or bring it up to date; returns its revision.

    Raises:
        ConfigurationError: it is in use, cannot be written, or is of a newer version.
    """
    from connector.store.migrate import upgrade

    return upgrade(settings.store.url, settings.store.secret())
