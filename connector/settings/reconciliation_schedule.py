"""Settings of the key dates that the daemon reconciles by itself."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from connector.settings.fields import ExistingFile, Section

Weekday = Literal[
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
]  # fmt: skip


class ReconciliationScheduleSettings(Section):
    """
    Which days the daemon reconciles, and when. A key date is a day that has ended where the company
    keeps its books.

    Without `daily_at` and `month_end_at` it reconciles at the present day, every
    `daemon.reconcile_s` seconds.
    """

    daily_at: time | None = None
    """Time of day, in the company's time zone, at which the day before is reconciled."""
    month_end_at: time | None = None
    """
    Time of day at which the last day of the month before is reconciled (once more), on the working
    day that `month_end_working_day` says.
    """
    month_end_working_day: Annotated[int, Field(ge=1, le=20)] = 1
    """Working day of the new month on which the old one is reconciled."""
    free_days: tuple[Weekday, ...] = ("saturday", "sunday")
    """Days of the week that are no working days."""
    holidays: ExistingFile | None = None
    """CSV file of holidays, with a column `date` (2026-12-25). Empty: none."""
    holidays_known_until: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = ""
    """Last day that the file of holidays covers, as 2026-12-31: beyond it nothing is guessed."""
    catch_up_days: Annotated[int, Field(ge=1, le=400)] = 31
    """How many missed key dates are caught up with after an outage, each once."""
    retry_s: Annotated[float, Field(gt=0, le=86_400)] = 900
    """How long to wait after a failed reconciliation before it is tried again."""
    repeat_s: Annotated[float, Field(ge=60, le=86_400)] = 3_600
    """
    A key date whose run was INCOMPLETE or FAILED is run again after so long, the second time after
    twice as long and so on, at most a day; at once when what it lacked has come.
    """
    repeat_days: Annotated[int, Field(ge=0, le=400)] = 31
    """How many days back key dates are run again. 0: never by itself."""

    @property
    def is_set(self) -> bool:
        """Whether the daemon goes by key dates."""
        return self.daily_at is not None or self.month_end_at is not None

    @model_validator(mode="after")
    def _works_sometimes(self) -> Self:
        if len(set(self.free_days)) == 7:
            raise ValueError("free_days: a week needs a working day")
        return self
