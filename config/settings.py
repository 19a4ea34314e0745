"""All settings, read from the environment (see .env.example)."""

import os
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent
APP_ENV = env.choice("APP_ENV", "local", ("local", "test", "production"))
IN_PRODUCTION = APP_ENV == "production"
DATA_DIR = Path(env.text("DATA_DIR") or BASE_DIR / "var").resolve()
DEBUG = env.flag("DEBUG", False)

if IN_PRODUCTION:
    if DEBUG:
        raise ImproperlyConfigured("DEBUG must be off when APP_ENV is production.")
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"):
        if not env.text(name):
            raise ImproperlyConfigured(f"{name} must be set when APP_ENV is production.")
    if len(env.text("SECRET_KEY")) < 40:
        raise ImproperlyConfigured("SECRET_KEY is too short; it takes at least 40 characters.")

DATA_DIR.mkdir(parents=True, exist_ok=True)
SECRET_KEY = env.text("SECRET_KEY") or env.kept_secret(DATA_DIR / "secret-key")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
if not IN_PRODUCTION and env.text("HOST") not in ("", "localhost", "127.0.0.1", "::1"):
    ALLOWED_HOSTS = env.words("ALLOWED_HOSTS") or ["*"]
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

# Rooms, the highest first; imports point down only (DESIGN: the house).
ROOMS = [
    "starter",
    "compliance",
    "checklists",
    "contingency",
    "cases",
    "training",
    "orders",
    "duties",
    "notifications",
    "people",
    "records",
]
INSTALLED_APPS = [
    *ROOMS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "crispy_forms",
    "crispy_bootstrap5",
    "axes",
    "csp",
    "django_tasks",
    "django_tasks_db",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "kernel.fragments.FragmentMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "people.middleware.LanguageMiddleware",
    "people.middleware.PlainAddressMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "people.middleware.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "people.middleware.ViewerMiddleware",
    "people.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["kernel.templatetags.shipshape", "django.templatetags.i18n"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

DATABASES = {
    "default": dj_database_url.parse(
        env.text("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'shipshape.sqlite3'}",
        conn_max_age=None,
        conn_health_checks=True,
    )
}
DATABASES["default"]["ENGINE"] = DATABASES["default"]["ENGINE"].replace("django.db.backends", "kernel.databases")
if DATABASES["default"]["ENGINE"] == "kernel.databases.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;"
            "PRAGMA mmap_size=67108864; PRAGMA cache_size=-32000; PRAGMA journal_size_limit=67108864;"
            "PRAGMA wal_autocheckpoint=4000"  # pages, 16 MB: many short transactions rewrite the same ones
        ),
    }
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Employee"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "people.backends.NumberBackend",
]
LOGIN_URL = "people:sign_in"
LOGIN_REDIRECT_URL = "duties:today"
LOGOUT_REDIRECT_URL = "people:sign_in"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SIGN_IN_ATTEMPTS = env.integer("SIGN_IN_ATTEMPTS", 8, least=3)  # of one number at one place
AXES_FAILURE_LIMIT = "people.limits.most_failures"
AXES_COOLOFF_TIME = 0.25
AXES_USERNAME_FORM_FIELD = "username"
AXES_LOCKOUT_PARAMETERS = "people.limits.counted_by"
AXES_USERNAME_CALLABLE = "people.limits.who"
AXES_CLIENT_IP_CALLABLE = "people.limits.where"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # nobody prolongs a pause by going on
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "people/locked_out.html"
AXES_SENSITIVE_PARAMETERS = ["password", "pin", "current", "again", "token"]

SESSION_ENGINE = "people.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 7
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IN_PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = IN_PRODUCTION and env.flag("SECURE_SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = 31536000 if IN_PRODUCTION else 0
BEHIND_PROXY = env.flag("BEHIND_PROXY", False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
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

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = env.zone("COMPANY_ZONE", "Asia/Shanghai")  # of what belongs to no site; a site has its own
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = ["config.formats"]

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "frontend" / "dist"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if APP_ENV == "test":  # the fixed cast needs no slow hashes, the pages no built files
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_MAX_AGE = 60 * 60
MEDIA_ROOT = DATA_DIR / "media"
EVIDENCE_DIR = DATA_DIR / "evidence"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
BUYER_RETENTION_DAYS = env.integer("BUYER_RETENTION_DAYS", 90, least=7)  # then orders name nobody any more
UPLOAD_MAX_MB = env.integer("UPLOAD_MAX_MB", 200, least=1)
LEAST_FREE_MB = env.integer("LEAST_FREE_MB", 500)  # below, /healthz says that the disk is low

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Composition: which reaction answers which fact, what the tick does, which page a duty opens and who may do it, which
# pages there are.
REACTIONS = "config.reactions.REACTIONS"
TICK_STEPS = "config.ticking.STEPS"
DUTY_PAGES = "config.pages.DUTY_PAGES"
DUTY_GATES = "config.pages.DUTY_GATES"
DECISIONS = "config.pages.DECISIONS"
NAVIGATION = "config.pages.NAVIGATION"
LISTS = "config.pages.LISTS"
VIEWER_FACTS = "config.pages.VIEWER_FACTS"
LEDGER_CHECKS = "config.proving.CHECKS"

# What the ledger is checked against lies outside the database (docs/adr/0002).
LEDGER_KEYS = env.words("LEDGER_KEYS")
LEDGER_HEADS_FILE = env.text("LEDGER_HEADS_FILE")
LEDGER_HEADS_MAIL = env.text("LEDGER_HEADS_MAIL")
LEDGER_HEADS_WEBHOOK = env.text("LEDGER_HEADS_WEBHOOK")

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.integer("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", True)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "shipshape@localhost")

LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "axes": {"level": "WARNING"},
        "django_tasks_db": {"level": "WARNING"},
        "django.tasks": {"level": "WARNING"},
        "django_tasks": {"level": "WARNING"},
    },
}
os.environ.setdefault("TZ", "UTC")
