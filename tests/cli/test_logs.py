"""Logs are JSON for machines, lines for people, and hold no secrets."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from connector.cli.logs import configure_logging
from connector.clock import ManualClock

CLOCK = ManualClock(datetime(2026, 3, 2, 8, tzinfo=UTC))


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def logged(form: str = "json", level: str = "info") -> tuple[io.StringIO, Any]:
    stream = io.StringIO()
    configure_logging(form, level, clock=CLOCK, stream=stream)
    return stream, structlog.get_logger("connector.test")


def test_a_line_is_one_json_object_with_its_fields() -> None:
    stream, log = logged()

    log.bind(external_id="E1").info("step done", step="create sales order")

    assert json.loads(stream.getvalue()) == {
        "event": "step done",
        "external_id": "E1",
        "step": "create sales order",
        "level": "info",
        "logger": "connector.test",
        "at": "2026-03-02T08:00:00.000+00:00",
    }


def test_other_libraries_are_logged_the_same_way() -> None:
    stream, _ = logged()

    logging.getLogger("somebody").warning("lost %s", "it")

    line = json.loads(stream.getvalue())
    assert (line["event"], line["level"]) == ("lost it", "warning")


def test_lower_levels_are_left_out() -> None:
    stream, log = logged(level="warning")

    log.info("quiet")
    logging.getLogger("somebody").info("quiet")

    assert stream.getvalue() == ""


def test_values_of_secret_fields_are_masked() -> None:
    stream, log = logged()

    log.info("logon", rfc_password="hush", Token="hush")

    assert "hush" not in stream.getvalue()


def test_people_read_lines() -> None:
    stream, log = logged(form="console")

    log.info("step done", external_id="E1")

    assert "step done" in stream.getvalue()
    assert "external_id=E1" in stream.getvalue()


def test_without_a_terminal_automatic_means_json() -> None:
    stream, log = logged(form="auto")

    log.info("step done")

    assert json.loads(stream.getvalue())["event"] == "step done"


def test_an_exception_is_part_of_its_line() -> None:
    stream, log = logged()
    try:
        raise ZeroDivisionError("oops")
    except ZeroDivisionError:
        log.exception("failed")

    assert "ZeroDivisionError: oops" in json.loads(stream.getvalue())["exception"]


def test_a_run_that_is_left_out_because_the_last_one_goes_on_is_no_news() -> None:
    stream, _ = logged()

    scheduler = logging.getLogger("apscheduler.scheduler")
    scheduler.warning("Execution of job skipped: maximum number of running instances reached")
    logging.getLogger("apscheduler.executors.default").error("Job raised an exception")

    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == [
        "Job raised an exception"
    ]
