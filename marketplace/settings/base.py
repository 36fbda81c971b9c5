"""Settings shared by every environment. Deny by default; environments loosen, never the other way."""

import os
from pathlib import Path

import dj_database_url
from django.utils.translation import gettext_lazy as _

import marketplace.celery  # noqa: F401 -- shared tasks bind to our application wherever Django runs

BASE_DIR = Path(__file__).resolve().parents[2]
HOME_DIR = Path(os.environ.get("RIGHTFUL_HOME", BASE_DIR / ".rightful"))

SECRET_KEY = os.environ.get("SECRET_KEY", "")
DEBUG = False
ALLOWED_HOSTS = [host for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host]
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]
SITE_URL = os.environ.get("SITE_URL", "http://localhost:8000")
SITE_NAME = "Rightful"

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_celery_beat",
    "django_countries",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "import_export",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "marketplace.kernel",
    "marketplace.accounts",
    "compliance",
    "catalog",
    "orders",
    "returns",
    "complaints",
]

MIDDLEWARE = [
    "marketplace.kernel.requests.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "marketplace.kernel.requests.AdminPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "marketplace.accounts.place.PlaceMiddleware",
    "compliance.web.law.LawMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "marketplace.kernel.requests.ErrorMiddleware",
    "axes.middleware.AxesMiddleware",
    "marketplace.kernel.requests.PlainTextMiddleware",
]

ROOT_URLCONF = "marketplace.urls"
WSGI_APPLICATION = "marketplace.wsgi.application"
SILENCED_SYSTEM_CHECKS: list[str] = []

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
                "marketplace.accounts.place.context",
                "orders.web.context.basket",
                "returns.web.context.withdrawal",
            ],
        },
    }
]

DATABASE_POOLED = os.environ.get("DATABASE_POOLED", "") == "1"  # PgBouncer: docs/deployment.md
DATABASES = {
    "default": dj_database_url.config(
        env="DATABASE_URL",
        default="postgres://rightful@127.0.0.1:54320/rightful",
        conn_max_age=600,
        conn_health_checks=True,
        disable_server_side_cursors=DATABASE_POOLED,
    )
}
DATABASES["default"].setdefault("OPTIONS", {})
if not DATABASE_POOLED:  # a pooler has no session of ours to set them in: there they belong to the role
    DATABASES["default"]["OPTIONS"].setdefault(
        "options",
        "-c statement_timeout=60000 -c idle_in_transaction_session_timeout=60000 -c lock_timeout=10000 "
        "-c jit=off -c random_page_cost=1.1 -c max_parallel_workers_per_gather=0",  # short queries on data that is in memory
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:63790/0")
CACHES = {
    "default": {
        "BACKEND": "marketplace.kernel.cache.Cache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "rf",
        "TIMEOUT": 3600,
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "marketplace.kernel.views.forgery"

# Accounts: e-mail sign-in, second factor, passkeys
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/account/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SITE_URL.startswith("https") else "http"
ACCOUNT_ADAPTER = "marketplace.accounts.adapter.AccountAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_TEMPLATE = "429.html"

# Languages and places
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("de", _("German")),
    ("fr", _("French")),
    ("es", _("Spanish")),
    ("zh-hans", _("Simplified Chinese")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_MARKET, DEFAULT_CURRENCY = "DE", "EUR"
CURRENCIES = ["EUR", "GBP", "USD", "CHF", "NOK", "SEK", "PLN", "CNY", "JPY", "AUD"]

# Files
STATIC_URL = "/static/"
STATIC_ROOT = HOME_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "marketplace.kernel.assets.Assets"},
}
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(os.environ.get("MEDIA_ROOT", HOME_DIR / "media"))
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
UPLOAD_MAX_BYTES = 32 * 1024 * 1024
IMPORT_MAX_BYTES = 64 * 1024 * 1024
DOCUMENT_MAX_BYTES = 10 * 1024 * 1024
FETCH_PICTURES = os.environ.get("FETCH_PICTURES", "1") == "1"  # those that merchants' files name
FETCH_MAX_BYTES, FETCH_SECONDS = 16 * 1024 * 1024, 30.0
FORM_RENDERER = "marketplace.kernel.renderer.QuickControls"

# Mail
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = os.environ.get("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "1025"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS", "") == "1"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "Rightful <post@rightful.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Work in the background. Truth is in Postgres; the broker only wakes workers.
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 540
CELERY_TASK_SOFT_TIME_LIMIT = 500
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"*.bulk_*": {"queue": "bulk"}}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
APPEAL_DECISION_DAYS = 14  # our own promise to merchants; the law says "timely"
CERTIFICATE_NOTICE_DAYS = (60, 30, 7)  # before a brand's certificate ends; our own promise, no law
LAW_LOOK_SECONDS: float | None = 2.0  # how often a process looks for law that officers accepted
# name → (task, seconds). The beat schedule, the job rows and /healthz are made of this one table.
SCHEDULED_JOBS = {
    "relay-outbox": ("marketplace.kernel.tasks.relay_outbox", 5),
    "release-reservations": ("orders.tasks.release_expired_checkouts", 60),
    "retry-payments": ("orders.tasks.reconcile_payments", 60),
    "sweep-compliance": ("compliance.tasks.sweep_compliance", 3600),
    "turn-prices": ("catalog.tasks.turn_prices", 60),
    "count-sales": ("orders.tasks.count_sales", 86400),
    "tell-of-law": ("compliance.tasks.tell_of_law", 3600),
    "refresh-catalogue": ("catalog.tasks.refresh_catalogue", 3600),
    "pay-refunds": ("returns.tasks.pay_refunds", 3600),
    "follow-returns": ("returns.tasks.follow_parcels", 900),
    "follow-claims": ("returns.tasks.follow_claims", 3600),
    "follow-exchanges": ("returns.tasks.follow_exchanges", 900),
    "pay-merchants": ("orders.tasks.pay_merchants", 3600),
    "check-books": ("orders.tasks.check_books", 21600),
    "watch-certificates": ("catalog.tasks.announce_certificates", 3600),
    "tell-of-voice": ("catalog.tasks.tell_of_voice", 300),
    "prune-commands": ("marketplace.kernel.tasks.prune_commands", 86400),
    "retry-pictures": ("catalog.importing.tasks.retry_pictures", 60),
    "close-rooms": ("complaints.tasks.close_rooms", 60),
    "wake-complaints": ("complaints.tasks.wake_complaints", 60),
    "sweep-clocks": ("complaints.tasks.sweep_clocks", 15),
    "fetch-letters": ("complaints.tasks.fetch_letters", 60),
    "check-clocks": ("complaints.tasks.check_clocks", 86400),
    "spread-tickets": ("complaints.tasks.spread_tickets", 60),
    "tell-agents": ("complaints.tasks.tell_agents", 60),
}
CELERY_BEAT_SCHEDULE = {
    name: {"task": task, "schedule": float(seconds)} for name, (task, seconds) in SCHEDULED_JOBS.items()
}

# Complaints: sums above these need a second agent's agreement, in minor units; other currencies as the euro's figure
COMPLAINTS_FOUR_EYES_MINOR = {"EUR": 20_000, "USD": 20_000, "GBP": 20_000, "CNY": 150_000, "JPY": 30_000}
COMPLAINTS_SPREAD = (
    os.environ.get("COMPLAINTS_SPREAD", "") == "1"
)  # hand free complaints out in turn; else agents take the next
# The mailbox from which complaints are fetched (IMAP); without a host none is
MAILBOX_HOST = os.environ.get("MAILBOX_HOST", "")
MAILBOX_PORT = int(os.environ.get("MAILBOX_PORT", "993"))
MAILBOX_TLS = os.environ.get("MAILBOX_TLS", "1") == "1"
MAILBOX_USER = os.environ.get("MAILBOX_USER", "")
MAILBOX_PASSWORD = os.environ.get("MAILBOX_PASSWORD", "")
MAILBOX_FOLDER = os.environ.get("MAILBOX_FOLDER", "INBOX")

# API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "marketplace.accounts.api.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],  # deny by default
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["marketplace.kernel.problems.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "marketplace.kernel.problems.exception_handler",
    "NUM_PROXIES": int(os.environ.get("PROXY_COUNT", "0")),  # whose word for the caller's address is taken
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": "600/min",
        "user": "1200/min",
        "checkout": "60/min",
        "rights": "1200/min",
        "complain": "30/hour",
        "claim": "60/hour",
        "withdraw-guess": "20/hour",
        "withdraw-unmatched": "20/hour",
        "voice": "20/hour",
        "messages": "60/hour",
    },
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Rightful API",
    "VERSION": "1.0.0",
    "DESCRIPTION": "Catalogue, basket, checkout, orders and rights of a marketplace that keeps the buyer's rights.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
}

