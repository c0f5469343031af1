"""A history becomes a company, and its documents an oracle."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connector.errors import ConfigurationError
from connector.resources import shipped
from connector.sd_documents.sales_document import (
    PostedSalesDocument,
    PostedSalesDocumentItem,
    SalesArea,
)
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory, Money, Quantity
from connector.simulator.engine.master_data import MasterData
from connector.simulator.history.comparison import compare
from connector.simulator.history.files import is_history, read_history, years_of
from connector.simulator.history.folder import write_company

DOCUMENTS = """\
SALESDOCUMENT,SALESDOCUMENTITEM,SALESORGANIZATION,DISTRIBUTIONCHANNEL,DIVISION,MATERIAL,\
SOLDTOPARTY,SALESDOCUMENTDATE,REQUESTEDDELIVERYDATE,ORDERQUANTITY,ORDERQUANTITYUNIT,NETAMOUNT,\
TRANSACTIONCURRENCY,TAXAMOUNT,COSTAMOUNT,SUBTOTAL1AMOUNT,PLANT
700,10,NO01,WH,OU,TENT,501,20210104,20210118,2,EA,190.00,EUR,36.10,100,200,PL01
700,20,NO01,WH,OU,ROPE,501,20210104,20210118,1,EA,9.50,EUR,1.81,4,10,PL01
701,10,NO01,WH,OU,TENT,502,20210601,20210618,1,EA,120.00,EUR,22.80,50,120,PL01
"""
CUSTOMERS = """\
Customer,Name,Postal Code,City,Region,Country,Number of Records
501,Camp North,20095,Hamburg,02,DE,1
502,Hill House,80331,München,09,DE,1
Overall Result,,,,,,2
"""
MATERIALS = """\
Material,Name,Material type,Base Unit of Measure,Material Group,Net weight
TENT,Tent for two,HAWA,each,CAMP,3200
ROPE,Rope,HAWA,each,CAMP,400
Overall Result,,,,,NONEX
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "documents_2021.csv").write_text(DOCUMENTS, encoding="utf-8")
    (tmp_path / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    (tmp_path / "materials.csv").write_text(MATERIALS, encoding="utf-8")
    (tmp_path / "orders_2021.tsv").write_text("", encoding="utf-8")
    return tmp_path


def created(
    number: str, day: date, sold_to: str, *lines: tuple[str, int, str, str, str]
) -> PostedSalesDocument:
    """Build what the ERP would answer; each line is material, quantity, gross, net, tax."""

    def euros(amount: str | Decimal) -> Money:
        return Money(amount=Decimal(amount), currency="EUR")

    items = tuple(
        PostedSalesDocumentItem(
            item_number=10 * position,
            material=material,
            requested_quantity=Quantity(value=Decimal(quantity), unit="EA"),
            confirmed_quantity=Quantity(value=Decimal(quantity), unit="EA"),
            item_category="TAN",
            net_amount=euros(net),
            tax_amount=euros(tax),
            gross_amount=euros(gross),
            cost_amount=euros("0"),
            delivery_status=Status.NOT_YET,
            billing_status=Status.NOT_RELEVANT,
            overall_status=Status.NOT_YET,
        )
        for position, (material, quantity, gross, net, tax) in enumerate(lines, start=1)
    )
    return PostedSalesDocument(
        number=number.zfill(10),
        category=DocumentCategory.SALES_ORDER,
        sales_order_type="TA",
        sales_area=SalesArea(sales_organization="NO01", distribution_channel="WH", division="OU"),
        purchase_order_by_customer=f"REF-{number}",
        document_date=day,
        sold_to_party=sold_to.zfill(10),
        currency="EUR",
        items=items,
        net_amount=euros(sum((item.net_amount.amount for item in items), Decimal(0))),
        tax_amount=euros(sum((item.tax_amount.amount for item in items), Decimal(0))),
        delivery_status=Status.NOT_YET,
        billing_status=Status.NOT_RELEVANT,
        overall_status=Status.NOT_YET,
    )


FIRST = created(
    "700",
    date(2021, 1, 4),
    "501",
    ("TENT", 2, "200", "190.00", "36.10"),
    ("ROPE", 1, "10", "9.50", "1.81"),
)
SECOND = created("701", date(2021, 6, 1), "502", ("TENT", 1, "120", "120.00", "22.80"))


def test_a_folder_with_orders_and_documents_of_a_year_is_a_history(folder: Path) -> None:
    assert is_history(folder)
    assert years_of(folder) == (2021,)
    assert not is_history(folder / "elsewhere")


def test_totals_over_all_records_are_no_master_records(folder: Path) -> None:
    history = read_history(folder, 2021)

    assert [row["Customer"] for row in history.customers] == ["501", "502"]
    assert [row["Material"] for row in history.materials] == ["TENT", "ROPE"]


def test_a_missing_year_is_named_together_with_those_that_exist(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"orders_2019\.tsv: not found.*2021"):
        read_history(folder, 2019)


def test_a_bad_amount_is_named_with_file_line_and_column(folder: Path) -> None:
    path = folder / "documents_2021.csv"
    path.write_text(DOCUMENTS.replace("190.00,EUR", "19o.00,EUR"), encoding="utf-8")

    with pytest.raises(ConfigurationError, match=r"line 2, NETAMOUNT: '19o\.00' is not a number"):
        read_history(folder, 2021)


def test_the_company_sells_at_the_prices_of_its_documents_and_from_their_day_on(
    folder: Path, tmp_path: Path
) -> None:
    write_company(read_history(folder, 2021), shipped("fixtures/erp"), tmp_path / "company")
    company = MasterData.load(tmp_path / "company")
    area = ("NO01", "WH", "OU")

    def price(material: str, on: date) -> Decimal:
        record = company.condition_record(
            "PR00", area, customer="0000000501", material=material, currency="EUR", on=on
        )
        assert record is not None
        return record.amount

    assert price("TENT", date(2021, 1, 4)) == 100
    assert price("TENT", date(2021, 5, 31)) == 100
    assert price("TENT", date(2021, 6, 1)) == 120
    assert price("ROPE", date(2021, 6, 1)) == 10
    rule = company.tax_rule("DE", "DE", "1", "1", date(2021, 1, 4))
    assert rule is not None
    assert rule.rate == 19
    assert company.customers["0000000502"].city == "München"
    assert company.number_ranges["sales", "TA"].from_number == 700


def test_a_tax_rate_that_changed_is_valid_from_its_day_on(folder: Path, tmp_path: Path) -> None:
    path = folder / "documents_2021.csv"
    path.write_text(DOCUMENTS.replace("EUR,22.80", "EUR,19.20"), encoding="utf-8")

    write_company(read_history(folder, 2021), shipped("fixtures/erp"), tmp_path / "company")
    company = MasterData.load(tmp_path / "company")

    rates = []
    for day in (date(2021, 1, 4), date(2021, 5, 31), date(2021, 6, 1), date(2021, 12, 31)):
        rule = company.tax_rule("DE", "DE", "1", "1", day)
        assert rule is not None
        rates.append(rule.rate)
    assert rates == [19, 19, 16, 16]


def test_a_customer_that_the_files_lack_is_named_with_its_document(
    folder: Path, tmp_path: Path
) -> None:
    path = folder / "customers.csv"
    path.write_text(CUSTOMERS.replace("502,", "503,"), encoding="utf-8")

    with pytest.raises(
        ConfigurationError, match=r"customers\.csv: has no 502, which document 701 item 10 names"
    ):
        write_company(read_history(folder, 2021), shipped("fixtures/erp"), tmp_path / "company")


def test_documents_that_agree_item_by_item_are_equal(folder: Path) -> None:
    result = compare(read_history(folder, 2021).items, [SECOND, FIRST])

    assert result.is_equal
    assert (result.documents, result.items, result.equal, result.same_number) == (2, 3, 2, 2)


def test_a_cent_in_one_item_is_a_difference_that_names_it(folder: Path) -> None:
    off = created("701", date(2021, 6, 1), "502", ("TENT", 1, "120", "120.00", "22.81"))

    result = compare(read_history(folder, 2021).items, [FIRST, off])

    assert result.different == 1
    assert [str(each) for each in result.differences] == [
        "701 tax_amount: expected 22.80, got 22.81",
        "701/10 tax_amount: expected 22.80, got 22.81",
    ]


def test_missing_and_surplus_documents_are_differences(folder: Path) -> None:
    items = read_history(folder, 2021).items
    other = created("702", date(2021, 7, 1), "502", ("ROPE", 9, "90", "90.00", "17.10"))

    missing = compare(items, [FIRST])
    surplus = compare(items, [FIRST, SECOND, other])

    assert [str(each) for each in missing.differences] == [
        "701 document: expected created, got missing"
    ]
    assert [str(each) for each in surplus.differences] == [
        "702 document: expected none, got created"
    ]


def test_a_history_with_nothing_in_it_is_not_equal() -> None:
    assert not compare([], []).is_equal
