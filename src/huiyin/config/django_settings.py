"""Django's settings, composed from the one table of settings."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from huiyin.config.database_url import read_database_url
from huiyin.config.secret_key import secret_key
from huiyin.config.settings_table import load
from huiyin.config.vapid_key import vapid_key

HUIYIN = load(environ=os.environ)
PACKAGE = Path(__file__).resolve().parent.parent

SECRET_KEY = secret_key(settings=HUIYIN)
VAPID_KEY = vapid_key(settings=HUIYIN)
DEBUG = HUIYIN.debug
_site = urlsplit(HUIYIN.site_url)
ALLOWED_HOSTS = [
    _site.hostname or "localhost",
    "localhost",
    "127.0.0.1",
    "[::1]",
    *HUIYIN.allowed_hosts,
]
CSRF_TRUSTED_ORIGINS = [HUIYIN.site_url] if HUIYIN.public_url else []
SECURE_COOKIES = _site.scheme == "https"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
    "csp",
    "huiyin.store",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "huiyin.doors.unkept.unkept",
]
ROOT_URLCONF = "huiyin.config.urls"
WSGI_APPLICATION = "huiyin.config.wsgi.application"
# doors/translated.py takes the place of Django's library of the same name, on purpose
SILENCED_SYSTEM_CHECKS = ["templates.W003"]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [
            PACKAGE / "doors" / "templates",
            PACKAGE / "doors" / "desk" / "templates",
            PACKAGE / "doors" / "portal" / "templates",
        ],
        "OPTIONS": {
            "libraries": {
                "i18n": "huiyin.doors.translated",
                "look": "huiyin.doors.look",
                "reached": "huiyin.doors.reached",
            },
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.csrf",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader"],
                )
            ],
        },
    }
]


def _database() -> dict[str, Any]:
    address = read_database_url(url=HUIYIN.database_url)
    if address.engine == "sqlite":
        # Measured before choosing: WAL with synchronous NORMAL; a connection kept open is five
        # times as fast as one opened per request.
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": address.name,
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": (
                    "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
                    "PRAGMA mmap_size=2147418112;PRAGMA cache_size=-64000;"
                    "PRAGMA wal_autocheckpoint=16000;PRAGMA temp_store=MEMORY"
                ),
            },
        }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": address.name,
        "HOST": address.host,
        "PORT": address.port or "",
        "USER": address.user,
        "PASSWORD": address.password,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 10, **address.options},
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "store.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "desk:login"
AXES_FAILURE_LIMIT = HUIYIN.login_attempts
AXES_COOLOFF_TIME = timedelta(minutes=HUIYIN.login_lock_minutes)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "huiyin.doors.clients.address"
AXES_USERNAME_CALLABLE = "huiyin.doors.clients.username"
AXES_LOCKOUT_CALLABLE = "huiyin.doors.clients.locked"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False

SESSION_COOKIE_AGE = HUIYIN.session_hours * 3600
SESSION_COOKIE_SECURE = SECURE_COOKIES
CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

LANGUAGE_CODE = HUIYIN.language
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = HUIYIN.time_zone

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "doors" / "static"]
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": HUIYIN.log_level.upper()},
    "loggers": {
        "axes": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        # It tells every font table that a PDF leaves out.
        "fontTools": {"level": "WARNING"},
        # They tell every address asked and every header, and providers want secrets in them.
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
    },
}