# Security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'self'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Payments
PAYMENT_PROVIDERS = os.environ.get("PAYMENT_PROVIDERS", "offline").split(",")
STRIPE_SECRET_KEY = os.environ.get("STRIPE_SECRET_KEY", "")
STRIPE_PUBLISHABLE_KEY = os.environ.get("STRIPE_PUBLISHABLE_KEY", "")
STRIPE_WEBHOOK_SECRET = os.environ.get("STRIPE_WEBHOOK_SECRET", "")
STRIPE_API_BASE = os.environ.get("STRIPE_API_BASE", "")  # a local fake in tests; empty means the real one
STRIPE_SCRIPT_URL = os.environ.get("STRIPE_SCRIPT_URL", "https://js.stripe.com/endive/stripe.js")
CHECKOUT_HOLD_MINUTES = 30
TERMS_VERSION = "2026-11-23"  # of templates/legal/terms.html; frozen with every contract
BASKET_COOKIE = "basket"
PAYOUT_MINIMUM_MINOR = 100  # smaller sums wait; our own rule, in minor units of any currency
MARKETPLACE_COUNTRY = "DE"  # where it is established; decides the tax on its commission

LOGGING_CONFIG = None  # marketplace.kernel.logs configures structlog and the standard library together
LOG_FORMAT = os.environ.get("LOG_FORMAT", "console")
LOG_LEVEL = os.environ.get("LOG_LEVEL", "INFO")

UNFOLD = {
    "SITE_TITLE": "Rightful",
    "SITE_HEADER": "Rightful",
    "SITE_SYMBOL": "verified",
    "LOGIN": {"form": "marketplace.accounts.signing_in.AdminSignInForm"},
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    "SIDEBAR": {"navigation": "marketplace.accounts.admin_sidebar.navigation", "show_all_applications": True},
    "DASHBOARD_CALLBACK": "orders.admin.fill_dashboard",
    "COLORS": {
        "primary": {
            "50": "oklch(0.975 0.012 190)",
            "100": "oklch(0.945 0.025 190)",
            "200": "oklch(0.89 0.045 190)",
            "300": "oklch(0.81 0.065 190)",
            "400": "oklch(0.69 0.085 192)",
            "500": "oklch(0.57 0.09 194)",
            "600": "oklch(0.47 0.08 196)",
            "700": "oklch(0.39 0.065 198)",
            "800": "oklch(0.33 0.052 200)",
            "900": "oklch(0.28 0.042 202)",
            "950": "oklch(0.2 0.032 204)",
        }
    },
}
