"""The only settings module. What differs between machines comes from the environment (.env.example)."""

from pathlib import Path

from hubportal.databases import database
from hubportal.environment import (
    BASE_DIR,
    choice,
    flag,
    load_env_file,
    networks,
    number,
    required,
    text,
    words,
)
from hubportal.logs import FORMATS, configuration
from hubportal.patience import READING

load_env_file()

DEBUG = flag("DEBUG", False)

if DEBUG:
    SECRET_KEY = text("SECRET_KEY", "for-development-only-" + "x" * 40)
    ALLOWED_HOSTS = words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
else:
    SECRET_KEY = required("SECRET_KEY", "Put 50 random characters into the environment or into .env.")
    required("ALLOWED_HOSTS", "Put the host names that the site answers to, separated by commas, into it.")
    ALLOWED_HOSTS = words("ALLOWED_HOSTS")

# Absolute addresses (canonical links, feeds, sitemap) come from here, never from a request's Host header.
SITE_URL = text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
IS_SECURE = SITE_URL.startswith("https://")
SITE_NAME = text("SITE_NAME", "Hangzhou, with sources")
SITE_CONTACT = text("SITE_CONTACT")
# Whether who changed a record last may not publish it.
TWO_PERSON_RULE = flag("TWO_PERSON_RULE", False)
# A TrueType font with Chinese signs for share images; without one they are drawn in Latin letters only.
SHARE_FONT = text("SHARE_FONT")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django_filters",
    "import_export",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "hubportal.apps.HubportalConfig",
    "ecosystem",
]

# The first three speak in every answer, so they stand before the one that serves static files.
MIDDLEWARE = [
    "hubportal.headers.security",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "hubportal.health.probes",
    "hubportal.limits.limits",
    "hubportal.middleware.preflight",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "hubportal.middleware.good_manners",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ecosystem.changes.editor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "hubportal.gate.gate",
    "ecosystem.views.unsent.keep_typed",
]

ROOT_URLCONF = "hubportal.urls"
WSGI_APPLICATION = "hubportal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
                "ecosystem.context.site",
            ],
        },
    },
]

DATABASES = {"default": database(text("DATABASE_URL") or f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}

# A record with two hundred statements is one form: the default would refuse it and lose what was typed.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Megabytes of finished pages that each server process keeps for readers; 0 keeps none. With DEBUG a page is
# made anew each time, so that a changed template shows.
PAGE_CACHE_MB = number("PAGE_CACHE_MB", 0 if DEBUG else 64)
# Lists counted in memory; off, SQL counts them each time.
LIST_INDEX = flag("LIST_INDEX", True)
# For how long a kept page may stand in while the database does not answer.
STALE_SECONDS = number("STALE_SECONDS", 3600)
# What is kept of the content, such as finished pages, is good until this file grows; with REDIS_URL, that
# takes its place. Every process of the site writes to it.
CONTENT_LOG = Path(text("CONTENT_LOG") or BASE_DIR / "var" / "content-log")

# An uploaded table waits where every process of every host finds it until somebody confirms it.
IMPORT_EXPORT_TMP_STORAGE_CLASS = "import_export.tmp_storages.CacheStorage"
IMPORT_EXPORT_IMPORT_IGNORE_BLANK_LINES = True

# Where export_dataset puts the files that /data/ offers.
DATASET_DIR = Path(text("DATASET_DIR") or BASE_DIR / "var" / "dataset")

# Where backup puts its copies; better on another disk.
BACKUP_DIR = Path(text("BACKUP_DIR") or BASE_DIR / "var" / "backups")

FIXTURE_DIRS = [BASE_DIR / "fixtures"]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# Editors log in by name, on accounts that an administrator made; nothing of it needs e-mail. Five failures in
# five minutes lock an account, ten in one minute an address (django-allauth's own limits).
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL, LOGIN_REDIRECT_URL = "account_login", "admin:index"
ACCOUNT_ADAPTER = "hubportal.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# The cookie goes with the browser; on the server a session ends two hours after the last use, or twelve after
# the login.
ACCOUNT_SESSION_REMEMBER = False
SESSION_COOKIE_AGE, SESSION_LIFETIME = 2 * 3600, 12 * 3600
SESSION_ENGINE = "hubportal.sessions"
MFA_ADAPTER = "hubportal.accounts.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_FORMS = {"add_webauthn": "hubportal.forms.AddKeyForm"}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME
# Clocks of telephones are off by some seconds: the code before and the code after count too.
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_SECURE
# Whether the admin opens only to accounts with a second factor, and from which networks (empty: from any).
MFA_REQUIRED = flag("MFA_REQUIRED", IS_SECURE)
ADMIN_NETWORKS = networks("ADMIN_NETWORKS")

LANGUAGE_CODE = "en"
TIME_ZONE = text("TIME_ZONE", "Asia/Shanghai")
USE_I18N = False
FORMAT_MODULE_PATH = ["hubportal.formats"]
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = text("STATIC_ROOT") or BASE_DIR / "staticfiles"
HASHED_STATIC = flag("HASHED_STATIC", not DEBUG)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if HASHED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
# Without hashes the files come from where they were written, and nobody needs collectstatic.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = not HASHED_STATIC

# What all processes share, on all machines: counters of failed logins above all. Memory of one process would
# let each of them count for itself. The table comes with the migrations.
REDIS_URL = text("REDIS_URL")
IN_TABLE = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "cache_entries",
    # By default 300: whoever fails under so many names would push the counters of others out.
    "OPTIONS": {"MAX_ENTRIES": 10_000},
}
IN_REDIS = {
    "BACKEND": "django.core.cache.backends.redis.RedisCache",
    "LOCATION": REDIS_URL,
    "OPTIONS": {"socket_timeout": READING, "socket_connect_timeout": READING},
}
CACHES = {
    "default": {**(IN_REDIS if REDIS_URL else IN_TABLE), "KEY_FUNCTION": "hubportal.shared_cache.hidden"}
}

# Over TLS, cookies never travel without it, and their names bind them to this host (RFC 6265bis, __Host-).
# On a laptop's plain http they have to.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = IS_SECURE
SESSION_COOKIE_NAME = "__Host-session" if IS_SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_SECURE else "csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# The one that a reader's report sets goes with the browser, too.
CSRF_COOKIE_AGE = None
# Nothing typed is lost with a report whose token went missing.
CSRF_FAILURE_VIEW = "ecosystem.views.correction.csrf_failure"
# Messages lie in the session: no third cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# Redirects to TLS name the site's own host, never that of the request.
SECURE_SSL_HOST = SITE_URL.partition("://")[2]
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
SECURE_HSTS_SECONDS = 31536000 if IS_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
BEHIND_PROXY = flag("BEHIND_PROXY", False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # The last address in X-Forwarded-For is the one that our own proxy saw.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

LOG_FORMAT = choice("LOG_FORMAT", FORMATS, "json" if IS_SECURE else "text")
LOGGING = configuration(LOG_FORMAT, text("LOG_LEVEL", "INFO"))

# Reports of errors to Sentry, and numbers for Prometheus at /metrics: neither unless asked for.
SENTRY_DSN = text("SENTRY_DSN")
METRICS_TOKEN = text("METRICS_TOKEN")
METRICS_FILE = Path(text("METRICS_FILE") or BASE_DIR / "var" / "metrics")
