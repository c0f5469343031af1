"""Errors become one message and an exit code, in one place."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from connector.cli.failures import Commands
from connector.errors import (
    ConfigurationError,
    ConnectorError,
    ErpUnavailableError,
    LogonRefusedError,
    MessageError,
    OutcomeUnknownError,
    RejectedError,
    TransientError,
)


def failing(error: Exception) -> typer.Typer:
    app = typer.Typer(cls=Commands, pretty_exceptions_enable=False)

    @app.callback()
    def start(debug: bool = False) -> None: ...

    @app.command("fail")
    def fail() -> None:
        raise error

    return app


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigurationError("x.yaml: a", "is wrong", "Correct it"), 2),
        (LogonRefusedError("erp", "the password is wrong"), 2),
        (ErpUnavailableError("no route to the ERP"), 3),
        (TransientError("the share is away"), 3),
        (RejectedError("the ERP says no"), 1),
        (MessageError("a.json", "is cut off", "an order"), 1),
        (OutcomeUnknownError("nobody answered"), 1),
    ],
)
def test_every_expected_error_has_its_code_and_no_traceback(
    error: ConnectorError, code: int
) -> None:
    result = CliRunner().invoke(failing(error), ["fail"])

    assert result.exit_code == code
    assert result.stderr == f"Error: {error}\n"
    assert result.stdout == ""


def test_the_traceback_is_shown_on_request() -> None:
    result = CliRunner().invoke(failing(TransientError("away")), ["--debug", "fail"])

    assert result.exit_code == 3
    assert "Traceback" in result.stderr


def test_a_defect_is_not_dressed_up_as_an_expected_error() -> None:
    result = CliRunner().invoke(failing(ZeroDivisionError("oops")), ["fail"])

    assert isinstance(result.exception, ZeroDivisionError)


def test_wrong_usage_has_code_2() -> None:
    assert CliRunner().invoke(failing(ValueError()), ["fial"]).exit_code == 2
