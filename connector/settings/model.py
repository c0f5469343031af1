"""
What can be set. The text below a field is its description in `docs/reference/settings.md`.

Secrets come from the environment or from files of their own, never from the settings file.
"""

from __future__ import annotations

import difflib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr, SecretStr, StringConstraints, model_validator

from connector.settings.erp import ErpSettings
from connector.settings.fields import (
    ExistingFile,
    ExistingFolder,
    LocalPath,
    Name,
    Port,
    Seconds,
    Section,
    StoreUrl,
    TimeZone,
    secret_of,
)
from connector.settings.reconciliation_schedule import ReconciliationScheduleSettings
from connector.settings.statements import StatementSettings
from connector.settings.yaml_file import YamlFile

CompanyCode = Annotated[str, StringConstraints(min_length=1, max_length=4)]


class StoreSettings(Section):
    """Where the connector keeps its own records."""

    url: StoreUrl = "sqlite:///../var/connector.sqlite3"
    """
    Address of the database: `sqlite:///FILE`, whose folder is made when it is missing, or
    `postgresql+psycopg://USER@HOST/DATABASE` (with the extra `postgresql`), never with a password.
    """
    password: SecretStr | None = None
    """Password of the database's user; only from the environment."""
    password_file: LocalPath | None = None
    """File whose first line is the password."""

    @model_validator(mode="after")
    def _has_one_secret(self) -> Self:
        secret_of(self.password, self.password_file)
        return self

    def secret(self) -> SecretStr | None:
        """The password, from wherever it was given; None where there is none."""
        return secret_of(self.password, self.password_file)


class ChannelSettings(Section):
    """One source of orders. Its name is the key it stands under."""

    type: Literal["folder"] = "folder"
    """Kind of source: `folder` reads the files that are dropped into a folder."""
    path: LocalPath
    """Drop folder; read files move to `done` or `failed` in it."""
    patterns: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """
    Which files are orders, in any case of letters. Empty: the usual names of the format that the
    profile reads, such as `*.edi` and `*.edifact` for EDIFACT.
    """
    settle_s: Annotated[float, Field(ge=0, le=3_600)] = 2
    """A file is read when its size and time have stood still for so long."""
    max_bytes: Annotated[int, Field(ge=1)] = 64 * 1024 * 1024
    """A larger file is refused."""
    profile: ExistingFile
    """Channel profile: how a message becomes an external order."""
    rules: ExistingFile
    """Mapping rules: how an external order becomes SD documents."""
    tables: ExistingFolder | None = None
    """Folder whose value tables replace those of the same name beside the rules."""
    plan: Name = "standard"
    """Name of the plan: which documents the connector creates, and which it observes."""


class SyncSettings(Section):
    """How orders are worked on."""

    workers: Annotated[int, Field(ge=1, le=64)] = 4
    """Orders worked on at one time; more than `erp.transport.sessions` only wait for each other."""
    lease_s: Seconds = 300
    """A worker that has not reported for so long has lost its step to another."""
    settle_s: Seconds = 120
    """How long after a doubt a look-up that finds nothing begins to count."""
    look_up_interval_s: Seconds = 60
    """
    Between two look-ups that count. Together with `settle_s` it must exceed the longest time that
    the ERP may take to finish a commit whose caller is gone.
    """
    max_attempts: Annotated[int, Field(ge=1, le=100)] = 8
    """Attempts before a step that only failed for the moment becomes a hold."""
    first_retry_s: Seconds = 30
    """Wait before the second attempt; it doubles each time."""
    longest_retry_s: Seconds = 3_600
    """Longest wait between two attempts."""
    intake_batch: Annotated[int, Field(ge=1, le=10_000)] = 200
    """Messages stored in one transaction."""
    read_batch: Annotated[int, Field(ge=1, le=1_000)] = 50
    """Documents read from the ERP in one call."""
    simulate_before_create: bool = True
    """Let the ERP price an order and compare the totals before it is created."""
    look_before_create: bool = False
    """
    Look for each sales document before it is created for the first time. Turn it on for a store
    that is older than the ERP (restored from a backup), and off when its orders are through.
    """
    discount_base: Literal["gross", "net"] = "gross"
    """Of what the ERP takes a cash discount (XSKFN of the company code: blank is gross)."""
    payment_tolerance: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    """
    The most by which a payment may differ from what is owed and still clear it, in the order's
    currency: for cents that a shop rounds otherwise. The ERP's tolerance group must allow it.
    """
    master_data_max_age_s: Seconds = 300
    """
    How long master data counts that mapping rules have looked up in the ERP. What was not found is
    asked for each time.
    """


