"""Tests: the same real services, faster password hashing, plain static files."""

import os

os.environ.setdefault("LOG_LEVEL", "WARNING")
# Tests that run side by side have a numbered database of the broker each, as each has a database; pytest-xdist says which.
SIDE_BY_SIDE = "PYTEST_XDIST_WORKER"
if (worker := os.environ.get(SIDE_BY_SIDE, "")) and (shared := os.environ.get("REDIS_URL")):
    os.environ["REDIS_URL"] = f"{shared.rsplit('/', 1)[0]}/{int(worker.removeprefix('gw')) + 1}"

from marketplace.settings.dev import *  # noqa: F403 -- settings modules extend each other by design

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
ACCOUNT_RATE_LIMITS = False
STRIPE_SECRET_KEY = "sk_test_local"  # noqa: S105 -- a fake provider's key
STRIPE_PUBLISHABLE_KEY = "pk_test_local"
STRIPE_WEBHOOK_SECRET = "whsec_local"  # noqa: S105 -- a fake provider's key
PAYMENT_PROVIDERS = ["offline", "stripe"]

LAW_LOOK_SECONDS = None  # a test that changes the law takes it over itself; query counts stay exact
