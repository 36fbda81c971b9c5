"""A merchant's shipping rates in the admin: what it costs and how long it takes, market by market or for many at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from catalog import operations
from catalog.admin_forms import money_field, say
from catalog.admin_frame import Page, remember, restores, undo_of
from catalog.admin_selling import european, market_choices
from catalog.domain.drafts import RateDraft
from catalog.domain.errors import ChangedMeanwhile
from catalog.models import ShippingRate
from catalog.operations.shipping import draft_of
from compliance.checks.queries import market_name
from compliance.rulebook.markets import selling_markets
from marketplace.accounts.models import Merchant
from marketplace.accounts.scoping import MerchantScoped, editable_ids_of
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError
from marketplace.kernel.money import Money

EU = "EU"


class MarketFilter(admin.SimpleListFilter):
    title, parameter_name = _("market"), "market"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        used = set(model_admin.get_queryset(request).values_list("market", flat=True).distinct())
        return [(market, name) for market, name in market_choices() if market in used]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(market=self.value()) if self.value() else queryset


class RateForm(forms.Form):
    """What it costs to send a basket, in the merchant's currency."""

    service = forms.SlugField(
        label=_("Service"), initial="standard", max_length=40, help_text=_("Such as standard or express.")
    )
    price = forms.DecimalField(label=_("Price"), min_value=0, max_digits=12)
    extra = forms.DecimalField(label=_("Each further article"), min_value=0, max_digits=12, required=False)
    free_from = money_field(label=_("Free from a basket of"), required=False)
    min_days = forms.IntegerField(label=_("Days at least"), min_value=0, max_value=365)
    max_days = forms.IntegerField(label=_("Days at most"), min_value=0, max_value=365)
    carrier = forms.CharField(label=_("Carrier"), max_length=60, required=False)

    def clean(self) -> dict[str, Any]:
        got = super().clean() or {}
        if (
            got.get("min_days") is not None
            and got.get("max_days") is not None
            and got["max_days"] < got["min_days"]
        ):
            self.add_error("max_days", _("This is fewer days than “at least”."))
        return got

    def draft(self, market: str, currency: str) -> RateDraft:
        """Return the rate for a market as the operations take it."""
        got = self.cleaned_data
        return RateDraft(
            market, Money.of(got["price"], currency).minor, currency, got["min_days"], got["max_days"], got["service"],
            Money.of(got["extra"] or 0, currency).minor,
            Money.of(got["free_from"], currency).minor if got["free_from"] else None, got["carrier"],
        )  # fmt: skip


