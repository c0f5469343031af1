"""
Logs: JSON lines for machines, readable ones on a terminal, always on standard error.

Other libraries' logs go the same way. Fields carry external id, document number and step; names,
addresses and bank data are never logged, and fields that look like secrets are masked.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import structlog
from structlog.typing import Processor

from connector.clock import Clock, SystemClock

_SECRETS: Final = ("password", "passwd", "secret", "token")
#: Libraries that tell too much at the level that we want from ourselves, and from where on they
#: are heard. APScheduler warns of each run that it leaves out because the last one still goes on,
#: which is how a busy daemon works.
_TALKATIVE: Final = {
    "apscheduler": logging.ERROR,
    "alembic": logging.WARNING,
    "fontTools": logging.WARNING,
    "fpdf": logging.WARNING,
    "sqlalchemy": logging.WARNING,
}


def configure_logging(
    form: str, level: str, *, clock: Clock | None = None, stream: TextIO | None = None
) -> None:
    """
    Send all logs to *stream* (standard error) as *form* (auto, json, console) from *level* on.

    Calling it again replaces what was set before.
    """
    target = stream or sys.stderr
    as_json = form == "json" or (form == "auto" and not target.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _Stamp(clock or SystemClock()),
        structlog.processors.format_exc_info,
        _mask_secrets,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=target.isatty())
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.PositionalArgumentsFormatter()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in _TALKATIVE.items():
        logging.getLogger(name).setLevel(least)


class _Stamp:
    """Adds the instant, from the connector's own clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(
        self, logger: Any, method: str, fields: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        fields["at"] = self._clock.now().isoformat(timespec="milliseconds")
        return fields


def _mask_secrets(
    logger: Any, method: str, fields: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for name in fields:
        if any(secret in name.lower() for secret in _SECRETS):
            fields[name] = "***"
    return fields
