"""Settings of the portal. Values come from the environment (`cesai/env.py`); `.env.example` lists them all."""

import logging
import sys
from pathlib import Path
from typing import Any

import structlog
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from cesai.env import ROOT, cache_url_from_broker, env

BASE_DIR = ROOT
VAR_DIR = Path(env.str("CESAI_VAR", default=str(BASE_DIR / "var")))

DEBUG = env.bool("DEBUG", default=False)
# Demo data, the demo accounts on the sign-in page and the Hub double belong to a portal nobody else can reach.
DEMO = env.bool("DEMO", default=False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000")
SITE_ID = 1

INSTALLED_APPS = [
    "cesai.apps.CesaiConfig",
    "cesai.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "pgtrigger",
    "pghistory",
    "rules.apps.AutodiscoverRulesConfig",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "allauth",
    "allauth.account",
    "accounts",
    "activity",
    "portfolio",
    "voting",
    "evaluations",
    "hub",
    "funding",
    "reports",
    "django_structlog",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "cesai.preferences.PreferenceMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "cesai.audit.AuditMiddleware",
]

ROOT_URLCONF = "cesai.urls"
WSGI_APPLICATION = "cesai.wsgi.application"
FORM_RENDERER = "cesai.forms.PortalRenderer"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cesai.context.portal",
            ],
        },
    },
]

DATABASES = {"default": env.db("DATABASE_URL")}
# Only the web process keeps a pool: it does not survive the fork of a worker, and it would hold the test database open.
WEB_PROCESS = env.str("CESAI_PROCESS", default="") == "web"
if WEB_PROCESS:
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

BROKER_URL = env.str("BROKER_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.str("CACHE_URL", default="") or cache_url_from_broker(BROKER_URL),
        "KEY_PREFIX": "cesai",
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.backends.SignInBackend",
    "accounts.backends.RoleBackend",
    "rules.permissions.ObjectPermissionBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupFields"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[CESAI] "
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SITE_URL.startswith("https") else "http"
ACCOUNT_SESSION_REMEMBER = None
# Failed sign-ins are limited per visitor's address; behind a proxy it stands in X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_NAME = "session"
CSRF_COOKIE_NAME = "csrf"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True

HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}

MAILERS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}
}
if env.str("SMTP_HOST", default=""):
    MAILERS["default"] = {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": env.str("SMTP_HOST"),
            "port": env.int("SMTP_PORT", default=587),
            "username": env.str("SMTP_USER", default=""),
            "password": env.str("SMTP_PASSWORD", default=""),
            "use_tls": env.bool("SMTP_STARTTLS", default=True),
        },
    }
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="CESAI Portal <portal@example.org>")

