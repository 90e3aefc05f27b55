"""Settings: read once, refused in one sentence when malformed, and checked when dangerous."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from hub import checks, environment

ROOT = Path(__file__).resolve().parent.parent.parent

SAFE = {
    "SECRET_KEY": "k9Vb2Qm7Zr4Xc1Ld8Wp5Ht3Ny6Jg0Fs-aBcDeFgHiJkLmNoPqRsTuV",
    "ALLOWED_HOSTS": "cabas.example.org",
    "SITE_URL": "https://cabas.example.org",
    "EMAIL_URL": "submission://user:word@mail.example.org:587",
    "DATABASE_URL": "postgres://cabas:word@db.example.org/cabas",
    "REDIS_URL": "redis://cache.example.org/0",
}
"""A production's environment with nothing to say about it."""

MALFORMED = [
    ("DEBUG", "maybe"),
    ("DEMO", "oui"),
    ("SECRET_KEY", "short"),
    ("SECRET_KEY", "long enough but written as words, which look like a mistake"),
    ("ALLOWED_HOSTS", "https://cabas.example.org"),
    ("ALLOWED_HOSTS", ","),
    ("SITE_URL", "cabas.example.org"),
    ("SITE_URL", "ftp://cabas.example.org"),
    ("SITE_URL", "https://cabas.example.org:port"),
    ("SITE_URL", "https://cabas.example.org/?a=b"),
    ("DATABASE_URL", "mysql://user:hunter2@host/name"),
    ("DATABASE_URL", "postgres://user:hunter2@host/"),
    ("DATABASE_URL", "postgres://user:hunter2@host:port/name"),
    ("DATABASE_OWNER_URL", "owner:hunter2@host/name"),
    ("REDIS_URL", "localhost:6379"),
    ("REDIS_URL", "redis://host:hunter2"),
    ("REDIS_URL", "redis://host/name"),
    ("REDIS_URL", "unix://relative.sock"),
    ("EMAIL_URL", "mail.example.org"),
    ("EMAIL_URL", "smtps://user:hunter2@mail.example.org"),
    ("DEFAULT_FROM_EMAIL", "cabas"),
    ("TIME_ZONE", "Paris"),
    ("CURRENCY", "FRF"),
    ("CURRENCY", "eur"),
    ("STRIPE_SECRET_KEY", "pk_test_1"),
    ("STRIPE_PUBLISHABLE_KEY", "sk_test_1"),
    ("STRIPE_WEBHOOK_SECRET", "secret"),
    ("STRIPE_API_BASE", "localhost"),
    ("MAP_TILE_URL", "http://tiles.example.org/{z}/{x}/{y}.png"),
    ("MAP_TILE_URL", "https://tiles.example.org/all.png"),
    ("MAP_TILE_URL", "https://tiles.example.org; script-src */{z}"),
    ("SENTRY_DSN", "https://errors.example.org/1"),
    ("TRUSTED_PROXIES", "-1"),
    ("TRUSTED_PROXIES", "one"),
]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Settings as the module computes them from exactly these variables."""

    def compute(**variables: str) -> dict[str, Any]:
        for name in [*variables_of_settings(), *(f"{name}_FILE" for name in variables_of_settings())]:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("CABAS_HOME", str(tmp_path))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "hub" / "settings.py"))

    return compute


def variables_of_settings() -> list[str]:
    source = (ROOT / "hub" / "settings.py").read_text()
    return sorted(set(re.findall(r'\bread\(\s*"([A-Z_]+)"', source)))


@pytest.mark.parametrize(("name", "value"), MALFORMED)
def test_a_malformed_variable_is_named_and_its_value_not_told(given: Any, name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        given(**{name: value})
    assert re.fullmatch(rf"{name} is not [^\n]+\.", str(refused.value))
    assert "hunter2" not in str(refused.value)


def test_every_variable_has_its_malformed_example_but_the_directory(given: Any) -> None:
    assert set(variables_of_settings()) - {name for name, _value in MALFORMED} == {"CABAS_HOME"}
    with pytest.raises(ImproperlyConfigured, match="CABAS_HOME is not a directory"):
        given(CABAS_HOME="/etc/passwd")


def test_every_variable_is_in_the_table_for_operators() -> None:
    table = (ROOT / "docs" / "settings.md").read_text()
    assert (
        sorted(set(re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE)) - {"PORT", "WEB_WORKERS"})
        == variables_of_settings()
    )


def test_any_variable_can_come_from_a_file(given: Any, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(SAFE["SECRET_KEY"] + "\n")
    assert given(SECRET_KEY_FILE=str(file))["SECRET_KEY"] == SAFE["SECRET_KEY"]
    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY_FILE must be the path of a readable text file\."):
        given(SECRET_KEY_FILE=str(tmp_path / "absent"))


def test_a_variable_and_its_file_together_are_refused(given: Any, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL and DATABASE_URL_FILE are both set"):
        given(DATABASE_URL="postgres://a/b", DATABASE_URL_FILE=str(tmp_path / "url"))


def test_an_empty_variable_is_as_if_unset(given: Any) -> None:
    assert given(TIME_ZONE="", CURRENCY="")["TIME_ZONE"] == "Europe/Paris"


def test_addresses_are_understood(given: Any) -> None:
    settings = given(
        DATABASE_URL="postgres://cabas:w%40rd@db.example.org:6432/week",
        REDIS_URL="rediss://:word@cache.example.org:6380/3",
        EMAIL_URL="submission://user:w%40rd@mail.example.org",
    )
    database = settings["DATABASES"]["default"]
    assert [database[key] for key in ("HOST", "PORT", "USER", "PASSWORD", "NAME")] == [
        "db.example.org", 6432, "cabas", "w@rd", "week",
    ]  # fmt: skip
    assert settings["CELERY_BROKER_URL"] == "rediss://:word@cache.example.org:6380/3"
    assert [settings[f"EMAIL_{key}"] for key in ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "TIMEOUT")] == [
        "mail.example.org", 587, "user", "w@rd", True, 20,
    ]  # fmt: skip


def test_without_addresses_the_embedded_servers_are_meant(given: Any, tmp_path: Path) -> None:
    settings = given()
    run = Path(settings["DATABASES"]["default"]["HOST"])
    assert settings["REDIS_URL"] == f"unix://{run}/valkey.sock?db=0"
    assert settings["CELERY_BROKER_URL"] == f"redis+socket://{run}/valkey.sock?virtual_host=0"
    assert settings["MEDIA_ROOT"] == tmp_path / "media"


def test_a_socket_of_postgresql_may_be_given(given: Any) -> None:
    database = given(DATABASE_URL="postgres://cabas@/cabas?host=/var/run/postgresql")["DATABASES"]["default"]
    assert (database["HOST"], database["NAME"], database["OPTIONS"]) == ("/var/run/postgresql", "cabas", {})


def test_https_makes_everything_secure(given: Any) -> None:
    for site, secure in (("https://cabas.example.org", True), ("http://localhost:8000", False)):
        settings = given(SITE_URL=site)
        names = ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_INCLUDE_SUBDOMAINS")
        assert [settings[name] for name in names] == [secure] * 4


def test_the_content_policy_lets_nothing_inline_in(given: Any) -> None:
    policy = given(MAP_TILE_URL="https://tiles.example.org/{z}/{x}/{y}.png")["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert "unsafe" not in str(policy)
    assert policy["script-src"] == policy["style-src"] == ["'self'"]
    assert policy["img-src"] == ["'self'", "data:", "https://tiles.example.org"]
    assert policy["form-action"] == ["'self'"]


# Dangerous, though well-formed


def dangers(settings: Any, values: dict[str, Any]) -> list[str]:
    for name, value in values.items():
        setattr(settings, name, value)
    return [str(message.id) for message in checks.dangerous_settings(None)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, []),
        ({"SECRET_KEY": "insecure-key-for-development-and-tests-only-0123456789"}, ["hub.E001"]),
        ({"ALLOWED_HOSTS": []}, ["hub.E002"]),
        ({"ALLOWED_HOSTS": ["*"]}, ["hub.E003"]),
        ({"SITE_URL": "http://cabas.example.org", "HTTPS": False}, ["hub.E004"]),
        ({"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}, ["hub.W001"]),
        ({"STRIPE_SECRET_KEY": "sk_test_1"}, ["hub.E005"]),
        (
            {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_PUBLISHABLE_KEY": "pk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"},
            ["hub.E006"],
        ),
        (
            {
                "STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_PUBLISHABLE_KEY": "pk_live_1", "STRIPE_WEBHOOK_SECRET": "whsec_1",
                "STRIPE_API_BASE": "http://localhost:1",
            },
            ["hub.E007"],
        ),
        ({"PRODUCTION": False, "DEBUG": True}, ["hub.E008"]),
        ({"PRODUCTION": False, "DEMO": True}, ["hub.E008"]),
        ({"PRODUCTION": False, "DEMO": True, "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"]}, []),
    ],
)  # fmt: skip
def test_dangers_are_named(given: Any, settings: Any, values: dict[str, Any], expected: list[str]) -> None:
    safe = given(**SAFE)
    names = [
        name
        for name in safe
        if name.isupper() and name.startswith(("SECRET_KEY", "ALLOWED", "SITE", "EMAIL_B", "STRIPE"))
    ]
    base = {name: safe[name] for name in [*names, "PRODUCTION", "DEBUG", "DEMO", "HTTPS"]}
    assert dangers(settings, base | values) == expected


def program(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "CABAS_HOME") if key in os.environ}
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=kept | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_safe_production_has_nothing_to_say() -> None:
    done = program("manage.py", "check", "--deploy", "--fail-level", "WARNING", **SAFE)
    assert (done.returncode, "no issues" in done.stdout) == (0, True), done.stderr


def test_debug_and_demo_are_errors_for_a_deployment() -> None:
    done = program("manage.py", "check", "--deploy", **(SAFE | {"DEBUG": "1", "DEMO": "1"}))
    assert done.returncode == 1
    assert {"hub.E008", "hub.E010", "hub.E011"} <= set(re.findall(r"hub\.E\d+", done.stderr))


@pytest.mark.parametrize(
    "words",
    [
        ("-c", "import hub.wsgi"),
        ("-m", "celery", "-A", "hub.celery", "worker", "--pool", "solo"),
        ("-m", "celery", "-A", "hub.celery", "beat", "--pidfile="),
        ("manage.py", "check"),
    ],
)
def test_production_refuses_to_boot_with_the_default_key(words: tuple[str, ...]) -> None:
    done = program(*words, **{name: value for name, value in SAFE.items() if name != "SECRET_KEY"})
    assert done.returncode == 1
    assert "SECRET_KEY is missing" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("manage.py", "check"), ("-c", "import hub.wsgi")])
def test_a_malformed_variable_is_one_sentence_and_no_traceback(words: tuple[str, ...]) -> None:
    done = program(*words, TIME_ZONE="Paris")
    assert (done.returncode, done.stderr) == (1, "TIME_ZONE is not a time zone such as Europe/Paris.\n")


def test_celery_speaks_of_sockets_in_its_own_way() -> None:
    assert (
        environment.broker("unix://:word@/run/valkey.sock?db=2")
        == "redis+socket://:word@/run/valkey.sock?virtual_host=2"
    )
    assert environment.broker("redis://host/1") == "redis://host/1"


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "abc"), ("PORT", "99999"), ("WEB_WORKERS", "0"), ("WEB_WORKERS", "x")]
)
def test_what_only_the_web_server_reads_is_checked_too(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    assert [one.id for one in checks.dangerous_settings(None) if one.id == "hub.E012"] == []
    monkeypatch.setenv(name, value)
    [error] = [one for one in checks.dangerous_settings(None) if one.id == "hub.E012"]
    assert error.msg.startswith(f"{name} is not a number from 1 to ")
