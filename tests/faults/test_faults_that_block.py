"""What the ERP blocks after it was made waits in the ERP, and goes on when it is released there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.bootstrap.fault_catalogue import ENGINE
from connector.sd_documents.status import CreditStatus
from connector.sync.progress import Stage, stage_of
from tests.faults.trial import ONE_OF_EACH, Trial, a_trial


@pytest.fixture(params=("ecc", "s4-mixed"))
def trial(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Trial]:
    with a_trial(tmp_path, request.param) as found:
        yield found


def test_credit_block_an_order_waits_until_it_is_released_in_the_erp(trial: Trial) -> None:
    trial.inject(ENGINE, "credit block", "create sales document", skip=1)
    trial.receive()
    trial.later(hours=3)

    assert trial.documents() == {**dict.fromkeys(ONE_OF_EACH, 0), "sales": 1}
    assert [step.attempt for step in trial.view.steps] == [1], "nothing is tried in vain"
    assert stage_of(trial.view) is Stage.CONFIRMED
    [order] = trial.view.sales_documents
    assert order.credit_status is CreditStatus.NOT_OK

    with trial.simulator.erp.session("MILLER") as session:
        assert session.release_credit(order.number).accepted
        session.commit(wait=True)
    trial.settle()
    assert trial.documents() == ONE_OF_EACH
    assert stage_of(trial.view) is Stage.COMPLETED


def test_account_determination_an_invoice_waits_until_it_is_posted_in_the_erp(trial: Trial) -> None:
    trial.inject(ENGINE, "account determination", "create billing documents")
    trial.receive()
    trial.later(hours=3)

    assert trial.documents() == {**ONE_OF_EACH, "payment": 0}
    assert stage_of(trial.view) is not Stage.COMPLETED
    [invoice] = trial.view.billing_documents

    with trial.simulator.erp.session("MILLER") as session:
        assert session.release_billing_to_accounting(invoice.number).accepted
        session.commit(wait=True)
    trial.settle()
    assert trial.documents() == ONE_OF_EACH
    assert stage_of(trial.view) is Stage.COMPLETED
