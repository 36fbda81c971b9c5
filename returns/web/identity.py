"""Who may declare on which order: by the secret link, by account, or by order number and e-mail for a while."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.http import HttpRequest
from rest_framework.throttling import SimpleRateThrottle

from marketplace.accounts.models import User
from marketplace.kernel.errors import NotFound
from orders.queries import after_sales
from orders.queries.orders import find_group
from returns.domain import policy

SALT, PREFIX = "returns.identity", "s."


class GuessThrottle(SimpleRateThrottle):
    """So many tries an hour to name an order, by address; a declaration itself is never held up by it."""

    scope = "withdraw-guess"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class DeclareThrottle(GuessThrottle):
    """So many declarations an hour of people who name no order."""

    scope = "withdraw-unmatched"


def key_for(group: Any) -> str:
    """Return what opens the declaration of a checkout for somebody who named it by number and e-mail."""
    return PREFIX + signing.dumps(group.public_id, salt=SALT, compress=True)


def group_behind(request: HttpRequest, key: str) -> Any:
    """Return the order group that a key opens: a secret link, or a signed one that is still young.

    :raises NotFound: for everybody else.
    """
    if not key.startswith(PREFIX):
        return find_group(token=key, user=request.user if isinstance(request.user, User) else None)
    try:
        public_id = signing.loads(
            key.removeprefix(PREFIX), salt=SALT, max_age=int(policy.IDENTITY_KEPT.total_seconds())
        )
    except signing.BadSignature:
        raise NotFound(field="order") from None
    found = after_sales.group_by_public_id(public_id)
    if found is None:
        raise NotFound(field="order")
    return found
