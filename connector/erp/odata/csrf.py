"""
Anti-forgery tokens: fetched with a read, sent with every write, held together with the cookies.

The gateway compares the token with the session's cookies, whose names vary, so all of them are
kept. A token is renewed when the session rested: fetching it also proves that the ERP is there
and opens the connection before a write depends on both.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from connector.erp.http.errors import refusal_of
from connector.erp.http.exchange import Answer, Call
from connector.erp.http.session import HttpSession
from connector.errors import TransientError

HEADER: Final = "X-CSRF-Token"
#: What a gateway answers to HEAD where it knows only GET.
_NO_HEAD: Final = frozenset({400, 403, 404, 405, 501})


def token_of(
    session: HttpSession, root: str, service: str, now: Callable[[], datetime]
) -> dict[str, str]:
    """
    Return the header with a token for the service at *root*; empty where it wants none.

    Raises as a read does; nothing was posted.
    """
    if root not in session.tokens or session.has_rested:
        session.tokens[root] = _fetch(session, root, service, now)
    token = session.tokens[root]
    return {HEADER: token} if token else {}


def forget(session: HttpSession) -> None:
    """Drop all tokens: the session that they belonged to has ended."""
    session.tokens.clear()


def is_rejected(answer: Answer) -> bool:
    """Tell whether a write was turned away for its token, before anything was looked at."""
    return answer.status == 403 and answer.headers.get(HEADER, "").strip().lower() == "required"


def rejected_again(action: str) -> TransientError:
    """Return the error for a write whose fresh token was turned away too."""
    return TransientError(
        f"{action}: the ERP turned a fresh X-CSRF-Token away; are cookies lost on the way?"
    )


def _fetch(session: HttpSession, root: str, service: str, now: Callable[[], datetime]) -> str:
    answer = _ask(session, "HEAD", root, service)
    token = _token_in(answer)
    if token:
        return token
    if answer.is_success or answer.status in _NO_HEAD:
        answer = _ask(session, "GET", root, service)
        token = _token_in(answer)
    if not token:
        call = Call("GET", root, f"{service} token")
        refusal = refusal_of(answer, call, now())
        if refusal is not None:
            raise refusal
    return token


def _ask(session: HttpSession, method: str, root: str, service: str) -> Answer:
    headers = {HEADER: "Fetch", "Accept": "application/json"}
    return session.exchange(Call(method, root, f"{service} token", headers))


def _token_in(answer: Answer) -> str:
    token = answer.headers.get(HEADER, "").strip()
    return "" if token.lower() in ("required", "fetch") else token
