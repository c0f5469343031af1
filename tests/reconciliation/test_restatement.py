"""March reads as March whenever it is asked for, and what somebody added later is named."""

from __future__ import annotations

from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.store.sql_store import SqlStore
from tests.reconciliation.logbook import Logbook


def march(store: SqlStore) -> Logbook:
    logbook = Logbook(store)
    books = logbook.books
    books.post("90000006", "RV", "2026-03-01", "1190.00", billing_document="90000006", net_days=30)
    books.receive("P1", "400.00", "2026-03-20", invoice_reference="0090000006")
    return logbook


def open_items(run: ReconciliationRun) -> str:
    return ", ".join(str(row.total) for row in run.ageing)


def test_a_later_run_for_march_gives_the_figures_of_march(store: SqlStore) -> None:
    """What was cleared in April was open in March; nothing is restated by it."""
    logbook = march(store)
    first = logbook.run("2026-03-25")
    books = logbook.books
    books.post("1400000006", "DZ", "2026-04-10", "-790.00")
    books.clear(["90000006", "1400000001", "1400000006"], "1400000006", "2026-04-10")
    assert open_items(logbook.run("2026-04-15")) == ""

    again = logbook.run("2026-03-25", at="2026-05-02")

    assert open_items(again) == open_items(first) == "790.00 EUR"
    assert again.restated is None
    assert again.verdict is first.verdict


def test_a_document_entered_later_is_listed_with_the_figures_it_changed(store: SqlStore) -> None:
    logbook = march(store)
    first = logbook.run("2026-03-25")
    logbook.books.post(
        "90000007", "RV", "2026-03-24", "50.00", billing_document="90000007",
        entry_date="2026-04-02", net_days=30,
    )  # fmt: skip

    again = logbook.run("2026-03-25", at="2026-04-03")

    restated = again.restated
    assert restated is not None
    assert restated.earlier.run_id == first.header.run_id
    (late,) = restated.documents
    assert (late.document, str(late.amount)) == ("1000/0090000007/2026", "50.00 EUR")
    assert late.entered_on.isoformat() == "2026-04-02"
    changed = {f.name: (str(f.old), str(f.new), str(f.change)) for f in restated.figures}
    assert changed["ageing 1000/140000/EUR: total"] == ("790.00", "840.00", "50.00")
    assert restated.unexplained == ()


def test_a_figure_that_changed_without_a_document_is_named_as_that(store: SqlStore) -> None:
    """A clearing was taken back: the item is open in March again, and nobody entered anything."""
    logbook = march(store)
    books = logbook.books
    books.clear(["90000006"], "1400000009", "2026-03-21")
    logbook.run("2026-03-25")
    cleared = books.items[0]
    books.items[0] = cleared.model_copy(update={"clearing_document": None, "cleared_on": None})

    again = logbook.run("2026-03-25", at="2026-04-03")

    assert again.restated is not None
    assert again.restated.documents == ()
    assert [str(each) for each in again.restated.unexplained] == ["1,190.00 EUR"]


def test_the_first_run_of_a_day_restates_nothing(store: SqlStore) -> None:
    logbook = march(store)
    logbook.run("2026-03-24")

    run = logbook.run("2026-03-25")

    assert run.restated is None
    assert run.verdict is not Verdict.INCOMPLETE
