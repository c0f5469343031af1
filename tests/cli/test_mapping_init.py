"""A shop that nobody prepared is mapped by YAML and tables alone, once a person has checked."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from openpyxl import Workbook
from typer.testing import Result

from connector.resources import shipped

Run = Callable[..., Result]


def purchase(number: int, *lines: tuple[str, int, str], **money: str) -> dict[str, Any]:
    """Return an order of a shop that is like no other: nested, keyed, in German, with commas."""
    return {
        "node": {
            "meta": {"guid": f"b7-{number:04}", "placed": 1794823961 + number, "lang": "de"},
            "buyer": {
                "ref": f"K-{number}",
                "given name": "Edda",
                "family name": "Wattenbek",
                "mail": "edda@example.com",
            },
            "deliver-to": {
                "street": "Am Siel",
                "house number": "4",
                "plz": "26434",
                "ort": "Horumersiel",
                "land": "DE",
            },
            "basket": {
                str(position): {
                    "artikel": {"artikelnummer": sku, "bezeichnung": f"Tee {sku}"},
                    "menge": quantity,
                    "einzelpreis": price,
                    "summe": shown(quantity * Decimal(price.replace(",", "."))),
                }
                for position, (sku, quantity, price) in enumerate(lines, 1)
            },
            "money": {"waehrung": "EUR", **money},
        }
    }


def shown(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")


TEASHOP = {
    "response": {
        "page": 1,
        "purchases": [
            purchase(
                1, ("TEE-100", 3, "4,90"), ("KLUNTJE-500", 1, "3,20"),
                versandkosten="4,90", rabatt="1,00", mwst="1,43", endbetrag="21,80",
            ),
            purchase(
                2, ("TEE-100", 10, "4,90"),
                versandkosten="0,00", rabatt="0,00", mwst="3,21", endbetrag="49,00",
            ),
            purchase(
                3, ("KLUNTJE-500", 2, "3,20"),
                versandkosten="4,90", rabatt="0,00", mwst="0,74", endbetrag="11,30",
            ),
        ],
    }
}  # fmt: skip


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """The messages of the tea shop."""
    file = tmp_path / "purchases.json"
    file.write_text(json.dumps(TEASHOP), "utf-8")
    return file


@pytest.fixture
def project(run: Run, sample: Path, tmp_path: Path) -> Path:
    """The folder of settings that was made from the messages of the tea shop."""
    result = run("mapping", "init", "teashop", sample, "--into", tmp_path / "project")
    assert result.exit_code == 1, result.output
    return tmp_path / "project"


def order_of(project: Path, channel: str = "teashop") -> dict[str, Any]:
    content = yaml.safe_load((project / f"channels/{channel}.yaml").read_text("utf-8"))
    found: dict[str, Any] = content["order"]
    return found


def fill(table: Path, **columns: str) -> None:
    """Fill the empty cells of a table as a consultant would."""
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({name: value or columns.get(name, "") for name, value in row.items()})


def fill_tables(project: Path) -> None:
    tables = project / "mappings/teashop"
    fill(tables / "skus.csv", material="CO-1100", unit="ST")
    fill(tables / "currencies.csv", sales_organization="1000", company_code="1000")
    fill(
        tables / "one_time_customers.csv",
        sold_to="90010", payer="90010", distribution_channel="10",
    )  # fmt: skip


def confirm(project: Path) -> None:
    """Remove the marks of both files, as a person does who has checked them."""
    for path in (project / "channels/teashop.yaml", project / "mappings/teashop.yaml"):
        lines = path.read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith("proposal:")]
        assert len(kept) == len(lines) - 1
        path.write_text("".join(kept), "utf-8")


def test_fields_are_found_in_messages_of_a_shape_nobody_has_seen(project: Path) -> None:
    order = order_of(project)

    assert order["external_id"] == "meta.guid"
    assert order["ordered_at"] == "instant(meta.placed, 'UTC', 'epoch')"
    assert order["customer"]["customer_id"] == "buyer.ref"
    assert order["shipping_address"]["street"] == (
        """joined(' ', ["deliver-to".street, "deliver-to"."house number"])"""
    )
    lines = order["lines"]
    assert lines["each"] == "entries(basket, 'key')"
    assert (lines["sku"], lines["quantity"]) == ("artikel.artikelnummer", "menge")
    assert lines["price"] == "decimal(einzelpreis, ',')"


def test_what_adds_up_tells_which_amount_is_which_and_that_tax_is_inside(project: Path) -> None:
    order = order_of(project)

    assert order["totals"] == {
        "tax": "decimal(money.mwst, ',')",
        "grand_total": "decimal(money.endbetrag, ',')",
    }
    assert order["taxes_included"] == "`true`"
    assert order["shipping"]["price"] == "decimal(money.versandkosten, ',')"
    assert order["discounts"]["amount"] == "abs(decimal(money.rabatt, ','))"


def test_the_envelope_is_found_however_deep(project: Path) -> None:
    profile = yaml.safe_load((project / "channels/teashop.yaml").read_text("utf-8"))

    assert profile["message"] == {
        "format": "json",
        "many": "response.purchases",
        "one": "node",
        "required": ["meta", "basket"],
    }


def test_yaml_and_tables_alone_map_the_shop_and_the_erp_comes_to_the_same_cent(
    run: Run, project: Path, sample: Path
) -> None:
    fill_tables(project)

    result = run(
        "-c", project / "connector.yaml", "dry-run", sample, "--channel", "teashop", "--simulate",
        "--json",
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [each["would_be_created"] for each in found] == [True, True, True]
    totals = [
        Decimal(each["priced"]["net_amount"]["amount"])
        + Decimal(each["priced"]["tax_amount"]["amount"])
        for each in found
    ]
    assert totals == [Decimal("21.80"), Decimal("49.00"), Decimal("11.30")]


def test_a_proposal_can_be_tried_and_no_order_goes_by_it_before_it_is_confirmed(
    run: Run, project: Path, sample: Path
) -> None:
    config = project / "connector.yaml"
    fill_tables(project)
    (project / "inbox/teashop/a.json").write_bytes(sample.read_bytes())

    refused = run("-c", config, "sync")
    assert refused.exit_code == 2
    assert "is a proposal" in refused.stderr
    assert run("-c", config, "dry-run", sample, "--channel", "teashop").exit_code == 0
    assert (project / "inbox/teashop/a.json").exists()

    confirm(project)
    done = run("-c", config, "sync")
    assert done.exit_code == 0, done.output
    listed = run("-c", config, "orders", "list", "--json")
    assert "b7-0001" in listed.stdout


def test_one_mark_alone_is_enough_to_refuse(run: Run, project: Path) -> None:
    rules = project / "mappings/teashop.yaml"
    marked = rules.read_text("utf-8")
    confirm(project)
    rules.write_text(marked, "utf-8")

    result = run("-c", project / "connector.yaml", "sync")

    assert result.exit_code == 2
    assert "teashop.yaml: proposal" in result.stderr


def test_config_check_finds_the_marks_and_no_mistake(run: Run, project: Path) -> None:
    result = run("-c", project / "connector.yaml", "config", "check", "--json")

    findings = json.loads(result.stdout)["findings"]
    assert result.exit_code == 1
    assert [each["code"] for each in findings if each["level"] == "error"] == []
    assert [each["code"] for each in findings].count("proposal") == 2


def test_what_is_open_is_told_and_stands_in_the_file(run: Run, project: Path, sample: Path) -> None:
    again = run("mapping", "init", "again", sample, "--into", project, "--json")

    questions = json.loads(again.stdout)["questions"]
    assert any("nothing says what was paid" in each for each in questions)
    assert any("payments" in each for each in questions)
    text = (project / "channels/again.yaml").read_text("utf-8")
    assert "nothing says what was paid" in text


def test_names_and_addresses_of_the_samples_are_in_no_file(project: Path) -> None:
    for path in [project / "channels/teashop.yaml", *(project / "mappings/teashop").iterdir()]:
        text = path.read_text("utf-8")
        for personal in ("Wattenbek", "Edda", "edda@", "Am Siel", "26434", "Horumersiel"):
            assert personal not in text, path


def test_nothing_that_is_there_is_written_over(run: Run, project: Path, sample: Path) -> None:
    profile = project / "channels/teashop.yaml"
    profile.write_text("mine", "utf-8")

    refused = run("mapping", "init", "teashop", sample, "--into", project)

    assert refused.exit_code == 2
    assert profile.read_text("utf-8") == "mine"
    run("mapping", "init", "teashop", sample, "--into", project, "--force")
    assert profile.read_text("utf-8") != "mine"


def test_settings_that_are_there_stay_and_what_to_add_is_told(
    run: Run, project: Path, sample: Path
) -> None:
    before = (project / "connector.yaml").read_text("utf-8")

    result = run("mapping", "init", "second", sample, "--into", project)

    assert (project / "connector.yaml").read_text("utf-8") == before
    assert "profile: channels/second.yaml" in result.stdout


def test_delimited_text_is_grouped_into_orders(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text(
        "Bestellnummer;Datum;Kundennummer;Artikelnr;Bezeichnung;Menge;Einzelpreis;Gesamtpreis\n"
        "4711;16.11.2026;K1;A-1;Schraube;100;0,05;5,00\n"
        "4711;16.11.2026;K1;A-2;Mutter;50;0,04;2,00\n"
        "4712;17.11.2026;K2;A-1;Schraube;10;0,05;0,50\n",
        "utf-8",
    )

    result = run("mapping", "init", "screws", file, "--into", tmp_path / "p", "--json")

    told = json.loads(result.stdout)
    assert (told["orders"], told["unreadable"]) == (2, [])
    profile = yaml.safe_load((tmp_path / "p/channels/screws.yaml").read_text("utf-8"))
    assert profile["message"]["group_by"] == "Bestellnummer"
    assert profile["message"]["same_in_all_lines"] == ["Bestellnummer", "Datum", "Kundennummer"]
    order = profile["order"]
    assert order["external_id"] == "Bestellnummer"
    assert order["ordered_at"] == "instant(Datum, 'Europe/Berlin', '%d.%m.%Y')"
    assert order["lines"]["price"] == "decimal(Einzelpreis, ',')"
    assert any("in which currency" in each for each in told["questions"])


def test_a_workbook_is_read_as_well(run: Run, tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    for row in (
        ("Order No", "Order Date", "Currency", "SKU", "Qty", "Unit Price"),
        ("A1", "2026-11-16", "EUR", "X", 2, 3),
        ("A1", "2026-11-16", "EUR", "Y", 1, 4),
        ("A2", "2026-11-17", "EUR", "X", 1, 3),
    ):
        book.active.append(row)
    book.save(tmp_path / "orders.xlsx")

    result = run(
        "mapping", "init", "sheets", tmp_path / "orders.xlsx", "--into", tmp_path / "p", "--json"
    )

    assert json.loads(result.stdout)["orders"] == 2
    assert order_of(tmp_path / "p", "sheets")["lines"]["price"] == '"Unit Price"'


def test_orders_are_found_in_xml_even_where_each_has_one_line(run: Run, tmp_path: Path) -> None:
    orders = "".join(
        f'<bestellung nr="{number}"><kopf><datum>2026-11-16T10:00:00+01:00</datum>'
        "<waehrung>EUR</waehrung></kopf><positionen><position><artikelnummer>X1</artikelnummer>"
        f"<menge>{number}</menge><preis>5.00</preis></position></positionen>"
        f"<summe>{number * 5}.00</summe></bestellung>"
        for number in (2, 3)
    )
    (tmp_path / "a.xml").write_text(f"<export>{orders}</export>", "utf-8")

    result = run("mapping", "init", "tags", tmp_path / "a.xml", "--into", tmp_path / "p", "--json")

    assert json.loads(result.stdout)["orders"] == 2
    profile = yaml.safe_load((tmp_path / "p/channels/tags.yaml").read_text("utf-8"))
    assert (profile["message"]["order"], profile["message"]["repeated"]) == (
        "bestellung",
        ["position"],
    )
    assert profile["order"]["totals"] == {"grand_total": "summe"}


@pytest.mark.parametrize(
    ("standard", "case"),
    [
        ("x12", "by-vendor-and-buyer-number"),
        ("edifact", "by-gtin-to-a-warehouse"),
        ("ubl", "peppol-with-tax-and-total"),
        ("cxml", "two-items-to-a-warehouse"),
        ("opentrans", "goods-for-a-branch"),
        ("idoc", "two-items-as-a-flat-file"),
        ("idoc", "two-items-as-xml"),
    ],
)
def test_a_standard_starts_from_the_shipped_mapping(
    run: Run, tmp_path: Path, standard: str, case: str
) -> None:
    (sample,) = (shipped(f"fixtures/orders/{standard}") / case).glob("order.*")

    result = run("mapping", "init", "partner", sample, "--into", tmp_path / "p", "--json")

    told = json.loads(result.stdout)
    assert (told["like"], told["orders"]) == (standard, 1)
    assert [each for each in told["findings"] if each["level"] == "error"] == []
    profile = yaml.safe_load((tmp_path / "p/channels/partner.yaml").read_text("utf-8"))
    assert profile["include"] == f"{standard}.yaml"
    assert profile["proposal"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b'{"message": "not an order"}', "no list that looks like the lines"),
        (b"{", "not JSON"),
        (b"just some text\nwithout columns\n", "no"),
    ],
)
def test_samples_that_are_no_orders_are_refused_in_one_line(
    run: Run, tmp_path: Path, content: bytes, told: str
) -> None:
    file = tmp_path / "sample"
    file.write_bytes(content)

    result = run("mapping", "init", "kiosk", file, "--into", tmp_path / "p")

    assert result.exit_code == 2
    assert told in result.stderr
    assert not (tmp_path / "p/channels").exists()


def test_a_shop_that_is_prepared_already_is_recognised(run: Run, tmp_path: Path) -> None:
    sample = shipped("fixtures/orders/shopify/several-lines") / "order.json"

    result = run("mapping", "init", "kiosk", sample, "--into", tmp_path / "p", "--json")

    asked = [each for each in json.loads(result.stdout)["questions"] if "shipped channel" in each]
    assert len(asked) == 1
    assert "shipped channel shopify reads all samples" in asked[0]


def test_a_name_that_is_none_is_refused(run: Run, sample: Path, tmp_path: Path) -> None:
    result = run("mapping", "init", "Tea Shop", sample, "--into", tmp_path / "p")

    assert result.exit_code == 2
    assert "is no name for a channel" in result.stderr