LANGUAGE_CODE = "de"
LANGUAGES = [("de", _("German")), ("en", _("English"))]
LOCALE_NAMES = [
    "site",
    "accounts",
    "activity",
    "portfolio",
    "voting",
    "evaluations",
    "hub",
    "funding",
    "reports",
]
# The last one puts the German of django-allauth and Django REST framework, which say "du", into the portal's tone.
LOCALE_PATHS = [BASE_DIR / "locale" / name for name in [*LOCALE_NAMES, "libraries"]]
TIME_ZONE = "Europe/Berlin"
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        # Compressing takes 40 seconds, which nobody on the same machine wins back.
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        if DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["cesai.rendering.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_standardized_errors.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
DRF_STANDARDIZED_ERRORS = {"EXCEPTION_HANDLER_CLASS": "cesai.api_errors.RefusalHandler"}
SPECTACULAR_SETTINGS = {
    "TITLE": "CESAI Portal API",
    "DESCRIPTION": "Use cases, proposals, voting rounds, models, projects, evaluation runs, publications and reports.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Gives the error codes of each operation's fields no names of their own; drf-spectacular would invent numbers.
    "POSTPROCESSING_HOOKS": ["drf_standardized_errors.openapi_hooks.postprocess_schema_enums"],
    "ENUM_NAME_OVERRIDES": {
        "ValidationErrorEnum": "drf_standardized_errors.openapi_serializers.ValidationErrorEnum.choices",
        "ClientErrorEnum": "drf_standardized_errors.openapi_serializers.ClientErrorEnum.choices",
        "ServerErrorEnum": "drf_standardized_errors.openapi_serializers.ServerErrorEnum.choices",
        "ErrorCode401Enum": "drf_standardized_errors.openapi_serializers.ErrorCode401Enum.choices",
        "ErrorCode403Enum": "drf_standardized_errors.openapi_serializers.ErrorCode403Enum.choices",
        "ErrorCode404Enum": "drf_standardized_errors.openapi_serializers.ErrorCode404Enum.choices",
        "ErrorCode405Enum": "drf_standardized_errors.openapi_serializers.ErrorCode405Enum.choices",
        "ErrorCode406Enum": "drf_standardized_errors.openapi_serializers.ErrorCode406Enum.choices",
        "ErrorCode415Enum": "drf_standardized_errors.openapi_serializers.ErrorCode415Enum.choices",
        "ErrorCode429Enum": "drf_standardized_errors.openapi_serializers.ErrorCode429Enum.choices",
        "ErrorCode500Enum": "drf_standardized_errors.openapi_serializers.ErrorCode500Enum.choices",
    },
}

CELERY_BROKER_URL = BROKER_URL

# How the portal may start the endpoint of a release: the file it needs and the command, with `{folder}` and `{port}`.
# A choice, never free text: the command runs on the machine that evaluates.
RELEASE_SERVERS: dict[str, dict[str, Any]] = {
    "ngram": {
        "label": _("n-gram baseline (file model.ngram)"),
        "needs": "model.ngram",
        # What it computes on, and where its log-probabilities can be had without it.
        "device": "cpu",
        "reference": "evaluations.calibration.ngram.reference",
        "command": [
            "{python}",
            "-m",
            "evaluations.ngram",
            "--model",
            "{folder}/model.ngram",
            "--port",
            "{port}",
        ],
    },
}

# The strip that shows an object's place on the thread needs every app; the lowest page that shows it may import none.
THREAD_RESOLVER = "reports.thread.stations"
# Apps whose `dashboard.py` answers "what needs me now?", in the order of the page.
DASHBOARD_APPS = ["portfolio", "voting", "evaluations", "hub", "funding"]
# Apps whose `demo.py` fills the demo, lower ones first.
DEMO_APPS = ["portfolio", "voting", "evaluations", "hub", "funding"]

# What runs the evaluations of an engine, by the engine's kind.
EVALUATION_LAUNCHERS = {"local": "evaluations.engines.local", "slurm": "evaluations.engines.slurm"}
# Limits that a run charged to a project has to keep: callables that take the project and the day.
EVALUATION_BUDGETS = ["evaluations.budgets.of_project", "funding.compute.of_award"]
# What a monitoring system shows to read the metrics; empty: there are none.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# Where the cluster's configuration lies, if not where Slurm looks by itself; and the interpreter on its nodes.
SLURM_CONF = env.str("SLURM_CONF", default="")
SLURM_PYTHON = env.str("SLURM_PYTHON", default=sys.executable)
# Whether the nodes see the folder of runs; where they do not, SLURM_PYTHON is deploy/slurm/staged-python.
SLURM_SHARED_FILES = env.bool("SLURM_SHARED_FILES", default=True)
# The cluster's REST service instead of its commands; the token is read from its file for every question.
SLURM_REST_URL = env.str("SLURM_REST_URL", default="")
SLURM_REST_USER = env.str("SLURM_REST_USER", default="")
SLURM_REST_TOKEN_FILE = env.str("SLURM_REST_TOKEN_FILE", default="")
# Process id of the supervisor of `./run start`, whose end also ends the runs on this machine; 0 lets them go on.
SUPERVISOR_PID = env.int("CESAI_SUPERVISOR", default=0)

# Whoever made a publication plan cannot approve it.
HUB_FOUR_EYES = env.bool("HUB_FOUR_EYES", default=True)
# The Hub that is published to, and where people open it if that is another address.
HUB_ENDPOINT = env.str("HF_ENDPOINT", default="https://huggingface.co")
HUB_WEB_ADDRESS = env.str("HUB_WEB_ADDRESS", default="")
# An authority that the Hub client trusts beside the system's own ones.
HUB_CA_FILE = env.str("HUB_CA_FILE", default="")

DJANGO_STRUCTLOG_CELERY_ENABLED = True
# A tick every three seconds would bury what the worker has to say; a task that fails still logs its error.
DJANGO_STRUCTLOG_CELERY_DEFAULT_LOG_LEVEL = logging.DEBUG
# What every line says, those of Django and of other libraries too.
_EVERY_LINE: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.format_exc_info,
]
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_EVERY_LINE,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _EVERY_LINE,
            "processor": structlog.processors.KeyValueRenderer(
                key_order=["timestamp", "level", "event", "logger"]
            ),
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
