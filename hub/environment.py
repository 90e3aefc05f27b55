"""Reading the environment: each variable once, or from the file that NAME_FILE points to; refused in one sentence.

A value is never repeated in a refusal, since it may be a secret.
"""

import os
import re
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import dj_database_url
import dj_email_url
from django.core.exceptions import ImproperlyConfigured
from environs import EnvError, FileAwareEnv

T = TypeVar("T")

_env = FileAwareEnv(strip_whitespace=True)


def read(name: str, parse: Callable[[str], T], *, default: T, expected: str) -> T:
    """The variable `name`, made into a value by `parse`, or `default` where it is unset or empty.

    Raises ImproperlyConfigured naming the variable and what is `expected` when `parse` raises ValueError, when the file
    of NAME_FILE cannot be read, or when both are set (nobody should have to guess which one counts).
    """
    if os.environ.get(name) and os.environ.get(f"{name}_FILE"):
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: keep one of them.")
    try:
        text = _env.str(name, "")
    except (EnvError, ValueError):
        raise ImproperlyConfigured(f"{name}_FILE must be the path of a readable text file.") from None
    if not text:
        return default
    try:
        return parse(text)
    except (ValueError, KeyError):
        raise ImproperlyConfigured(f"{name} is not {expected}.") from None


def flag(text: str) -> bool:
    """True or false as people write them."""
    try:
        return {
            "1": True,
            "true": True,
            "yes": True,
            "on": True,
            "0": False,
            "false": False,
            "no": False,
            "off": False,
        }[text.lower()]
    except KeyError:
        raise ValueError from None


def whole_number(text: str) -> int:
    """A number of things, 0 or more."""
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise ValueError
    return int(text)


def between(first: int, last: int) -> Callable[[str], int]:
    """A number from `first` to `last`."""

    def parse(text: str) -> int:
        number = whole_number(text)
        if not first <= number <= last:
            raise ValueError
        return number

    return parse


def port() -> int:
    """PORT, where the web server listens. Raises ImproperlyConfigured."""
    return read("PORT", between(1, 65535), default=8000, expected="a number from 1 to 65535")


def web_workers() -> int:
    """WEB_WORKERS, how many processes the web server has. Raises ImproperlyConfigured."""
    return read("WEB_WORKERS", between(1, 1000), default=2, expected="a number from 1 to 1000")


def time_zone(text: str) -> str:
    """A name of the time zone database."""
    if text not in zoneinfo.available_timezones():
        raise ValueError
    return text


def hosts(text: str) -> list[str]:
    """Host names separated by commas, without scheme, port or path."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names or not all(re.fullmatch(r"\.?[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]|\*", name) for name in names):
        raise ValueError
    return names


def one_of(*values: str) -> Callable[[str], str]:
    """Exactly one of `values`."""

    def parse(text: str) -> str:
        if text not in values:
            raise ValueError
        return text

    return parse


def matching(pattern: str) -> Callable[[str], str]:
    """A text that matches all of `pattern`."""

    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError
        return text

    return parse


def web_address(text: str) -> str:
    """http:// or https:// and a host, without the final slash, query or fragment."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError
    parts.port  # noqa: B018  (raises ValueError when it is not a number)
    return text.rstrip("/")


def directory(text: str) -> Path:
    """An absolute directory, which need not exist yet."""
    path = Path(text).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError
    return path


def database(url: str) -> dict[str, Any]:
    """Django's description of a postgres:// address. A directory in `?host=` is a Unix socket, as libpq has it."""
    if urlsplit(url).scheme not in ("postgres", "postgresql"):
        raise ValueError
    description: dict[str, Any] = dict(dj_database_url.parse(url))
    options = description.setdefault("OPTIONS", {})
    if "host" in options:
        description["HOST"] = options.pop("host")
    if not description.get("NAME"):
        raise ValueError
    return description


def redis(url: str) -> str:
    """redis://, rediss:// or unix:// with a path; the number of the database is the path or `?db=`."""
    parts = urlsplit(url)
    if parts.scheme in ("redis", "rediss"):
        valid = bool(parts.hostname) and re.fullmatch(r"/?[0-9]*", parts.path) is not None
        parts.port  # noqa: B018  (raises ValueError when it is not a number)
    else:
        valid = parts.scheme == "unix" and parts.path.startswith("/")
    if not valid:
        raise ValueError
    return url


def broker(redis_url: str) -> str:
    """The same Redis in Celery's spelling, which differs for sockets."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    password = f":{parts.password}@" if parts.password else ""
    return f"redis+socket://{password}{parts.path}?virtual_host={database}"


def email(url: str) -> dict[str, Any]:
    """Django's EMAIL_* settings from smtp://, submission:// (STARTTLS), console:, file:, memory: or dummy:."""
    if urlsplit(url).scheme not in ("smtp", "submission", "console", "file", "memory", "dummy"):
        raise ValueError
    settings: dict[str, Any] = dj_email_url.parse(url)
    return settings


def report_address(text: str) -> str:
    """The address error reports are sent to: https, a key, a host."""
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.username or not parts.hostname:
        raise ValueError
    return text
