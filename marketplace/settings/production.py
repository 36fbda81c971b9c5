"""Production: refuses to start without its secrets, speaks HTTPS only."""

import os

from django.core.exceptions import ImproperlyConfigured

from marketplace.settings.base import *  # noqa: F403 -- settings modules extend each other by design

REQUIRED = [
    "SECRET_KEY",
    "DATABASE_URL",
    "REDIS_URL",
    "ALLOWED_HOSTS",
    "SITE_URL",
    "EMAIL_HOST",
    "DEFAULT_FROM_EMAIL",
]
if "stripe" in os.environ.get("PAYMENT_PROVIDERS", "stripe"):
    REQUIRED += ["STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRET"]
missing = [name for name in REQUIRED if not os.environ.get(name)]
if missing:
    raise ImproperlyConfigured(f"These environment variables are missing: {', '.join(missing)}.")
if len(os.environ["SECRET_KEY"]) < 50:
    raise ImproperlyConfigured("SECRET_KEY needs at least 50 characters.")

DEBUG = False
PAYMENT_PROVIDERS = os.environ.get("PAYMENT_PROVIDERS", "stripe").split(",")
SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 63_072_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken"
LOG_FORMAT = os.environ.get("LOG_FORMAT", "json")
