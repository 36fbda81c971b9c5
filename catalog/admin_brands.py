"""The records of brands in the admin: makers, who answers in each market, certificates, and what leans on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from catalog.domain import drafts
from catalog.models import Brand, BrandCertificate
from catalog.operations import brands as operations
from compliance.checks.queries import market_name
from compliance.rulebook.categories import categories, parents
from compliance.rulebook.facts import document_kinds
from compliance.rulebook.markets import selling_markets
from marketplace.accounts import queries
from marketplace.accounts.models import Merchant, Role
from marketplace.accounts.scoping import MerchantScoped, editable_ids_of
from marketplace.kernel.errors import Invalid

PARTIES = {"manufacturer": _("Manufacturer"), "responsible_person": _("Responsible person in the EU")}
PARTS = {
    "name": _("name"),
    "address": _("postal address"),
    "email": _("e-mail or web address"),
    "country": _("country, as a code such as DE"),
}
LONGEST = {"name": 200, "address": 400, "email": 254, "country": 2, "phone": 40, "url": 1000}
SAFETY = {"email": _("e-mail"), "phone": _("telephone"), "url": _("web page")}


class BrandForm(forms.ModelForm):
    """A brand's record, each detail in a field of its own."""

    contacts = forms.CharField(
        label=_("Who answers in other markets"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=_(
            "One a line: market; role; name; address; e-mail. Such as GB; importer; Moor Ltd; 1 High St, York; a@b.uk"
        ),
    )

    class Meta:
        model = Brand
        fields = ("merchant", "name")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for party, whose in PARTIES.items():
            self._parts(party, whose, PARTS, getattr(self.instance, party))
        self._parts("safety_contact", _("Safety contact"), SAFETY, self.instance.safety_contact)
        self.fields["contacts"].initial = "\n".join(
            "; ".join(str(one.get(name, "")) for name in ("market", "role", "name", "address", "email"))
            for one in self.instance.local_contacts
        )

    def _parts(self, name: str, whose: Any, parts: Mapping[str, Any], values: Mapping[str, str]) -> None:
        for part, label in parts.items():
            # the heading above says whose it is; who only listens to the field hears it again
            self.fields[f"{name}_{part}"] = forms.CharField(
                label=capfirst(str(label)),
                initial=values.get(part, ""),
                required=False,
                max_length=LONGEST[part],
                widget=UnfoldAdminTextInputWidget(attrs={"aria-label": f"{whose}: {label}"}),
            )

    def clean(self) -> dict[str, Any]:
        got = super().clean() or {}
        try:
            got["local_contacts"] = drafts.check_contacts(_contacts(got.get("contacts", "")))
        except Invalid as problem:
            self.add_error("contacts", problem.in_words(gettext))
        return got

    def record(self) -> operations.BrandRecord:
        """Return what was entered as the operation takes it."""
        got = self.cleaned_data
        return operations.BrandRecord(
            manufacturer=_filled(got, "manufacturer", PARTS),
            responsible_person=_filled(got, "responsible_person", PARTS),
            local_contacts=got["local_contacts"],
            safety_contact=_filled(got, "safety_contact", SAFETY),
        )


def _filled(got: Mapping[str, Any], name: str, parts: Mapping[str, Any]) -> dict[str, str]:
    values = {part: str(got.get(f"{name}_{part}") or "").strip() for part in parts}
    return {part: value.upper() if part == "country" else value for part, value in values.items() if value}


def _contacts(text: str) -> list[dict[str, str]]:
    names = ("market", "role", "name", "address", "email")
    rows = [[part.strip() for part in line.split(";")] for line in text.splitlines() if line.strip()]
    return [dict(zip(names, row, strict=False)) for row in rows]


class CertificateForm(forms.ModelForm):
    """A certificate with its scope; kinds, markets and categories are those the rulebook knows."""

    class Meta:
        model = BrandCertificate
        fields = (
            "kind",
            "number",
            "issuer",
            "url",
            "market",
            "categories",
            "products",
            "issued_on",
            "expires_on",
        )
        labels = {
            "products": _("Codes of listings"),
            "url": _("Link"),
            "issuer": _("Issued by"),
            "expires_on": _("Valid until"),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = [(kind, gettext(label)) for kind, label in document_kinds().items()]
        markets = [("", gettext("everywhere")), *((code, market_name(code)) for code in selling_markets())]
        self.fields["kind"] = forms.ChoiceField(
            label=_("Kind"), choices=kinds, widget=UnfoldAdminSelectWidget
        )
        self.fields["market"] = forms.ChoiceField(
            label=_("Market"), choices=markets, required=False, widget=UnfoldAdminSelectWidget
        )
        self.fields["categories"].help_text = _(
            "Codes with commas between; empty: all products of the brand."
        )

    def clean_categories(self) -> list[str]:
        got = [code.strip() for code in self.cleaned_data["categories"] or []]
        known = {*categories(), *parents(), *(code.split(".")[0] for code in categories())}
        odd = [code for code in got if code not in known]
        if odd:
            raise forms.ValidationError(gettext("There is no category %(code)s.") % {"code": ", ".join(odd)})
        return got

    def clean(self) -> dict[str, Any]:
        got = super().clean() or {}
        if got.get("issued_on") and got.get("expires_on") and got["expires_on"] < got["issued_on"]:
            self.add_error("expires_on", _("It cannot end before it was issued."))
        return got


class CertificateInline(TabularInline):
    """The certificates of a brand."""

    model, form, extra = BrandCertificate, CertificateForm, 0

    def _may(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(editable_ids_of(request))

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission = _may


@admin.register(Brand)
class BrandAdmin(MerchantScoped, ModelAdmin):
    """Brands. What stands here fills in what a listing does not say itself; without a merchant it is for all."""

    form = BrandForm
    inlines = [CertificateInline]
    list_display = ["name", "merchant", "maker", "papers", "used_by"]
    search_fields = ["name"]
    list_select_related = ["merchant"]
    ordering = ["name", "pk"]
    show_full_result_count = False
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        counted = {
            "n_listings": Count("listings", distinct=True),
            "n_papers": Count("certificates", distinct=True),
        }
        return super().get_queryset(request).annotate(**counted)

    @admin.display(description=_("Manufacturer"))
    def maker(self, row: Brand) -> str:
        return row.manufacturer.get("name", "")

    @admin.display(description=_("Certificates"))
    def papers(self, row: Any) -> int:
        return row.n_papers

    @admin.display(description=_("Listings"))
    def used_by(self, row: Any) -> int:
        return row.n_listings

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.merchant_id is None:
            return _is_operator(request)
        return super().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.merchant_id is None:
            return _is_operator(request)
        return super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("merchant", "name") if obj is not None else ()  # listings and records are found by them

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[Any, dict[str, Any]]]:
        parts = [(whose, {"fields": [f"{name}_{part}" for part in PARTS]}) for name, whose in PARTIES.items()]
        safety = (_("Safety contact"), {"fields": [f"safety_contact_{part}" for part in SAFETY]})
        return [
            (None, {"fields": ["merchant", "name"]}),
            *parts,
            (_("Other markets"), {"fields": ["contacts"]}),
            safety,
        ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        given = super().get_changeform_initial_data(request)
        own = list(editable_ids_of(request))
        return {"merchant": own[0], **given} if len(own) == 1 and not _is_operator(request) else given

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        options["fields"] = [] if obj is not None else ["merchant", "name"]
        made = super().get_form(request, obj, change=change, **options)
        if "merchant" in made.base_fields:
            field = made.base_fields["merchant"]
            field.queryset = Merchant.objects.filter(pk__in=editable_ids_of(request)).order_by("name")
            field.required = not _is_operator(request)
            field.help_text = (
                _("Empty: the record for everybody who sells the brand.") if _is_operator(request) else ""
            )
        return made

    def save_model(self, request: HttpRequest, obj: Brand, form: Any, change: bool) -> None:
        saved = operations.save_brand(merchant_id=obj.merchant_id, name=obj.name, record=form.record())
        obj.pk = saved.pk

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.save(commit=False)
        for row in formset.deleted_objects:
            operations.remove_certificate(brand_id=form.instance.pk, certificate_id=row.pk)
        for row in [*formset.new_objects, *(row for row, _names in formset.changed_objects)]:
            values = {name: getattr(row, name) for name in CertificateForm.Meta.fields}
            operations.save_certificate(brand_id=form.instance.pk, certificate_id=row.pk, **values)


def _is_operator(request: HttpRequest) -> bool:
    return queries.has_role(request.user, Role.Kind.OPERATOR)
