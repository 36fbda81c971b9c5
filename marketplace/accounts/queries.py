"""Who a user is and what they may see; the gates that edges ask."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied

from marketplace.accounts.models import Address, Merchant, MerchantMember, Role, User

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

Visitor = User | AnonymousUser
WRITERS = (MerchantMember.Role.OWNER, MerchantMember.Role.EDITOR)


def roles_of(user: Visitor) -> frozenset[str]:
    """Return the kinds of role a user holds; an operator holds them all; remembered on the user."""
    if not user.is_authenticated:
        return frozenset()
    if not hasattr(user, "_roles"):
        kinds = set(Role.objects.filter(user=user).values_list("kind", flat=True))
        user._roles = frozenset(Role.Kind.values if user.is_superuser else kinds)
    return user._roles


def has_role(user: Visitor, *kinds: str) -> bool:
    """Return whether an active user holds any of these roles (operators always do)."""
    return bool(user.is_active and roles_of(user) & {*kinds, Role.Kind.OPERATOR})


def merchants_of(user: Visitor) -> QuerySet[Merchant]:
    """Return the merchants a user works for; all of them for an operator."""
    if not user.is_authenticated or not user.is_active:
        return Merchant.objects.none()
    if has_role(user, Role.Kind.OPERATOR):
        return Merchant.objects.all()
    return Merchant.objects.filter(members__user=user)


def may_edit_merchant(user: Visitor, merchant: Merchant) -> bool:
    """Return whether a user may change what belongs to a merchant (owners, editors, operators)."""
    if has_role(user, Role.Kind.OPERATOR):
        return True
    return (
        user.is_authenticated
        and user.is_active
        and MerchantMember.objects.filter(user=user, merchant=merchant, role__in=WRITERS).exists()
    )


def addresses_of(user: User) -> QuerySet[Address]:
    """Return a user's saved addresses, the usual one first."""
    return Address.objects.filter(user=user).order_by("-is_default", "name", "pk")


def require_role(*kinds: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let only holders of one of these roles into a view: others are sent to sign in, or refused."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not has_role(request.user, *kinds):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate
