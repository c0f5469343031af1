"""The application's ERP, checked operation by operation."""

from __future__ import annotations

from dataclasses import dataclass

from connector.bootstrap.application import Application
from connector.clock import SystemClock
from connector.erp.checking import (
    OperationChecked,
    Outcome,
    Question,
    TransportChecked,
    check_operations,
    check_transports,
    differing_systems,
)


@dataclass(frozen=True, slots=True)
class ErpChecked:
    """What was found. ``warnings`` are for a person to judge, and do not make it fail."""

    profile: str
    transports: tuple[TransportChecked, ...]
    operations: tuple[OperationChecked, ...]
    warnings: tuple[str, ...]

    @property
    def found(self) -> tuple[TransportChecked | OperationChecked, ...]:
        """Everything that was checked, transports first."""
        return (*self.transports, *self.operations)

    @property
    def works(self) -> bool:
        """Whether every transport and every operation works."""
        return all(each.outcome is Outcome.WORKS for each in self.found)

    @property
    def is_unreachable(self) -> bool:
        """Whether a transport or an operation could not be reached."""
        return any(each.outcome is Outcome.UNREACHABLE for each in self.found)


def check_erp(application: Application, company_code: str = "") -> ErpChecked:
    """
    Check each transport and operation in use; nothing is written.

    *company_code* is where open items are asked for, empty for the first of the settings.

    Raises:
        ConfigurationError: the settings are wrong. What is wrong with the ERP is in the result.
    """
    router = application.erp.router
    question = Question(
        company_code=company_code or application.settings.reconciliation.company_codes[0],
        today=application.clock.today(application.settings.time_zone),
    )
    transports = {each.transport: each for each in check_transports(router)}
    # How long something takes is measured by the machine's clock: that of a simulated ERP stands.
    operations = tuple(check_operations(router, transports, question, SystemClock()))
    return ErpChecked(
        profile=application.settings.erp.profile,
        transports=tuple(transports.values()),
        operations=operations,
        warnings=differing_systems(transports),
    )
