"""One report for all tests: they only read it."""

from __future__ import annotations

import pytest

from connector.reports.run_report.run_report import RunReport
from tests.reports.run_report.company import a_store, the_report


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> RunReport:
    """The end of March of a company with three currencies, worked on and signed."""
    with a_store(tmp_path_factory.mktemp("company")) as store:
        found = the_report(store)
        assert found.parts  # all that is read from the log is read while it is open
    return found
