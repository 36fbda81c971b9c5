"""The demo and development: one machine, embedded services, plain HTTP on localhost."""

from marketplace.settings.base import *  # noqa: F403 -- settings modules extend each other by design
from marketplace.settings.base import ALLOWED_HOSTS, SECRET_KEY

DEBUG = False  # own error pages are part of what we look at; the console shows tracebacks
SECRET_KEY = SECRET_KEY or "for-development-only-never-in-production-0123456789abcdef"
ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]", "testserver"]
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
