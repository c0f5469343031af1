"""Find the configuration and fixtures that travel with the connector."""

from __future__ import annotations

from pathlib import Path

from connector.errors import ConfigurationError

_PACKAGE = Path(__file__).resolve().parent


def shipped(relative: str) -> Path:
    """
    Return the path of a shipped file or folder, e.g. ``fixtures/erp``.

    In a checkout it lies beside the package, in an installed wheel inside it.

    Raises:
        ConfigurationError: it is in neither place, so the installation is incomplete.
    """
    for root in (_PACKAGE / "_shipped", _PACKAGE.parent):
        candidate = root / relative
        if candidate.exists():
            return candidate
    raise ConfigurationError(
        relative, "not found in this installation", "Reinstall sd-connector: its wheel carries it"
    )
