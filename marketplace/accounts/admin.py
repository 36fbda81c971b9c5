"""People and merchants in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from marketplace.accounts import operations
from marketplace.accounts.models import Merchant, MerchantMember, Role, User
from marketplace.accounts.scoping import MerchantScoped, RoleScoped

admin.site.unregister(Group)


class RoleInline(TabularInline):
    model = Role
    extra = 0


@admin.register(User)
class UserAdmin(RoleScoped, ModelAdmin):
    """Users, for operators only."""

    writers = (Role.Kind.OPERATOR,)
    list_display = ["email", "name", "is_active", "is_staff", "date_joined"]
    search_fields = ["email", "name"]
    list_filter = ["is_active", "is_staff", "roles__kind"]
    fields = ["email", "name", "is_active", "is_staff", "date_joined", "last_login"]
    readonly_fields = ["date_joined", "last_login"]
    inlines = [RoleInline]
    show_full_result_count = False


class MemberInline(TabularInline):
    model = MerchantMember
    extra = 0
    autocomplete_fields = ["user"]

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return RoleScoped().has_view_permission(request)

    has_add_permission = has_delete_permission = has_change_permission


@admin.register(Merchant)
class MerchantAdmin(MerchantScoped, ModelAdmin):
    """A merchant's identity, as shoppers and the law see it."""

    merchant_path = "self"
    list_display = ["name", "legal_name", "kind", "country", "status", "verified_at"]
    list_filter = ["status", "kind", "country"]
    search_fields = ["name", "legal_name", "vat_id"]
    readonly_fields = ["public_id", "status", "verified_at", "verified_by", "created_at"]
    inlines = [MemberInline]
    fieldsets = [
        (None, {"fields": ["public_id", "name", "slug", "legal_name", "kind", "status"]}),
        (_("Address"), {"fields": ["street", "postcode", "city", "region", "country", "complaints_address"]}),
        (_("Contact"), {"fields": ["email", "phone", "website"]}),
        (
            _("Registers"),
            {"fields": ["register_name", "register_number", "vat_id", "eori", "ioss_number", "numbers"]},
        ),
        (_("Verification"), {"fields": ["self_certified_at", "verified_at", "verified_by"]}),
        (
            _("Selling"),
            {
                "fields": [
                    "currency",
                    "prices_include_tax",
                    "time_zone",
                    "voluntary_days",
                    "free_returns",
                    "story",
                ]
            },
        ),
    ]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return RoleScoped().has_view_permission(request)

    def save_model(self, request: HttpRequest, obj: Merchant, form: Any, change: bool) -> None:
        """Write through the operation, so that the listings are judged again."""
        fields = {name: form.cleaned_data[name] for name in form.changed_data if name in operations.IDENTITY}
        if change:
            operations.update_merchant(merchant_id=obj.pk, **fields)
        else:
            made = operations.create_merchant(
                owner=None, **{n: form.cleaned_data[n] for n in form.cleaned_data}
            )
            obj.pk, obj._state.adding = made.pk, False
