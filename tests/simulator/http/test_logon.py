"""Who is let in, and what a session is."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests
from pydantic import SecretStr

from connector.simulator.http.front import PING, TOKEN, HttpFront
from connector.simulator.http.local import LOCAL_URL
from connector.simulator.http.messages import Headers, HttpRequest
from connector.simulator.http.settings import HttpSettings
from tests.simulator.http.conftest import PATH, Echo, Erp

URL = LOCAL_URL + PATH
COOKIE = "SAP_SESSIONID_SIM_100"


def users(settings: HttpSettings) -> None:
    settings.users = {"Tester": SecretStr("secret")}


def test_a_right_password_lets_in(session: requests.Session, settings: HttpSettings) -> None:
    users(settings)

    assert session.get(URL).json()["d"]["user"] == "TESTER"


@pytest.mark.parametrize("auth", [None, ("tester", "wrong"), ("other", "secret"), ("", "")])
def test_nobody_else_is_let_in(
    session: requests.Session, settings: HttpSettings, auth: tuple[str, str] | None
) -> None:
    users(settings)
    session.auth = auth

    response = session.get(URL)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Basic realm=")


def test_without_users_any_name_with_a_password_is_let_in(session: requests.Session) -> None:
    assert session.get(URL).status_code == 200
    session.cookies.clear()
    session.auth = ("tester", "")
    assert session.get(URL).status_code == 401


def test_a_user_is_locked_after_wrong_passwords(
    session: requests.Session, settings: HttpSettings
) -> None:
    users(settings)
    session.auth = ("tester", "wrong")
    for _ in range(settings.wrong_passwords_allowed):
        session.get(URL)

    session.auth = ("tester", "secret")

    assert session.get(URL).status_code == 401


def test_the_ping_says_that_the_server_is_reached(session: requests.Session) -> None:
    assert session.get(LOCAL_URL + PING).status_code == 200
    assert session.get(f"{LOCAL_URL}/nothing").status_code == 404


@pytest.mark.parametrize(("client", "status"), [("100", 200), ("200", 401), ("", 200)])
def test_the_client_must_be_the_one_there_is(
    session: requests.Session, client: str, status: int
) -> None:
    assert session.get(URL, params={"sap-client": client}).status_code == status
    assert session.get(URL, headers={"sap-client": client}).status_code == status


def test_a_session_is_opened_once_and_stands_for_the_logon(session: requests.Session) -> None:
    first = session.get(URL)
    second = session.get(URL)

    assert COOKIE in first.headers["Set-Cookie"]
    assert "Set-Cookie" not in second.headers
    assert session.cookies["sap-usercontext"] == "sap-client=100"
    session.auth = None
    assert session.get(URL).json()["d"]["user"] == "TESTER"


def test_a_session_ends_when_it_is_not_used(session: requests.Session, erp: Erp) -> None:
    session.get(URL)
    session.auth = None
    erp.clock.advance(timedelta(minutes=29))
    assert session.get(URL).status_code == 200

    erp.clock.advance(timedelta(minutes=31))

    assert session.get(URL).status_code == 401


def test_another_user_gets_another_session(session: requests.Session, echo: Echo) -> None:
    session.get(URL)
    session.auth = ("other", "x")
    session.get(URL)

    assert echo.seen[0].session != echo.seen[1].session


def test_a_token_by_client_credentials_lets_in(
    session: requests.Session, settings: HttpSettings, erp: Erp
) -> None:
    settings.oauth_clients = {"SHOP": SecretStr("s3cret")}
    session.auth = ("SHOP", "s3cret")
    answer = session.post(LOCAL_URL + TOKEN, data={"grant_type": "client_credentials"}).json()
    session.auth = None
    headers = {"Authorization": f"Bearer {answer['access_token']}"}

    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3600)
    assert session.get(URL, headers=headers).json()["d"]["user"] == "SHOP"
    erp.clock.advance(timedelta(hours=2))
    assert session.get(URL, headers=headers).status_code == 401


def test_the_secret_may_be_in_the_form(session: requests.Session, settings: HttpSettings) -> None:
    settings.oauth_clients = {"SHOP": SecretStr("s3cret")}
    session.auth = None
    form = {"grant_type": "client_credentials", "client_id": "SHOP", "client_secret": "s3cret"}

    assert session.post(LOCAL_URL + TOKEN, data=form).status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "client_id": "X"}, 401, "invalid_client"),
    ],
)
def test_a_token_is_refused_as_oauth_says(
    session: requests.Session, form: dict[str, str], status: int, error: str
) -> None:
    session.auth = None

    response = session.post(LOCAL_URL + TOKEN, data=form)

    assert (response.status_code, response.json()) == (status, {"error": error})


def test_tokens_can_be_forgotten(session: requests.Session, front: HttpFront) -> None:
    form = {"grant_type": "client_credentials"}
    token = session.post(LOCAL_URL + TOKEN, data=form).json()["access_token"]
    session.auth = None
    front.logon.forget_tokens()

    assert session.get(URL, headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_certificate_stands_for_its_user(front: HttpFront, settings: HttpSettings) -> None:
    def status(name: str, **headers: str) -> int:
        fields = list(headers.items())
        request = HttpRequest("GET", PATH, headers=Headers(fields), certificate=name)
        return front.answer(request).status

    assert status("shop.example") == 200
    settings.certificate_users = {"shop.example": "SHOP"}
    assert (status("shop.example"), status("other.example")) == (200, 401)
    assert status("", client_cn="shop.example") == 401
    settings.certificate_header = "client_cn"
    assert status("", client_cn="shop.example") == 200


def test_a_defect_of_a_face_is_a_500(
    session: requests.Session, caplog: pytest.LogCaptureFixture
) -> None:
    assert session.get(f"{URL}/fails").status_code == 500
    assert "KeyError" in caplog.text
