"""Pages in HTML, as the web server in front of the ERP answers with."""

from __future__ import annotations

from connector.simulator.http.messages import Headers, HttpResponse


def html(status: int, title: str, text: str) -> HttpResponse:
    """Return a page."""
    body = (
        f"<!DOCTYPE html><html><head><title>{title}</title></head>"
        f"<body><h1>{title}</h1><p>{text}</p></body></html>"
    )
    return HttpResponse(
        status, Headers([("Content-Type", "text/html;charset=utf-8")]), body.encode()
    )


def login_page() -> HttpResponse:
    """Return what a system with form logon answers, with status 200, to an ended session."""
    body = (
        '<!DOCTYPE html><html><head><title>Logon</title></head><body><form method="post" '
        'action="/sap/bc/sec/login"><input name="sap-user"><input type="password" '
        'name="sap-password"><button>Log On</button></form></body></html>'
    )
    headers = Headers([("Content-Type", "text/html;charset=utf-8")])
    return HttpResponse(200, headers, body.encode())
