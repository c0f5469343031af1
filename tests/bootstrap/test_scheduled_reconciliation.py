"""The daemon's reconciliation leaves a run and its reports, and health tells how it stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import NoReturn

import pytest

from connector.bootstrap.application import Application
from connector.bootstrap.intake_marks import note_intake
from connector.bootstrap.reconciliation_news import ReconciliationNews
from connector.bootstrap.reconciliation_standing import (
    Standing,
    StandingReader,
    standing_json,
    standing_rows,
)
from connector.bootstrap.reconciling_with_reports import reconcile_and_report
from connector.bootstrap.statements import import_file
from connector.daemon.jobs import Jobs
from connector.daemon.metrics import StoreCollector
from connector.errors import ErpUnavailableError
from connector.kept_extract.keeping import KeptRun
from connector.settings.model import ReconciliationReportSettings
from connector.settings.reconciliation_schedule import ReconciliationScheduleSettings
from connector.settings.statements import BankAccountSettings, StatementSettings
from tests.quiet_log import quiet_log
from tests.scenarios.worked_cases import a_case, case_plan

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    with quiet_log(), a_case(tmp_path, "ecc", case_plan("ecc"), date(2026, 3, 2)) as case:
        yield case.installation.application


def with_settings(
    application: Application, reports: Path | None = None, daily_at: time | None = None
) -> None:
    settings = application.settings
    changed = settings.reconciliation.model_copy(
        update={
            "reports": ReconciliationReportSettings(folder=reports, formats=("jsonl",)),
            "schedule": ReconciliationScheduleSettings(daily_at=daily_at),
        }
    )
    application.settings = settings.model_copy(update={"reconciliation": changed})


def standing(application: Application) -> Standing:
    reader = StandingReader(
        application.reconciliation_runs,
        application.reconciliation_log,
        ReconciliationNews(application).recent,
    )
    return reader.read()


def test_a_run_leaves_the_reports_that_are_wanted(application: Application, tmp_path: Path) -> None:
    with_settings(application, tmp_path / "reports")

    verdict = reconcile_and_report(application, date(2026, 3, 1))

    [run] = application.reconciliation_runs.reconciliation_runs()
    assert (run.verdict, run.key_date) == (verdict, date(2026, 3, 1))
    assert (tmp_path / "reports" / run.run_id / "reconciliation.jsonl").is_file()


def test_a_run_is_kept_where_its_reports_cannot_be_written(
    application: Application, tmp_path: Path
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file stands here", "utf-8")
    with_settings(application, blocked)

    assert reconcile_and_report(application, date(2026, 3, 1)) == "RECONCILED"
    assert len(application.reconciliation_runs.reconciliation_runs()) == 1


def test_the_job_reconciles_the_day_that_has_ended_once(application: Application) -> None:
    with_settings(application, daily_at=time(5))
    dates: list[date | None] = []

    def reconcile(key_date: date | None = None) -> str:
        dates.append(key_date)
        return reconcile_and_report(application, key_date)

    for _ in range(2):
        jobs = Jobs(application, lambda: False, reconcile)
        {job.name: job for job in jobs.all()}["reconcile"].work()

    assert dates == [date(2026, 3, 1)]


def test_the_standing_tells_run_verdict_and_age(application: Application) -> None:
    assert standing_rows(standing(application), application.clock.now()) == []
    reconcile_and_report(application, date(2026, 3, 1))

    found = standing(application)

    assert found.verdict == "RECONCILED"
    assert found.open_breaks == {"info": 0, "warning": 0, "error": 0}
    assert standing_json(found, application.clock.now())["key_date"] == "2026-03-01"


def test_metrics_tell_the_verdict_and_open_breaks_by_severity(application: Application) -> None:
    told = Standing(
        run_id="R1",
        key_date=date(2026, 3, 1),
        verdict="BREAKS",
        finished_at=datetime(2026, 3, 2, tzinfo=UTC),
        open_breaks={"error": 2, "warning": 0},
        oldest_seen_on=date(2026, 2, 27),
    )
    collector = StoreCollector(application.store, {}, lambda: told)

    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for metric in collector.collect()
        for sample in metric.samples
    }

    assert samples["sd_connector_reconciliation_verdict", "BREAKS"] == 1
    assert samples["sd_connector_open_breaks", "error"] == 2
    rows = standing_rows(told, datetime(2026, 3, 2, 12, tzinfo=UTC))
    assert rows[0] == "reconciliation: BREAKS at key date 2026-03-01, 12.0 h ago (R1)"
    assert rows[1] == "open breaks: 2 error, the oldest since 2026-02-27"


def away(*args: object, **more: object) -> NoReturn:
    raise ErpUnavailableError("no answer from the ERP")


def test_a_run_that_failed_leaves_its_row_and_a_report_that_says_why(
    application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_settings(application, tmp_path / "reports")
    monkeypatch.setattr(KeptRun, "work", away)

    with pytest.raises(ErpUnavailableError):
        reconcile_and_report(application, date(2026, 3, 1))

    [run] = application.reconciliation_runs.reconciliation_runs()
    assert run.verdict == "FAILED"
    written = (tmp_path / "reports" / run.run_id / "reconciliation.jsonl").read_text("utf-8")
    assert "no answer from the ERP" in written
    [row] = [row for row in standing_rows(standing(application), NOON) if "2026-03-01 is" in row]
    assert row == "2026-03-01 is FAILED: no answer from the ERP"


def with_bank_account(application: Application) -> None:
    account = BankAccountSettings(company_code="1000")
    application.settings = application.settings.model_copy(
        update={"statements": StatementSettings(accounts={"DE02120300000000202051": account})}
    )


def a_statement(until: str) -> bytes:
    day = until.replace("-", "")[2:]
    return (
        f":20:S1\n:25:DE02120300000000202051\n:28C:1/1\n:60F:C{day}EUR0,00\n:62F:C{day}EUR0,00\n-\n"
    ).encode()


def test_a_day_that_lacked_a_statement_is_run_again_when_the_statement_has_come(
    application: Application, tmp_path: Path
) -> None:
    with_bank_account(application)
    assert reconcile_and_report(application, date(2026, 3, 1)) == "INCOMPLETE"
    news = ReconciliationNews(application)
    [day] = news.recent()
    assert day.short == ("bank statements DE02120300000000202051",)
    assert not news.has_come(day)
    told = standing_json(standing(application), NOON)["unreliable"]
    assert "2026-03-01" in str(told)

    (tmp_path / "bank.sta").write_bytes(a_statement("2026-03-01"))
    application.clock.sleep(1)
    import_file(application, tmp_path / "bank.sta")

    assert news.has_come(day)
    assert reconcile_and_report(application, date(2026, 3, 1)) == "RECONCILED"
    assert news.recent() == ()


def test_orders_that_the_daemon_has_not_read_to_the_end_of_the_day_make_a_run_incomplete(
    application: Application,
) -> None:
    [channel] = list(application.settings.channels)
    note_intake(application.store.mirror, channel, datetime(2026, 2, 28, 9, tzinfo=UTC))
    assert reconcile_and_report(application, date(2026, 3, 1)) == "INCOMPLETE"
    news = ReconciliationNews(application)
    [day] = news.recent()
    assert "external orders" in day.short
    assert not news.has_come(day)

    note_intake(application.store.mirror, channel, datetime(2026, 3, 2, 9, tzinfo=UTC))

    assert news.has_come(day)
    assert reconcile_and_report(application, date(2026, 3, 1)) == "RECONCILED"


def test_the_daemon_looks_into_the_channels_before_it_reconciles_for_the_first_time(
    application: Application,
) -> None:
    [channel] = list(application.settings.channels)
    note_intake(application.store.mirror, channel, datetime(2026, 2, 28, 9, tzinfo=UTC))
    with_settings(application, daily_at=time(5))
    verdicts: list[str] = []

    def reconcile(key_date: date | None = None) -> str:
        verdicts.append(reconcile_and_report(application, key_date))
        return verdicts[-1]

    jobs = Jobs(application, lambda: False, reconcile)
    {job.name: job for job in jobs.all()}["reconcile"].work()

    assert verdicts == ["RECONCILED"]


def test_an_erp_that_was_never_reached_leaves_a_failed_run(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_settings(application, daily_at=time(5))
    monkeypatch.setattr(type(application.erp), "ping", away)
    monkeypatch.setattr(KeptRun, "work", away)
    jobs = Jobs(application, lambda: False, lambda day=None: reconcile_and_report(application, day))

    with pytest.raises(ErpUnavailableError):
        {job.name: job for job in jobs.all()}["reconcile"].work()

    [run] = application.reconciliation_runs.reconciliation_runs()
    assert (run.verdict, run.key_date) == ("FAILED", date(2026, 3, 1))
