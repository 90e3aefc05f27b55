"""Log lines for machines: one JSON object a line, without personal data."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

reference: ContextVar[str] = ContextVar("reference", default="")
"""The reference of the request being answered; empty outside of one."""

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_LEFT_OUT = {"request", "response", "server_time", "status_code"}


class JsonFormatter(logging.Formatter):
    """`extra={...}` becomes fields. Never log names, addresses, codes or amounts of a person: log the row's code."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if name := reference.get():
            line["reference"] = name
        if status := getattr(record, "status_code", None):
            line["status"] = status
        line |= {key: value for key, value in vars(record).items() if key not in _STANDARD | _LEFT_OUT}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)
