"""Logs on standard error: one JSON object a line, or a form for people on a terminal.

Facts belong into ``extra``, where they get keys of their own. Whatever is logged stays on its line and in ASCII or
escaped: nobody can write a line of the log, or to the terminal, through a name or a reason.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

_OWN = frozenset(logging.LogRecord("", 0, "", 0, "", (), None).__dict__) | {"message", "asctime", "taskName"}


def configure(*, stream: TextIO | None = None, level: int = logging.INFO, readable: bool | None = None) -> None:
    """Send all logs to a stream, by default standard error; ``readable`` by default on a terminal."""
    stream = sys.stderr if stream is None else stream
    readable = stream.isatty() if readable is None else readable
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Readable() if readable else JsonLines())
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for chatty in ("asyncio", "uvicorn", "websockets"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # it warns of each request that is none: a flood of them
    logging.captureWarnings(capture=True)


class JsonLines(logging.Formatter):
    """One JSON object: ``at`` (UTC), ``level``, ``logger``, ``event``, extras, ``error`` with its trace."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        said |= {key: value for key, value in _extras(record).items() if key not in said}
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return json.dumps(said, default=str)


class Readable(logging.Formatter):
    """The time of day, the level, what happened, and the extras as ``key=value``."""

    def format(self, record: logging.LogRecord) -> str:
        """The record, on one line but for a trace."""
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        facts = "".join(f" {key}={_plain(str(value))}" for key, value in _extras(record).items())
        text = f"{at} {record.levelname.lower():7} {_plain(record.getMessage())}{facts}"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


def _extras(record: logging.LogRecord) -> dict[str, Any]:
    return {key: value for key, value in record.__dict__.items() if key not in _OWN}


def _plain(text: str) -> str:
    """Text without anything that moves a cursor or the order of letters."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
