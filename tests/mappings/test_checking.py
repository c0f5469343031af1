"""Everything that is wrong, dead or doubtful in profiles and rules is found at once, and named."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.mappings.checking.check import (
    check_channel,
    check_planned,
    check_profile,
    check_rules,
)
from connector.mappings.checking.findings import KINDS, Finding, Level
from connector.resources import shipped
from connector.sd_documents.values import DocumentCategory
from tests.mappings.support import PROFILE, RULES, SKUS

CHANNELS = sorted(path.stem for path in shipped("config/channels").glob("*.yaml"))
HEADER = '    division: {constant: "00"}\n'


def _found(folder: Path, text: str = RULES, **tables: str) -> list[Finding]:
    path = folder / "rules.yaml"
    path.write_text(text, "utf-8")
    for name, content in {"skus": SKUS, **tables}.items():
        (folder / f"{name}.csv").write_text(content, "utf-8")
    return check_rules(path)


def _told(findings: list[Finding]) -> list[tuple[str, int, str]]:
    return [(f.code, f.line, f"{f.key} {f.problem}".strip()) for f in findings]


def _with(*header: str) -> str:
    return RULES.replace(HEADER, HEADER + "".join(f"    {line}\n" for line in header))


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_shipped_channels_have_neither_mistakes_nor_doubts(channel: str) -> None:
    found = check_channel(
        shipped("config/channels") / f"{channel}.yaml",
        shipped("config/mappings") / f"{channel}.yaml",
    )

    assert [str(each) for each in found if each.level is not Level.NOTE] == []


def test_rules_that_are_right_have_no_findings(tmp_path: Path) -> None:
    assert _found(tmp_path) == []


def test_all_mistakes_are_told_at_once_with_line_and_nearest_name(tmp_path: Path) -> None:
    text = (
        RULES.replace("order.currency\n    requested", "ordr.currency\n    requested")
        .replace("sku.unit", "sku.unitt")
        .replace("day(order.ordered_at,", "day(order.ordered_at || ordr.x,")
    )

    found = _found(tmp_path, text)

    assert _told(found) == [
        (
            "wrong",
            12,
            "documents.sales_order.currency `ordr.currency`: there is no 'ordr' here",
        ),
        (
            "wrong",
            13,
            "documents.sales_order.requested_delivery_date "
            "`day(order.ordered_at || ordr.x, 'Europe/Berlin')`: there is no 'ordr' here",
        ),
        (
            "wrong",
            20,
            "documents.sales_order.items.unit `sku.unitt`: the table has no column 'unitt'",
        ),
    ]
    assert found[0].hint == "Did you mean 'order'?"
    assert found[2].hint == "Did you mean 'unit'?"
    assert all(each.level is Level.ERROR for each in found)


def test_all_misspelt_keys_are_told_at_once(tmp_path: Path) -> None:
    text = RULES.replace("material: sku", "materiel: sku").replace("division:", "divison:")

    told = _told(_found(tmp_path, text))

    assert ("wrong", 11, "documents.sales_order.divison is not a known key") in told
    assert ("wrong", 19, "documents.sales_order.items.materiel is not a known key") in told


def test_a_path_that_the_external_order_does_not_have_is_an_error(tmp_path: Path) -> None:
    text = _with("payment_terms: order.custmer.name", "order_reason: order.customer.nam").replace(
        "rate: line.price,", "rate: line.prise,"
    )

    found = [each for each in _found(tmp_path, text) if each.code == "unknown-path"]

    assert [(each.line, each.problem, each.hint) for each in found] == [
        (
            12,
            "`order.custmer.name`: the external order has no custmer",
            "Did you mean 'customer'?",
        ),
        (
            13,
            "`order.customer.nam`: the external order has no customer.nam",
            "Did you mean 'name'?",
        ),
        (24, "`line.prise`: the external order has no lines.prise", "Did you mean 'price'?"),
    ]


def test_what_an_entry_has_is_known_from_its_list(tmp_path: Path) -> None:
    text = RULES + (
        "    conditions:\n"
        "      - condition_type: HD00\n"
        "        each: order.shipping[?price]\n"
        "        rate: entry.prize\n"
    )

    assert [f.problem for f in _found(tmp_path, text)] == [
        "`entry.prize`: the external order has no shipping.prize"
    ]


@pytest.mark.parametrize(
    ("text", "tables", "told"),
    [
        (
            RULES.replace("  skus:", "  terms: {file: terms.csv, key: a}\n  skus:"),
            {"terms": "a,b\n"},
            ("unused-table", 5, "tables.terms no lookup uses 'terms'"),
        ),
        (
            RULES.replace("unit: sku.unit", "unit: {constant: ST}"),
            {},
            ("unused-column", 1, "no rule reads the column 'unit'"),
        ),
        (
            RULES.replace("tables:", "calendars: {works: {}}\ntables:"),
            {},
            ("unused-calendar", 4, "calendars.works nothing reads 'works'"),
        ),
        (
            RULES.replace(
                "documents:", "lookups:\n  own: {table: skus, by: order.note}\ndocuments:"
            ),
            {},
            ("unused-lookup", 7, "lookups.own nothing reads the lookup 'own'"),
        ),
        (
            _with("payment_terms:", "  - {constant: Z030}", "  - order.note"),
            {},
            (
                "unreachable",
                14,
                "documents.sales_order.payment_terms.1 is never reached: choice 1 before it "
                "always has a value",
            ),
        ),
        (
            _with(
                "payment_terms:",
                "  - {constant: A, when: order.note}",
                "  - {constant: B, when: order.note}",
            ),
            {},
            (
                "unreachable",
                14,
                "documents.sales_order.payment_terms.1 is never reached: choice 1 has the same "
                "`when`",
            ),
        ),
        (
            RULES.replace("when: line.price,", "when: '`false`',"),
            {},
            (
                "unreachable",
                22,
                "documents.sales_order.items.conditions.0.when `` `false` `` never holds".replace(
                    "`` `false` ``", "``false``"
                ),
            ),
        ),
        (
            RULES.replace(", missing: UNKNOWN_SKU", "").replace(
                "      unit: sku.unit\n", "      unit: sku.unit\n      item_text: sku.because\n"
            ),
            {},
            (
                "no-default",
                18,
                "documents.sales_order.items.lookups.sku has no `missing`, and "
                "documents.sales_order.items.item_text no default: without a row it stays empty",
            ),
        ),
        (
            _with("payment_terms: {lookup: {table: skus, by: order.note, column: because}}"),
            {},
            (
                "no-default",
                12,
                "documents.sales_order.payment_terms looks into skus and has no default: without "
                "a row it stays empty",
            ),
        ),
        (
            RULES.replace("{constant: TA}", "{constant: TA-LONG}"),
            {},
            (
                "value-refused",
                8,
                "documents.sales_order.sales_order_type.constant 'TA-LONG' does not fit "
                "sales_order_type: string should have at most 4 characters",
            ),
        ),
        (
            _with("delivery_block_reason: {value: order.note, default: '012'}"),
            {},
            (
                "value-refused",
                12,
                "documents.sales_order.delivery_block_reason.default '012' does not fit "
                "delivery_block_reason: string should have at most 2 characters",
            ),
        ),
        (
            RULES,
            {"skus": SKUS + "C,M-C,KARTON,\n"},
            ("value-refused", 4, "unit 'KARTON' does not fit unit: string should have at most 3"),
        ),
        (
            RULES,
            {"skus": SKUS + f"C,{'M' * 41},ST,\n"},
            ("value-refused", 4, f"material '{'M' * 40}..' does not fit material: string should"),
        ),
    ],
)  # fmt: skip
def test_what_is_dead_or_does_not_fit_is_found_with_its_line(
    tmp_path: Path, text: str, tables: dict[str, str], told: tuple[str, int, str]
) -> None:
    code, line, problem = told

    found = [each for each in _told(_found(tmp_path, text, **tables)) if each[0] == code]

    assert found, code
    assert found[0][:2] == (code, line)
    assert found[0][2].startswith(problem)


def test_what_is_filled_only_where_there_is_a_row_needs_no_default(tmp_path: Path) -> None:
    text = RULES.replace(", missing: UNKNOWN_SKU", "").replace(
        "      unit: sku.unit\n",
        "      unit: sku.unit\n      item_text: {value: sku.because, when: sku}\n",
    )

    assert _found(tmp_path, text) == []


def test_a_table_that_cannot_be_read_is_told_with_its_line(tmp_path: Path) -> None:
    [found] = _found(tmp_path, skus=SKUS + "A,M-C,ST,\n")

    assert (found.code, found.line, found.problem) == ("wrong", 4, "A is there already")
    assert found.file.endswith("skus.csv")


def test_findings_of_included_rules_name_the_included_file(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(_with("payment_terms: order.nota"), "utf-8")

    [found] = _found(tmp_path, "include: base.yaml\nchannel: kiosk\n")

    assert found.file == str(tmp_path / "base.yaml")
    assert (found.line, found.code) == (12, "unknown-path")


def _channel(folder: Path, profile: str, rules: str) -> list[Finding]:
    (folder / "profile.yaml").write_text(profile, "utf-8")
    (folder / "rules.yaml").write_text(rules, "utf-8")
    (folder / "skus.csv").write_text(SKUS, "utf-8")
    return check_channel(folder / "profile.yaml", folder / "rules.yaml")


def test_what_rules_read_and_the_profile_never_fills_is_a_warning(tmp_path: Path) -> None:
    [found] = _channel(tmp_path, PROFILE, _with("payment_terms: order.customer.name", "texts:",
                       "  - {text_id: '0001', content: order.note}"))  # fmt: skip

    assert (found.level, found.code, found.line) == (Level.WARNING, "never-filled", 12)
    assert found.problem == "`order.customer.name`: the profile never fills customer.name"
    assert found.hint == "Fill it in profile.yaml, or remove the rule"


def test_in_rules_for_all_shops_that_is_only_a_note(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(_with("payment_terms: order.customer.name"), "utf-8")

    found = _channel(tmp_path, PROFILE, "include: base.yaml\nchannel: kiosk\n")

    assert {(each.level, each.code) for each in found} == {
        (Level.NOTE, "never-filled"),
        (Level.NOTE, "not-read"),
    }


def test_what_the_profile_fills_and_no_rule_reads_is_a_note(tmp_path: Path) -> None:
    [found] = _channel(tmp_path, PROFILE, RULES)

    assert (found.level, found.code, found.problem) == (
        Level.NOTE,
        "not-read",
        "no rule reads order.note",
    )


def test_attributes_that_the_profile_names_are_known(tmp_path: Path) -> None:
    profile = PROFILE.replace("  note: note\n", "  attributes: {terms: terms}\n")
    right = _channel(tmp_path, profile, _with("payment_terms: order.attributes.terms"))
    wrong = _channel(tmp_path, profile, _with("payment_terms: order.attributes.term"))

    assert right == []
    assert [each.code for each in wrong] == ["never-filled", "not-read"]


def test_attributes_of_the_message_may_have_any_name(tmp_path: Path) -> None:
    profile = PROFILE.replace("  note: note\n", "  attributes: notes\n")

    assert _channel(tmp_path, profile, _with("payment_terms: order.attributes.term")) == []


def test_all_mistakes_of_a_profile_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "profile.yaml"
    path.write_text(
        PROFILE.replace("external_id", "externl_id").replace("    sku: sku", "    sku: trm(sku)")
    )

    found = check_profile(path)

    assert [(each.line, each.problem, each.hint) for each in found] == [
        (9, "has no expression for external_id", "Add one"),
        (10, "is not a field of ExternalOrder", "Did you mean 'external_id'?"),
        (17, "`trm(sku)`: there is no function trm()", "Did you mean 'trim'?"),
    ]


# The library itself warns of it, where nobody reads it.
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_a_text_in_backticks_is_doubtful_and_json_is_not(tmp_path: Path) -> None:
    text = _with(
        "order_reason: order.note == `late` && '001' || `null`",
        "delivery_block_reason: {value: order.note, when: 'order.note == `\"x\"`', because: a `b`}",
    )

    found = [each for each in _found(tmp_path, text) if each.code == "old-literal"]

    assert [(each.level, each.key, each.hint) for each in found] == [
        (Level.WARNING, "documents.sales_order.order_reason", "Write 'late'")
    ]
    assert found[0].problem == (
        "`late` in backticks is no JSON; JMESPath takes it for a text today and will refuse it "
        "one day"
    )
    assert found[0].line == text.partition("`late`")[0].count("\n") + 1


@pytest.mark.parametrize("content", ["", "- a", "a: [", "a: 1\na: 2", "documents: {x: {}}"])
def test_a_file_that_is_no_rules_file_is_a_finding_and_no_crash(
    tmp_path: Path, content: str
) -> None:
    assert {each.level for each in _found(tmp_path, content)} == {Level.ERROR}


def test_the_plan_is_held_against_the_rules(tmp_path: Path) -> None:
    _found(tmp_path)
    wanted = (DocumentCategory.INQUIRY,)

    found = check_planned(tmp_path / "rules.yaml", wanted)

    assert [(each.level, each.code) for each in found] == [
        (Level.WARNING, "no-rule"),
        (Level.NOTE, "not-planned"),
    ]
    assert found[0].hint == "Add documents.inquiry, or choose another plan"


def test_every_kind_of_finding_is_explained() -> None:
    assert all(kind.meaning.endswith(".") for kind in KINDS.values())
