"""A channel profile that is wrong says where, and what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.errors import ConfigurationError
from connector.mappings.message_format import DelimitedMessage, JsonMessage
from connector.mappings.profile import load_profile
from connector.resources import shipped
from tests.mappings.support import PROFILE, TSV_PROFILE, profile_from


@pytest.mark.parametrize(
    "name", sorted(path.stem for path in shipped("config/channels").glob("*.yaml"))
)
def test_the_shipped_profiles_are_right(name: str) -> None:
    assert load_profile(shipped("config/channels") / f"{name}.yaml").channel == name


def test_a_profile_names_its_format(tmp_path: Path) -> None:
    assert isinstance(profile_from(tmp_path).message, JsonMessage)
    assert isinstance(profile_from(tmp_path, TSV_PROFILE).message, DelimitedMessage)


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (
            "  note: note",
            "  notes: note",
            "order.notes (line 13): is not a field of ExternalOrder. Did you mean 'note'?",
        ),
        (
            "    sku: sku",
            "    skuu: sku",
            "lines.skuu (line 17): is not a field of ExternalLine. Did you mean 'sku'?",
        ),
        ("message:", "mesage:", "mesage (line 3): is not a known key. Did you mean 'message'?"),
        (
            "  many: orders",
            "  mony: orders",
            "message.mony (line 6): is not a known key. Did you mean 'many'?",
        ),
        (
            "format: json",
            "format: jason",
            "message (line 3): Input tag 'jason' found using 'format' does not match any of",
        ),
        (
            "text(id)",
            "txt(id)",
            "external_id (line 10): `txt(id)`: there is no function txt(). Did you mean 'text'?",
        ),
        (
            "text(id)",
            "text(id",
            "order.external_id (line 10): `text(id`: is not a JMESPath expression",
        ),
        (
            "    quantity: quantity\n",
            "",
            "order.lines (line 14): has no expression for quantity. Add one",
        ),
        ("    each: lines\n", "", "order.lines (line 14): must be a mapping with `each`"),
        (
            "  note: note",
            "  note: 5",
            "(line 13): must be a JMESPath expression. Literals stand in quotes: 'EUR'",
        ),
        (
            "  note: note",
            "  note: {a: b}",
            "order.note (line 13): must be an expression, not a mapping",
        ),
        ("  note: note", "  note: note\n  note: memo", "line 14: the key 'note' is given twice"),
        (
            "  note: note",
            "  channel: note",
            "order.channel (line 13): is filled by the profile's own channel",
        ),
        ("channel: kiosk", "channel: Kiosk Nord", "channel (line 2): String should match pattern"),
        ("channel: kiosk", "channel: [", "expected"),
        (
            "many: orders",
            "many: orders\n  encoding: utf8x",
            "encoding (line 7): 'utf8x' is not an encoding; try utf-8 or cp1252",
        ),
    ],
)
def test_a_typo_is_named_with_file_key_line_and_the_nearest_right_name(
    tmp_path: Path, right: str, wrong: str, message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        profile_from(tmp_path, PROFILE.replace(right, wrong, 1))

    assert str(tmp_path / "kiosk.yaml") in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("group_by: order", "group_by: oder", "'oder' is not among the columns order, line"),
        ("[order, buyer]", "[order, bayer]", "'bayer' is not among the columns"),
        ("[order, line, sku,", "[order, order, sku,", "columns must be named differently"),
        ('delimiter: ";"', 'delimiter: ";;"', "is one character, or auto"),
    ],
)
def test_columns_that_contradict_each_other_are_refused(
    tmp_path: Path, right: str, wrong: str, message: str
) -> None:
    with pytest.raises(ConfigurationError, match="message") as caught:
        profile_from(tmp_path, TSV_PROFILE.replace(right, wrong, 1))

    assert message in str(caught.value)


def test_a_profile_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        load_profile(tmp_path / "none.yaml")

    latin = tmp_path / "latin.yaml"
    latin.write_bytes("channel: k\n# für\n".encode("latin-1"))
    with pytest.raises(ConfigurationError, match="is not UTF-8 text"):
        load_profile(latin)

    listed = tmp_path / "list.yaml"
    listed.write_text("- a\n- b\n")
    with pytest.raises(ConfigurationError, match="must be a mapping"):
        load_profile(listed)
