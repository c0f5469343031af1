"""Statements and payouts in the store: each line once, and what contradicts it beside it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from connector.errors import ConfigurationError
from connector.ports.statements import AddedReading
from connector.resources import shipped
from connector.statements.reading import read_statements
from connector.store.sql_store import SqlStore

AT = datetime(2026, 11, 9, 8, tzinfo=UTC)


def content(name: str, before: str = "", after: str = "") -> bytes:
    found = (shipped("fixtures/finance/statements") / name).read_bytes()
    assert before.encode() in found
    return found.replace(before.encode(), after.encode(), 1)


def add(
    store: SqlStore, name: str, before: str = "", after: str = "", *, source: str = ""
) -> AddedReading:
    return store.statements.add(read_statements(content(name, before, after), source or name), AT)


def test_what_was_added_is_read_back_as_it_was(store: SqlStore) -> None:
    reading = read_statements(content("camt053-november.xml"), "a.xml")
    added = store.statements.add(reading, AT)

    assert (added.added, added.replayed) == (6, 0)
    assert store.statements.bank_statements() == reading.statements


def test_a_file_delivered_twice_under_another_name_adds_nothing(store: SqlStore) -> None:
    add(store, "camt053-november.xml")
    again = add(store, "camt053-november.xml", source="another.xml")

    assert again.summary == "0 lines added, 6 replays skipped"
    assert len(store.statements.bank_statements()) == 1


def test_the_same_bank_line_in_one_file_twice_is_one_line(store: SqlStore) -> None:
    whole = content("mt940-november.sta").decode("latin-1")
    doubled = (whole + whole).encode("latin-1")

    added = store.statements.add(read_statements(doubled, "twice.sta"), AT)

    assert (added.added, added.replayed) == (3, 3)


def test_a_line_that_comes_again_with_another_amount_never_replaces_the_first(
    store: SqlStore,
) -> None:
    add(store, "mt940-november.sta")
    again = add(store, "mt940-november.sta", "CR1190,00", "CR1290,00")

    assert [str(line.amount) for line in store.statements.bank_statements()[0].lines[:1]] == [
        "1,190.00 EUR"
    ]
    assert (
        "was read as 1,190.00 EUR of 2026-11-02, and came again as 1,290.00" in again.conflicts[0]
    )
    assert [each.text for each in store.statements.conflicts()] == list(again.conflicts)


def test_the_same_contradiction_is_one_thing_to_decide(store: SqlStore) -> None:
    add(store, "mt940-november.sta")
    for _ in range(2):
        add(store, "mt940-november.sta", "CR1190,00", "CR1290,00")

    (conflict,) = store.statements.conflicts()
    store.statements.decide(conflict.id, "anna", "the bank confirmed it", AT)

    assert store.statements.conflicts() == ()
    assert store.statements.conflicts(decided=True)[0].decided_by == "anna"
    with pytest.raises(ValueError, match="was decided by anna before"):
        store.statements.decide(conflict.id, "berta", "", AT)


def test_a_corrected_statement_takes_the_place_of_one_with_problems(store: SqlStore) -> None:
    broken = add(store, "camt053-november.xml", ">99.75<", ">99,75<")
    assert broken.problems
    corrected = add(store, "camt053-november.xml")

    (statement,) = store.statements.bank_statements()
    assert corrected.added == 1
    assert not statement.problems
    assert len(statement.lines) == 6


def test_totals_and_lines_of_a_payout_come_together_from_two_files(store: SqlStore) -> None:
    add(store, "stripe-payouts.json")
    add(store, "stripe-balance-transactions.json")
    again = add(store, "stripe-report.csv")

    payout, manual = store.statements.payouts()
    assert (again.added, again.replayed) == (0, 3)
    assert len(payout.lines) == 3
    assert payout.of_lines == payout.amount
    assert not manual.is_decomposed


def test_a_payout_in_a_second_format_with_other_ids_adds_nothing_and_waits_for_a_person(
    store: SqlStore,
) -> None:
    add(store, "shopify-payout.json")
    (before,) = store.statements.payouts()
    again = add(store, "shopify-transactions.csv")
    third = add(store, "shopify-transactions.csv", source="another.csv")

    assert (again.added, again.replayed, third.added) == (0, 0, 0)
    assert "read already from shopify-payout.json as shopify-json" in again.conflicts[0]
    assert "keep to one way" in again.conflicts[0]
    assert store.statements.payouts() == (before,)
    assert [each.text for each in store.statements.conflicts()] == list(again.conflicts)


def test_totals_from_the_api_and_lines_from_an_export_are_one_payout(store: SqlStore) -> None:
    whole = content("shopify-payout.json").decode("utf-8")
    header = whole.split('{"transactions"', 1)[0].rstrip().rstrip(",") + "]"
    store.statements.add(read_statements(header.encode(), "header.json"), AT)

    lines = add(store, "shopify-transactions.csv")

    (payout,) = store.statements.payouts()
    assert lines.conflicts == ()
    assert payout.is_amount_stated
    assert payout.of_lines == payout.amount


def test_lines_until_a_day_are_those_booked_by_then(store: SqlStore) -> None:
    add(store, "mt940-november.sta")
    add(store, "stripe-report.csv")

    (statement,) = store.statements.bank_statements(until=date(2026, 11, 30))
    assert len(statement.lines) == 2
    assert store.statements.bank_statements(until=date(2026, 10, 31)) == ()
    assert store.statements.payouts(until=date(2026, 11, 6)) == ()


def test_problems_of_a_file_stand_until_a_file_of_its_name_has_none(store: SqlStore) -> None:
    add(store, "stripe-balance-transactions.json", '"has_more": false', '"has_more": true')
    assert store.statements.files()[0].standing_problems
    add(store, "stripe-balance-transactions.json")

    assert [each.standing_problems for each in store.statements.files()] == [(), ()]


@pytest.mark.parametrize(
    "table", ["statement_file", "bank_statement", "bank_line", "payout_report", "payout_line"]
)
def test_the_database_refuses_to_change_what_was_read(store: SqlStore, table: str) -> None:
    add(store, "mt940-november.sta")
    add(store, "stripe-report.csv")

    with pytest.raises(ConfigurationError, match="append-only"):
        store._database.write(lambda connection: connection.execute(text(f"DELETE FROM {table}")))


def short(store: SqlStore, name: str, source: str) -> AddedReading:
    return add(store, name, '"has_more": false', '"has_more": true', source=source)


def ends(store: SqlStore) -> dict[str, str]:
    return {each.source: each.ended_by for each in store.statements.files()}


def test_a_list_that_goes_on_is_made_good_by_a_complete_one_of_another_name(
    store: SqlStore,
) -> None:
    short(store, "stripe-payouts.json", "page-1.json")
    assert store.statements.files()[0].is_short

    add(store, "stripe-payouts.json", source="whole.json")

    assert ends(store) == {"page-1.json": "whole.json, which is complete", "whole.json": ""}
    assert [each.standing_problems for each in store.statements.files()] == [(), ()]
    assert not any(each.is_short for each in store.statements.files())


def test_a_complete_list_of_something_else_makes_nothing_good(store: SqlStore) -> None:
    short(store, "stripe-balance-transactions.json", "lines-of-po_1.json")

    add(store, "stripe-payouts.json")
    add(store, "stripe-report.csv")

    assert ends(store)["lines-of-po_1.json"] == ""


def test_a_page_that_goes_on_itself_makes_nothing_good(store: SqlStore) -> None:
    short(store, "stripe-payouts.json", "page-1.json")
    short(store, "stripe-payouts.json", "page-2.json")

    assert set(ends(store).values()) == {""}


def test_a_person_lets_the_problems_of_a_file_be_once(store: SqlStore) -> None:
    short(store, "stripe-payouts.json", "page-1.json")
    (file,) = store.statements.files()

    dismissed = store.statements.dismiss(file.id, "ada", "an older test account", AT)

    assert dismissed.ended_by == "ada: an older test account"
    assert store.statements.files()[0].standing_problems == ()
    with pytest.raises(ValueError, match="ada: an older test account"):
        store.statements.dismiss(file.id, "bob", "once more", AT)
    with pytest.raises(ValueError, match="there is no file 99"):
        store.statements.dismiss(99, "bob", "which one", AT)