class NewRateForm(RateForm):
    """The same rate for several markets at once."""

    merchant = forms.ModelChoiceField(label=_("Merchant"), queryset=None)
    markets = forms.MultipleChoiceField(label=_("Markets"), widget=forms.CheckboxSelectMultiple)
    field_order = ("merchant", "markets")

    def __init__(self, *args: Any, merchants: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["merchant"].queryset = merchants  # type: ignore[attr-defined]
        self.fields["merchant"].initial = merchants.first()
        union = ngettext(
            "European Union: the one market", "European Union: all %(n)s markets", len(european())
        ) % {"n": len(european())}
        self.fields["markets"].choices = [(EU, union), *market_choices()]  # type: ignore[attr-defined]

    def drafts(self) -> list[RateDraft]:
        """Return a rate for every market that was chosen, alone or by its union."""
        chosen = set(self.cleaned_data["markets"])
        chosen |= set(european()) if EU in chosen else set()
        currency = self.cleaned_data["merchant"].currency
        return [self.draft(market, currency) for market in selling_markets() if market in chosen]


def _initial(row: ShippingRate) -> dict[str, Any]:
    def amount(minor: int | None) -> Any:
        return None if minor is None else Money(minor, row.currency).amount

    return {
        "service": row.service, "price": amount(row.price_minor), "extra": amount(row.extra_item_minor or None),
        "free_from": amount(row.free_from_minor), "min_days": row.min_days, "max_days": row.max_days, "carrier": row.carrier,
    }  # fmt: skip


@admin.register(ShippingRate)
class ShippingRateAdmin(Page, MerchantScoped, ModelAdmin):
    """Shipping rates. A market without one is not sent to."""

    list_display = ["market_label", "merchant", "service", "price", "free_from", "days", "carrier"]
    list_filter = [MarketFilter, "service"]
    search_fields = ["market", "service", "carrier"]
    list_select_related = ["merchant"]
    ordering = ["merchant", "market", "service"]
    list_per_page = 100
    show_full_result_count = False
    actions = ["change_rates", "take_away"]
    list_before_template = "admin/catalog/rate_tools.html"

    def get_actions(self, request: HttpRequest) -> Any:
        found = super().get_actions(request)
        return found if editable_ids_of(request) else {}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # taken away by the action, which can be undone

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        more = {
            "undo": undo_of(request),
            "undo_url": reverse("admin:catalog_shippingrate_undo"),
            "here": request.get_full_path(),
            "missing": self._missing(request),
        }
        return super().changelist_view(request, {**(extra_context or {}), **more})

    def _missing(self, request: HttpRequest) -> list[dict[str, str]]:
        """Return, for each of the person's few merchants, the markets it has no rate for."""
        merchants = list(self.merchants(request)[:3])
        found = []
        for merchant in merchants if len(merchants) < 3 else ():
            have = set(merchant.shipping_rates.values_list("market", flat=True))
            names = [
                name for market, name in market_choices() if market not in have and market[:2] not in have
            ]
            found.append({"merchant": merchant.name, "markets": ", ".join(names)})
        return [one for one in found if one["markets"]]

    @admin.display(description=_("market"), ordering="market")
    def market_label(self, row: ShippingRate) -> str:
        return market_name(row.market)

    @admin.display(description=_("price"), ordering="price_minor")
    def price(self, row: ShippingRate) -> str:
        price = Money(row.price_minor, row.currency).display(get_language() or "en")
        extra = Money(row.extra_item_minor, row.currency).display(get_language() or "en")
        return f"{price} + {extra}" if row.extra_item_minor else price

    @admin.display(description=_("free from"), ordering="free_from_minor")
    def free_from(self, row: ShippingRate) -> str:
        minor = row.free_from_minor
        return "–" if minor is None else Money(minor, row.currency).display(get_language() or "en")

    @admin.display(description=_("days"), ordering="max_days")
    def days(self, row: ShippingRate) -> str:
        return f"{row.min_days}–{row.max_days}"

    def get_urls(self) -> list[URLPattern]:
        undo = path("undo/", self.admin_site.admin_view(self.undo), name="catalog_shippingrate_undo")
        return [undo, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Add a rate for one or several markets; one of the same market and service is replaced."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewRateForm(request.POST or None, merchants=self.merchants(request))
        if request.method == "POST" and form.is_valid():
            merchant, drafts = form.cleaned_data["merchant"], form.drafts()
            if self._save(request, form, merchant, drafts):
                return self._to_list()
        return self.page(
            request, "admin/catalog/form.html", title=gettext("New shipping rate"), form=form, button=gettext("Save"), is_wide=True
        )  # fmt: skip

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show and change one rate."""
        row = self.mine(request, object_id, to_change=request.method == "POST")
        form = RateForm(request.POST or None, initial=_initial(row))
        form.fields["service"].disabled = True
        if request.method == "POST" and form.is_valid():
            drafts = [form.draft(row.market, row.currency)]
            if self._save(request, form, row.merchant, drafts):
                return self._to_list()
        title = f"{row.merchant.name} → {market_name(row.market)}"
        return self.page(request, "admin/catalog/form.html", title=title, form=form, button=gettext("Save"))

    def _save(
        self, request: HttpRequest, form: RateForm, merchant: Merchant, drafts: Sequence[RateDraft]
    ) -> bool:
        keys = {(draft.market, draft.service) for draft in drafts}
        old = [draft_of(row) for row in merchant.shipping_rates.all() if (row.market, row.service) in keys]
        try:
            operations.save_shipping_rates(merchant_id=merchant.pk, rates=drafts, now=clock.now())
        except RightfulError as error:
            form.add_error({"price_minor": "price"}.get(error.field or ""), say(error))
            return False
        _remember(request, [merchant.pk], old={merchant.pk: old}, new={merchant.pk: drafts})
        messages.success(
            request,
            ngettext("%(n)s rate is saved.", "%(n)s rates are saved.", len(drafts)) % {"n": len(drafts)},
        )
        return True

    def _to_list(self) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:catalog_shippingrate_changelist"))

    def _chosen(
        self, request: HttpRequest, queryset: QuerySet[ShippingRate]
    ) -> dict[int, list[ShippingRate]]:
        found: dict[int, list[ShippingRate]] = {}
        for row in queryset.filter(merchant__in=editable_ids_of(request)).order_by("merchant", "pk"):
            found.setdefault(row.merchant_id, []).append(row)
        return found

    @admin.action(description=_("Take away"))
    def take_away(self, request: HttpRequest, queryset: QuerySet[ShippingRate]) -> None:
        old = {}
        for merchant_id, rows in self._chosen(request, queryset).items():
            ids = [row.pk for row in rows]
            old[merchant_id] = operations.remove_shipping_rates(
                merchant_id=merchant_id, rate_ids=ids, now=clock.now()
            )
        _remember(request, list(old), old=old, new={})
        count = sum(map(len, old.values()))
        text = ngettext("%(n)s rate is gone; nothing is sent that way any more.", "%(n)s rates are gone; nothing is sent that way any more.", count)  # fmt: skip
        messages.success(request, text % {"n": count})

    @admin.action(description=_("Change price and days"))
    def change_rates(self, request: HttpRequest, queryset: QuerySet[ShippingRate]) -> HttpResponse | None:
        chosen = self._chosen(request, queryset)
        rows = [row for some in chosen.values() for row in some]
        form = RateForm(
            request.POST if "go" in request.POST else None, initial=_initial(rows[0]) if rows else {}
        )
        del form.fields["service"]
        if request.POST.get("go") == "apply" and len({row.currency for row in rows}) == 1 and form.is_valid():
            old, new = {}, {}
            for merchant_id, some in chosen.items():
                old[merchant_id] = [draft_of(row) for row in some]
                new[merchant_id] = [_redrawn(form, row) for row in some]
                operations.save_shipping_rates(
                    merchant_id=merchant_id, rates=new[merchant_id], now=clock.now()
                )
            _remember(request, list(old), old=old, new=new)
            messages.success(
                request,
                ngettext("%(n)s rate is saved.", "%(n)s rates are saved.", len(rows)) % {"n": len(rows)},
            )
            return None
        if len({row.currency for row in rows}) > 1:
            messages.error(request, gettext("Choose rates of one currency at a time."))
            return None
        return self.page(
            request, "admin/catalog/many.html", title=gettext("Change price and days"), rows=rows, form=form,
            action="change_rates", what="rates",
        )  # fmt: skip


def _redrawn(form: RateForm, row: ShippingRate) -> RateDraft:
    form.cleaned_data["service"] = row.service
    return form.draft(row.market, row.currency)


def _remember(
    request: HttpRequest, ids: Sequence[int], *, old: Mapping[int, Sequence[RateDraft]],
    new: Mapping[int, Sequence[RateDraft]],
) -> None:  # fmt: skip
    def plain(found: Mapping[int, Sequence[RateDraft]]) -> dict[str, list[dict[str, Any]]]:
        return {str(pk): [asdict(draft) for draft in found.get(pk, ())] for pk in ids}

    remember(request, "rates", gettext("the shipping rates"), old=plain(old), new=plain(new))


@restores("rates")
def _restore_rates(data: Mapping[str, Any], ids: Collection[int], by: Any, now: datetime) -> None:
    for pk in data["old"]:
        if int(pk) not in ids:
            raise ChangedMeanwhile
        _restore_of(
            int(pk),
            [RateDraft(**one) for one in data["old"][pk]],
            [RateDraft(**one) for one in data["new"][pk]],
            now,
        )


def _restore_of(merchant_id: int, old: list[RateDraft], new: list[RateDraft], now: datetime) -> None:
    """Put a merchant's rates back, if those that took their place still stand."""
    rows = {(row.market, row.service): row for row in ShippingRate.objects.filter(merchant_id=merchant_id)}
    keys = [(draft.market, draft.service) for draft in (*old, *new)]
    expected = {(draft.market, draft.service): draft for draft in new}
    if any((draft_of(rows[key]) if key in rows else None) != expected.get(key) for key in keys):
        raise ChangedMeanwhile
    if old:
        operations.save_shipping_rates(merchant_id=merchant_id, rates=old, now=now)
    gone = [rows[key].pk for key in expected if key not in {(draft.market, draft.service) for draft in old}]
    if gone:
        operations.remove_shipping_rates(merchant_id=merchant_id, rate_ids=gone, now=now)
