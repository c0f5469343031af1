"""Orders and reconciliation know receipts by the same document types."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connector.bootstrap import build
from connector.bootstrap.application import Application
from connector.errors import ConfigurationError
from connector.store.sql_store import SqlStore
from tests.quiet_log import quiet_log
from tests.scenarios.worked_cases import a_case, case_plan


def receipt_types(application: Application) -> frozenset[str]:
    assert isinstance(application.store, SqlStore)
    return application.store.flows.receipt_types


def test_views_of_orders_go_by_the_document_types_of_the_reconciliation_rules(
    tmp_path: Path,
) -> None:
    with quiet_log(), a_case(tmp_path, "ecc", case_plan("ecc"), date(2026, 3, 2)) as case:
        assert receipt_types(case.installation.application) == {"DZ"}
        settings = case.installation.application.settings
        rules = {**settings.reconciliation.rules, "payment_document_types": ["DZ", "ZP"]}
        changed = settings.reconciliation.model_copy(update={"rules": rules})
        with build(settings.model_copy(update={"reconciliation": changed}), read_only=True) as own:
            assert receipt_types(own) == {"DZ", "ZP"}

        wrong = settings.reconciliation.model_copy(update={"rules": {"payment_types": ["ZP"]}})
        with (
            build(settings.model_copy(update={"reconciliation": wrong}), read_only=True) as own,
            pytest.raises(ConfigurationError, match="payment_types"),
        ):
            own.store.flows.ids()
