"""Money on account keeps the id and the age of its receipt, however much of it was used."""

from __future__ import annotations

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import Break, Difference
from tests.reconciliation.books import NET_30, Books, day, line


def invoices(*grosses: str) -> tuple[Books, list[str]]:
    """An order for each amount, delivered and billed on 1 March."""
    books, numbers = Books(), []
    for place, net in enumerate(grosses, 1):
        name = f"EXT-{place}"
        books.sell(name, [line(1, net)], "2026-03-01")
        order = books.order(name, "2026-03-01")
        books.deliver(order, "2026-03-01")
        numbers.append(books.bill(order, "2026-03-01", terms=NET_30))
    return books, numbers


def on_account(books: Books, key_date: str) -> list[Difference]:
    run = books.reconcile(key_date)
    return [each for each in (*run.pending, *run.breaks) if each.code is BreakCode.UNAPPLIED_CASH]


def use(books: Books, money: str, invoice: str, rest: str, by: str, on: str) -> None:
    """Clear *invoice* with *money* on account; what is left is posted by the clearing."""
    books.post(by, "AB", on, f"-{rest}")
    books.clear([money, invoice], by, on)


def test_what_is_left_of_a_receipt_is_the_receipt_s_difference() -> None:
    books, (first, second) = invoices("100.00", "50.00")
    receipt = books.receive("", "400.00", "2026-03-05", document="1400000102")
    use(books, receipt, first, "281.00", "0100000001", "2026-03-10")
    use(books, "0100000001", second, "221.50", "0100000002", "2026-03-25")

    before, between, after = (
        on_account(books, each) for each in ("2026-03-09", "2026-03-24", "2026-03-31")
    )

    assert [len(each) for each in (before, between, after)] == [1, 1, 1]
    assert {each[0].id for each in (before, between, after)} == {before[0].id}
    amounts = [str(each[0].difference) for each in (before, between, after)]
    assert amounts == ["-400.00 EUR", "-281.00 EUR", "-221.50 EUR"]
    assert {each[0].since for each in (before, between, after)} == {day("2026-03-05")}
    assert isinstance(between[0], Break), "it has waited since 5 March"
    assert "left of FI document 1000/1400000102/2026" in after[0].text


def test_money_that_was_used_up_leaves_no_difference_and_new_money_one_of_its_own() -> None:
    books, (first,) = invoices("100.00")
    receipt = books.receive("", "119.00", "2026-03-05", document="1400000102")
    books.clear([receipt, first], "0100000001", "2026-03-10")
    books.receive("", "70.00", "2026-03-11", document="1400000103")

    (before,) = on_account(books, "2026-03-09")
    (after,) = on_account(books, "2026-03-12")

    assert before.id != after.id
    assert after.key("document") == "1400000103/2026"


def test_two_rests_of_one_receipt_are_two_differences() -> None:
    books, (first,) = invoices("100.00")
    receipt = books.receive("", "400.00", "2026-03-05", document="1400000102")
    books.post("0100000001", "AB", "2026-03-10", "-200.00")
    books.post("0100000001", "AB", "2026-03-10", "-81.00")
    books.clear([receipt, first], "0100000001", "2026-03-10")
    (before,) = on_account(books, "2026-03-09")

    ids = [each.id for each in on_account(books, "2026-03-12")]

    assert len(set(ids)) == 2
    assert before.id in ids
