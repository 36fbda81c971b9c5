"""The admin's one gate: merchants see what is theirs, operators everything, others what their role allows."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from marketplace.accounts import queries
from marketplace.accounts.models import Merchant, Role


def merchant_ids_of(request: HttpRequest) -> frozenset[int]:
    """Return the ids of the merchants the signed-in person works for, remembered on the request."""
    if not hasattr(request, "_merchant_ids"):
        request._merchant_ids = frozenset(queries.merchants_of(request.user).values_list("pk", flat=True))
    return request._merchant_ids


def editable_ids_of(request: HttpRequest) -> frozenset[int]:
    """Return the ids of the merchants whose things the signed-in person may change."""
    if not hasattr(request, "_editable_ids"):
        if queries.has_role(request.user, Role.Kind.OPERATOR):
            request._editable_ids = merchant_ids_of(request)
        else:
            rows = request.user.memberships.filter(role__in=queries.WRITERS)
            request._editable_ids = frozenset(rows.values_list("merchant_id", flat=True))
    return request._editable_ids


class MerchantScoped:
    """Mixed into a ModelAdmin: rows of other merchants do not exist.

    `merchant_path` is the lookup from the model to its merchant ("merchant", "listing__merchant").
    """

    merchant_path = "merchant"
    may_add = True
    may_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)  # type: ignore[misc]
        if queries.has_role(request.user, Role.Kind.OPERATOR):
            return rows
        path = "pk__in" if self.merchant_path == "self" else f"{self.merchant_path}__in"
        return rows.filter(**{path: merchant_ids_of(request)})

    def merchant_id_of(self, obj: Model) -> int:
        """Return the id of the merchant an object belongs to."""
        if isinstance(obj, Merchant):
            return obj.pk
        for name in self.merchant_path.split("__"):
            obj = getattr(obj, name)
        return obj.pk

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(merchant_ids_of(request))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return (
            bool(merchant_ids_of(request))
            if obj is None
            else self.merchant_id_of(obj) in merchant_ids_of(request)
        )

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        ids = editable_ids_of(request)
        return bool(ids) if obj is None else self.merchant_id_of(obj) in ids

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self.may_add and bool(editable_ids_of(request))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_delete and self.has_change_permission(request, obj)


class RoleScoped:
    """Mixed into a ModelAdmin: only holders of a role (and operators) see it."""

    roles: tuple[str, ...] = (Role.Kind.OPERATOR,)
    writers: tuple[str, ...] = ()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return queries.has_role(request.user, *self.roles)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return queries.has_role(request.user, *self.roles)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(self.writers) and queries.has_role(request.user, *self.writers)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
