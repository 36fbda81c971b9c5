"""Merchants' systems sign in with an API key: ``Authorization: Bearer rf_<prefix>_<secret>``."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from django.http import HttpRequest
from rest_framework import authentication, exceptions

from marketplace.accounts.models import ApiKey


class ApiKeyAuthentication(authentication.BaseAuthentication):
    """Answer (the user who made the key, the key) or None when there is none."""

    def authenticate(self, request: HttpRequest) -> tuple[Any, ApiKey] | None:
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not given.startswith("rf_"):
            return None
        prefix = given.split("_")[1] if given.count("_") >= 2 and given.isprintable() else ""
        key = (
            ApiKey.objects.select_related("merchant", "created_by")
            .filter(prefix=prefix, revoked_at=None)
            .first()
        )
        if key is None or not hmac.compare_digest(key.digest, hashlib.sha256(given.encode()).hexdigest()):
            raise exceptions.AuthenticationFailed("This API key is unknown or was withdrawn.")
        if key.created_by is None or not key.created_by.is_active:
            raise exceptions.AuthenticationFailed("The person who made this API key is no longer active.")
        return key.created_by, key

    def authenticate_header(self, request: HttpRequest) -> str:
        return "Bearer"
