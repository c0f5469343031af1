"""Secrets come from the environment or from files of their own, and are never shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from connector.errors import ConfigurationError
from connector.settings import RfcSettings, load_settings

Write = Callable[[str], Path]

RFC = """
erp:
  driver: rfc
  rfc: {ashost: sap.example, sysnr: "00", client: "100", user: CONNECTOR%s}
"""


def rfc(file: Path) -> RfcSettings:
    settings = load_settings(file).erp.rfc
    assert settings is not None
    return settings


def test_a_password_of_the_environment_is_used_and_not_shown(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SD_CONNECTOR__ERP__RFC__PASSWORD", "hush")

    settings = rfc(write(RFC % ""))

    secret = settings.secret()
    assert secret is not None
    assert secret.get_secret_value() == "hush"
    assert "hush" not in repr(settings)


def test_a_password_file_is_read_up_to_the_end_of_its_line(write: Write, folder: Path) -> None:
    (folder / "secret").write_text(" hu sh \n", "utf-8")

    secret = rfc(write(RFC % ", password_file: secret")).secret()

    assert secret is not None
    assert secret.get_secret_value() == " hu sh "


def test_a_password_in_the_settings_file_is_refused_and_not_repeated(write: Write) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load_settings(write(RFC % ", password: hush"))

    assert "SD_CONNECTOR__ERP__RFC__PASSWORD" in str(raised.value)
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", "there is no password"),
        (", password_file: nowhere", "cannot be read"),
        (", password_file: plans", "cannot be read"),
        (", password_file: shop.rules", "is empty"),
    ],
)
def test_a_missing_password_is_found_before_anything_starts(
    write: Write, more: str, expected: str
) -> None:
    with pytest.raises(ConfigurationError, match=expected):
        load_settings(write(RFC % more))


def test_two_passwords_are_one_too_many(
    write: Write, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "secret").write_text("a", "utf-8")
    monkeypatch.setenv("SD_CONNECTOR__ERP__RFC__PASSWORD", "hush")

    with pytest.raises(ConfigurationError, match="leave one of them out") as raised:
        load_settings(write(RFC % ", password_file: secret"))

    assert "hush" not in str(raised.value)


def test_an_instance_number_without_quotes_says_what_was_expected(write: Write) -> None:
    with pytest.raises(ConfigurationError, match=r"sysnr.*expected a valid string"):
        load_settings(write(RFC.replace('"00"', "7") % ""))
