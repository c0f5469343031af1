"""Settings come from file and environment, and all of them are checked before anything starts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from connector.errors import ConfigurationError
from connector.settings import load_settings

Write = Callable[[str], Path]

CHANNEL = """
channels:
  shop:
    path: ../inbox
    profile: shop.profile
    rules: shop.rules
"""


def problem(file: Path) -> str:
    with pytest.raises(ConfigurationError) as raised:
        load_settings(file)
    return str(raised.value)


def test_an_empty_file_means_the_defaults(write: Write, folder: Path) -> None:
    settings = load_settings(write(""))

    assert settings.erp.driver == "simulator"
    assert settings.store.url == f"sqlite:///{folder.parent}/var/connector.sqlite3"
    assert settings.channels == {}


def test_relative_paths_start_from_the_settings_file(
    write: Write, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")

    shop = load_settings(write(CHANNEL)).channels["shop"]

    assert shop.path == tmp_path / "inbox"
    assert shop.profile == folder / "shop.profile"


def test_absolute_paths_stay_as_they_are(write: Write) -> None:
    settings = load_settings(write("store: {url: 'sqlite:////a/x.db'}\nplans: /\n"))

    assert settings.store.url == "sqlite:////a/x.db"
    assert settings.plans == Path("/")


def test_the_environment_wins_over_the_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SD_CONNECTOR__SYNC__WORKERS", "7")
    monkeypatch.setenv("SD_CONNECTOR__CHANNELS__SHOP__SETTLE_S", "0")
    monkeypatch.setenv("SD_CONNECTOR__RECONCILIATION__COMPANY_CODES", '["2000"]')

    settings = load_settings(write("sync: {workers: 2, lease_s: 9}" + CHANNEL))

    assert (settings.sync.workers, settings.sync.lease_s) == (7, 9)
    assert settings.channels["shop"].settle_s == 0
    assert settings.reconciliation.company_codes == ("2000",)


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_right_one(write: Write) -> None:
    text = problem(write("time_zone: UTC\nerp:\n  drivr: rfc\n"))

    assert "connector.yaml, line 3: erp.drivr" in text
    assert "Did you mean driver?" in text


def test_an_unknown_key_inside_a_channel_is_named_too(write: Write) -> None:
    text = problem(write(CHANNEL + "    pattern: ['*.json']\n"))

    assert "channels.shop.pattern" in text
    assert "Did you mean patterns?" in text


def test_an_unknown_variable_is_named_with_the_nearest_right_one(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SD_CONNECTOR__STOER__URL", "x")

    text = problem(write(""))

    assert "SD_CONNECTOR__STOER__URL" in text
    assert "Did you mean store?" in text


def test_an_unknown_key_behind_a_variable_names_the_variable(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SD_CONNECTOR__SYNC__WORKER", "3")

    text = problem(write(""))

    assert "environment: SD_CONNECTOR__SYNC__WORKER" in text
    assert "Did you mean workers?" in text


def test_a_wrong_type_says_what_was_expected(write: Write) -> None:
    text = problem(write("sync: {workers: many}"))

    assert "sync.workers" in text
    assert "'many' is not allowed, expected a valid integer" in text


def test_a_list_in_the_environment_that_is_no_json_says_how_to_write_one(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SD_CONNECTOR__RECONCILIATION__COMPANY_CODES", "1000")

    assert '["1000"]' in problem(write(""))


def test_all_mistakes_are_told_at_once(write: Write) -> None:
    text = problem(write("time_zone: Europe/Berlinn\nsync: {workers: 0}\n"))

    assert "2 settings are wrong" in text
    assert "time_zone" in text
    assert "sync.workers" in text


def test_a_key_that_stands_there_twice_is_refused(write: Write) -> None:
    text = problem(write("time_zone: UTC\nsync: {}\ntime_zone: Europe/Berlin\n"))

    assert "line 3: time_zone" in text
    assert "twice, first on line 1" in text


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"time_zone: [", "this is no YAML: line 1"),
        (b"- a\n- b\n", "there are no keys in it"),
        ("time_zone: M\u00fcnchen".encode("latin-1"), "the file is not UTF-8 (byte 13)"),
    ],
)
def test_a_file_that_is_no_settings_file_says_why(
    folder: Path, content: bytes, expected: str
) -> None:
    file = folder / "connector.yaml"
    file.write_bytes(content)

    assert expected in problem(file)


def test_a_missing_file_says_how_to_name_one(tmp_path: Path) -> None:
    assert "--config" in problem(tmp_path / "nowhere.yaml")


def test_a_folder_in_place_of_the_file_cannot_be_read(tmp_path: Path) -> None:
    assert "cannot be read" in problem(tmp_path)


def test_a_profile_that_does_not_exist_is_found_before_anything_starts(write: Write) -> None:
    text = problem(write(CHANNEL.replace("shop.profile", "shopp.profile")))

    assert "channels.shop.profile" in text
    assert "there is no file" in text


def test_a_plan_that_does_not_exist_names_the_nearest(write: Write) -> None:
    text = problem(write(CHANNEL + "    plan: standrad\n"))

    assert "channels.shop.plan" in text
    assert "did you mean standard?" in text


def test_a_simulator_elsewhere_has_no_state_here(write: Write) -> None:
    text = problem(write("erp: {simulator: {address: 'localhost:3300', state: x.json}}"))

    assert "leave out address, or" in text


def test_a_broken_list_in_the_environment_names_the_variable(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SD_CONNECTOR__RECONCILIATION__COMPANY_CODES", '["1000"')

    text = problem(write(""))

    assert "company_codes" in text.lower()
    assert '["1000"]' in text


def test_a_number_where_text_is_expected_is_one_error_that_says_to_quote_it(write: Write) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(write("reconciliation: {company_codes: [1000]}\n"))

    assert 'Quote it: "1000"' in str(caught.value)
    assert "at least 1 item" not in str(caught.value)
