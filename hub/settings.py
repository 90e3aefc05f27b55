"""Settings: one file for the demo, development, tests and production. What differs comes from the environment.

The table of variables is in docs/settings.md. A malformed one is refused here with one sentence; a well-formed but
dangerous one is a system check (hub/checks.py), and production does not boot with it. Upper packages are named as
strings only.
"""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from hub import embedded, environment
from hub.environment import flag, matching, one_of, read

BASE_DIR = Path(__file__).resolve().parent.parent

# --- What kind of installation this is -------------------------------------------------------------------------------

DEBUG = read("DEBUG", flag, default=False, expected="1 or 0")
DEMO = read("DEMO", flag, default=False, expected="1 or 0")
PRODUCTION = not (DEBUG or DEMO)

CABAS_HOME = read("CABAS_HOME", environment.directory, default=BASE_DIR / ".cabas", expected="a directory")

INSECURE_SECRET_KEY = "insecure-key-for-development-and-tests-only-0123456789"  # noqa: S105  (checks refuse it)
SECRET_KEY = read(
    "SECRET_KEY",
    matching(r"\S{32,}"),
    default=INSECURE_SECRET_KEY,
    expected="a text of at least 32 characters without spaces",
)
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = read(
    "ALLOWED_HOSTS",
    environment.hosts,
    default=[] if PRODUCTION else LOOPBACK,
    expected="a list of host names separated by commas, such as cabas.example.org",
)
SITE_URL = read(
    "SITE_URL",
    environment.web_address,
    default="http://localhost:8000",
    expected="a web address such as https://cabas.example.org",
)
HTTPS = SITE_URL.startswith("https://")

# --- Application -----------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "hub",
    "producers",
    "orders",
    "distribution",
    "hub.admin_config.Config",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "djmoney",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "ninja",
]

MIDDLEWARE = [
    "hub.middleware.reference",
    "hub.middleware.one_name_in_demo",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "hub.middleware.members_language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "hub.middleware.Worded",
]

ROOT_URLCONF = "hub.urls"
WSGI_APPLICATION = "hub.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hub.context.site",
            ],
        },
    },
]

# --- PostgreSQL, Redis -----------------------------------------------------------------------------------------------

_postgres = "an address such as postgres://user:password@host:5432/name"
_database = read(
    "DATABASE_URL",
    environment.database,
    default=environment.database(embedded.database_url(CABAS_HOME)),
    expected=_postgres,
)
# Where it is set, tables belong to that role and the program works as one that owns nothing: it cannot switch off what
# guards the books. Only the commands that change the schema then connect as the owner.
_owner = read("DATABASE_OWNER_URL", environment.database, default=_database, expected=_postgres)
DATABASE_ROLE = _database["USER"] if _owner != _database else ""
DATABASES = {
    "default": (_owner if sys.argv[1:2] in (["migrate"], ["prepare"], ["restore"]) else _database)
    | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True},
}
REDIS_URL = read(
    "REDIS_URL",
    environment.redis,
    default=embedded.redis_url(CABAS_HOME),
    expected="an address such as redis://host:6379/0",
)
# What erases a household again that an older backup brings back.
ERASE_AGAIN = "distribution.erasing.erase_again"
CELERY_BROKER_URL = environment.broker(REDIS_URL)