class DaemonSettings(Section):
    """Intervals of `sd-connector run`."""

    intake_s: Seconds = 10
    """Between two looks into the channels."""
    advance_s: Seconds = 5
    """Between two rounds over the orders that are due."""
    status_s: Seconds = 60
    """Between two pulls of changed documents from the ERP."""
    payments_s: Seconds = 60
    """Between two rounds of payment postings."""
    statements_s: Seconds = 300
    """Between two rounds of postings from bank statements and payouts."""
    reconcile_s: Seconds = 3_600
    """Between two reconciliations at the present day, where no schedule of key dates is set."""
    shutdown_s: Seconds = 30
    """Longest wait for running steps at the end. What is cut short is looked up and resumed."""
    heartbeat: LocalPath = Path("../var/heartbeat.json")
    """File that tells `sd-connector health` that the daemon is alive."""
    heartbeat_s: Seconds = 10
    """Between two signs of life; the daemon counts as dead after three that are missing."""
    metrics_port: Port | None = None
    """Port of the Prometheus metrics. Empty: none."""
    metrics_host: str = "127.0.0.1"
    """Address that the metrics listen on."""


class ReconciliationReportSettings(Section):
    """Reports that are left after each reconciliation of the daemon."""

    folder: LocalPath | None = None
    """Folder that gets a folder for each run. Empty: no reports are written."""
    formats: Annotated[
        tuple[Literal["csv", "xlsx", "pdf", "jsonl", "html"], ...], Field(min_length=1)
    ] = ("html", "xlsx", "pdf")
    """What is written: `csv`, `xlsx`, `pdf` (the sheet to sign), `jsonl`, `html`."""
    company: str = ""
    """Name of the company, as reports show it."""
    font: ExistingFile | None = None
    """
    TrueType font for the PDF, for names that the font which comes along has no signs for: it knows
    Latin, Greek and Cyrillic scripts, and no Chinese, Japanese, Korean, Arabic or Hebrew.
    """


class ReconciliationSettings(Section):
    """What has to agree, and how closely."""

    company_codes: Annotated[tuple[CompanyCode, ...], Field(min_length=1)] = ("1000",)
    """Company codes whose receivables are compared."""
    rules: dict[str, Any] = Field(default_factory=dict)
    """What finance agreed on: days of grace, tolerances, discount base, by name."""
    kept_extract: bool | LocalPath = True
    """
    File that keeps what a run read and found, so that the next one reads only what changed. It
    holds what the ERP's documents say; only this user can read it, and it may be deleted at any
    time. `true`: beside the store's file, or where the store is on a server in the folder of
    `daemon.heartbeat`. `false`: nothing is kept, each run reads everything.
    """
    full_read_days: Annotated[int, Field(ge=1, le=366)] = 7
    """After so many days a run reads everything, whatever was kept."""
    reports: ReconciliationReportSettings = ReconciliationReportSettings()
    schedule: ReconciliationScheduleSettings = ReconciliationScheduleSettings()


class LogSettings(Section):
    """What is logged, and how."""

    format: Literal["auto", "json", "console"] = "auto"
    """`auto`: readable lines on a terminal, JSON everywhere else."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """Lowest level that is written."""


class Settings(Section):
    """All that can be set. Relative paths start from the folder of the settings file."""

    time_zone: TimeZone = "Europe/Berlin"
    """IANA time zone of the company: posting dates follow it."""
    store: StoreSettings = StoreSettings()
    # A factory, since the system profile is read from a file: not while modules are imported.
    erp: ErpSettings = Field(default_factory=ErpSettings)
    channels: dict[Name, ChannelSettings] = Field(default_factory=dict)
    plans: ExistingFolder = Path("plans")
    """Folder of the plans; a plan's name is its file's name without `.yaml`."""
    sync: SyncSettings = SyncSettings()
    daemon: DaemonSettings = DaemonSettings()
    reconciliation: ReconciliationSettings = ReconciliationSettings()
    statements: StatementSettings = StatementSettings()
    log: LogSettings = LogSettings()

    _file: YamlFile = PrivateAttr(default_factory=lambda: YamlFile(Path(), {}, {}))

    @property
    def file(self) -> YamlFile:
        """The file the settings were read from; empty where there was none."""
        return self._file

    def came_from(self, file: YamlFile) -> None:
        """Remember the file for messages about options that are checked later."""
        self._file = file

    @model_validator(mode="after")
    def _plans_exist(self) -> Self:
        known = sorted(path.stem for path in self.plans.glob("*.yaml"))
        for name, channel in self.channels.items():
            if channel.plan not in known:
                near = difflib.get_close_matches(channel.plan, known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
                raise ValueError(f"channels.{name}.plan: there is no plan {channel.plan!r}; {hint}")
        return self