# Rate limits use the default cache, so it is in the database: a dead or emptied Redis neither stops anybody from
# signing in nor gives an attacker new tries. What may be lost at any moment is cached in "fast".
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "hub_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    "fast": {
        "BACKEND": "hub.caches.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cabas",
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
    },
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# --- Signing in ------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "hub.Member"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, str]] = []
# The e-mail is unique whatever its case, by a constraint on Lower("email") that this check does not recognise.
SILENCED_SYSTEM_CHECKS = ["auth.E003", "auth.W004"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

# Nobody has a password: one signs in with a code sent by e-mail or with a passkey.
ACCOUNT_ADAPTER = "hub.sign_in.Adapter"
# What somebody sent when their session had just ended is taken up again as they come back.
AFTER_SIGN_IN = "orders.typed.take_up"
ACCOUNT_SIGNUP_FORM_CLASS = "hub.forms.SignupForm"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "20/5m/ip,5/5m/key",
    "request_login_code": "20/m/ip,5/5m/key",
    "login_code_try": "5/5m/key",  # ours: see hub/tries.py
    "signup": "20/m/ip",
    "confirm_email": "1/10s/key,5/5m/key",
    "reauthenticate": "5/5m/user",
    "manage_email": "10/m/user",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_TOTP_ISSUER = "Cabas"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

# --- Languages, time, money ------------------------------------------------------------------------------------------

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = read(
    "TIME_ZONE", environment.time_zone, default="Europe/Paris", expected="a time zone such as Europe/Paris"
)

# Pinned, so that migrations do not follow the list of a library. Each of them has cents.
CURRENCIES = ("EUR", "CHF", "GBP", "USD", "CAD", "DKK", "NOK", "SEK", "PLN", "CZK", "RON")
CURRENCY = read("CURRENCY", one_of(*CURRENCIES), default="EUR", expected="one of " + ", ".join(CURRENCIES))
DEFAULT_CURRENCY = CURRENCY

# --- Files -----------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = CABAS_HOME / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = CABAS_HOME / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "hub.static_files.HashedFiles"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# Workbooks people send are read with Python's own parser, whatever else is installed: with lxml, which electronic invoices
# bring, openpyxl answers a damaged file and a multiplied entity otherwise.
os.environ["OPENPYXL_LXML"] = "False"

# --- E-mail ----------------------------------------------------------------------------------------------------------

_mail = read(
    "EMAIL_URL",
    environment.email,
    default=environment.email(f"file:///{CABAS_HOME / 'mail'}" if DEMO else "console:"),
    expected="an address such as submission://user:password@mail.example.org:587",
)
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_FILE_PATH = _mail["EMAIL_FILE_PATH"]
EMAIL_HOST = _mail["EMAIL_HOST"]
EMAIL_PORT = _mail["EMAIL_PORT"]
EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = _mail["EMAIL_USE_TLS"]
EMAIL_USE_SSL = _mail["EMAIL_USE_SSL"]
# A mail server that hangs must not hold a worker.
EMAIL_TIMEOUT = _mail["EMAIL_TIMEOUT"] or 20
if DEMO and str(CABAS_HOME / "mail") == EMAIL_FILE_PATH:
    EMAIL_BACKEND = "hub.mail.LetterBackend"
DEFAULT_FROM_EMAIL = read(
    "DEFAULT_FROM_EMAIL",
    matching(r"[^\r\n]*[^@\s]+@[^@\s]+"),
    default=f"cabas@{urlsplit(SITE_URL).hostname}",
    expected="an e-mail address",
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Payment by card, map, error reports -----------------------------------------------------------------------------

STRIPE_SECRET_KEY = read(
    "STRIPE_SECRET_KEY",
    matching(r"(sk|rk)_\w+"),
    default="",
    expected="a Stripe secret key, which begins with sk_ or rk_",
)
STRIPE_PUBLISHABLE_KEY = read(
    "STRIPE_PUBLISHABLE_KEY",
    matching(r"pk_\w+"),
    default="",
    expected="a Stripe publishable key, which begins with pk_",
)
STRIPE_WEBHOOK_SECRET = read(
    "STRIPE_WEBHOOK_SECRET", matching(r"whsec_\S+"), default="", expected="a webhook secret, which begins with whsec_"
)
STRIPE_API_BASE = read(
    "STRIPE_API_BASE", environment.web_address, default="", expected="a web address such as http://localhost:12111"
)
MAP_TILE_URL = read(
    "MAP_TILE_URL",
    matching(r"https://[^/\s;,']+/\S*\{z\}\S*"),
    default="",
    expected="an https:// address with {z}, {x} and {y}",
)
SENTRY_DSN = read("SENTRY_DSN", environment.report_address, default="", expected="an https:// address with a key")

# --- Security --------------------------------------------------------------------------------------------------------

_tiles = [f"https://{urlsplit(MAP_TILE_URL).hostname}"] if MAP_TILE_URL else []
_payment_pages = (
    [STRIPE_API_BASE or "https://checkout.stripe.com", "https://hooks.stripe.com", "https://connect.stripe.com"]
    if STRIPE_SECRET_KEY
    else []
)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", *_tiles],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        # A payment form is answered with a redirect to Stripe, which browsers count as the form's target.
        "form-action": ["'self'", *_payment_pages],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [SITE_URL] if HTTPS else []
# How many proxies in front of us add to X-Forwarded-For: rate limits count addresses, and anybody may write the header.
TRUSTED_PROXIES = read("TRUSTED_PROXIES", environment.whole_number, default=0, expected="a number of proxies")
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# --- Logs ------------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "hub.logs.JsonFormatter"},
        "plain": {"format": "%(levelname)s %(name)s: %(message)s"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain" if DEBUG else "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO" if PRODUCTION else "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        # Its steps are of no use in a log.
        "weasyprint": {"handlers": [], "level": "ERROR", "propagate": True},
        "fontTools": {"handlers": [], "level": "ERROR", "propagate": True},
        # Every call is kept as a row.
        "stripe": {"handlers": [], "level": "WARNING", "propagate": True},
        # A page that is not there is no news either; a fault of ours is.
        "django.request": {"handlers": [], "level": "ERROR", "propagate": True},
        # Somebody trying host names is no news; a wrong ALLOWED_HOSTS is seen in the answer.
        "django.security.DisallowedHost": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
