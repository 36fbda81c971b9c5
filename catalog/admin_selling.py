"""Beside the listing editor: its reductions, its markets, who answers for it, and what is declared of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog import operations
from catalog.admin_forms import money_field, say
from catalog.admin_frame import Page, remember, restores
from catalog.domain.drafts import ROLES
from catalog.domain.errors import ChangedMeanwhile, UnlawfulReduction
from catalog.models import Listing, Offer, ShippingRate
from catalog.queries.contacts import ROLE_NAMES
from catalog.queries.reductions import Prior, Proposed, priors_of
from compliance.checks.queries import findings_of, in_words, market_name
from compliance.rulebook.lookups import customs_territory
from compliance.rulebook.markets import selling_markets
from marketplace.accounts.scoping import editable_ids_of
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError
from marketplace.kernel.money import Money

WHY = {
    "new": _("It has been on sale for fewer days than the law looks back."),
    "not_below": _("The new price is not below the prior price."),
    "step": _("A further step counts as a new reduction there. End the running one first."),
    "none": _("It was never on sale before, so there is no price to compare with."),
}
EVERYWHERE, ONLY, MORE, FEWER = "all", "only", "more", "fewer"


def market_choices(markets: Iterable[str] | None = None) -> list[tuple[str, str]]:
    """Return markets with their names, in the order people see them."""
    return [(market, market_name(market)) for market in (markets or selling_markets())]


def european() -> list[str]:
    """Return the markets of the European Union's customs territory."""
    today = clock.now().date()
    return [market for market in selling_markets() if customs_territory(market, today) == "EU"]


def moment(value: datetime, zone: str) -> str:
    """Return an instant as people of a time zone write it."""
    return date_format(timezone.localtime(value, ZoneInfo(zone)), "SHORT_DATETIME_FORMAT")


def display(minor: int, currency: str) -> str:
    return Money(minor, currency).display(get_language() or "en")


# -- reductions


class LocalMoment(forms.DateTimeField):
    """A day and a time on the merchant's wall clock."""

    def __init__(self, zone: str, **options: Any) -> None:
        self.zone = ZoneInfo(zone)
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, required=False, **options)

    def to_python(self, value: Any) -> datetime | None:
        with timezone.override(self.zone):
            return super().to_python(value)


class ReductionForm(forms.Form):
    """A reduction of some offers: by a percentage, or to a price."""

    percent = forms.DecimalField(
        label=_("Reduce by percent"), required=False, min_value=1, max_value=95,
        help_text=_("Of the present price. Shoppers see the percentage that the law's prior price gives."),
    )  # fmt: skip
    price = money_field(label=_("Or: new price"), required=False)
    prior = money_field(
        label=_("Prior price you want to show"), required=False,
        help_text=_("Leave it empty: the law computes it from your price history. Another one is refused."),
    )  # fmt: skip

    def __init__(self, zone: str, data: Any = None, *, many: bool = False) -> None:
        super().__init__(data)
        note = gettext("Time of %(zone)s; empty: at once.") % {"zone": zone}
        self.fields["starts_at"] = LocalMoment(zone, label=gettext("Begins"), help_text=note)
        self.fields["ends_at"] = LocalMoment(
            zone, label=gettext("Ends"), help_text=gettext("Empty: until you end it.")
        )
        if many:
            del self.fields["price"], self.fields["prior"]
            self.fields["percent"].required = True

    def clean(self) -> dict[str, Any]:
        got = super().clean() or {}
        if not self.errors and (got.get("percent") is None) == (got.get("price") is None):
            raise forms.ValidationError(_("Give either a percentage or a new price."))
        return got

    def new_price(self, offer: Offer) -> Money:
        """Return an offer's reduced price; a percentage never takes less off than it says."""
        got = self.cleaned_data
        if got["percent"] is None:
            return Money.of(got["price"], offer.currency)
        now = Money(offer.price_minor, offer.currency)
        return now.times(1 - got["percent"] / 100, rounding="ROUND_FLOOR")


def proposals(form: ReductionForm, offers: Sequence[Offer], now: datetime) -> list[dict[str, Any]]:
    """Return what each offer would cost and what the law says of it, as the template shows it."""
    starts = form.cleaned_data["starts_at"]
    begins = starts if starts and starts > now else now
    priced = {offer.pk: form.new_price(offer) for offer in offers}
    told = priors_of([Proposed(pk, price, begins) for pk, price in priced.items() if price.minor > 0])
    return [_proposal(offer, priced[offer.pk], told.get(offer.pk, ())) for offer in offers]


def _proposal(offer: Offer, price: Money, told: Sequence[Prior]) -> dict[str, Any]:
    lower = 0 < price.minor < offer.price_minor
    is_lawful = lower and all(one.is_lawful for one in told)
    return {
        "pk": offer.pk,
        "sku": offer.variant.sku,
        "old": display(offer.price_minor, offer.currency),
        "new": price.display(get_language() or "en"),
        "is_lawful": is_lawful,
        "label": gettext("may be announced") if is_lawful else gettext("not allowed"),
        "meaning": "allowed" if is_lawful else "blocked",
        "problem": "" if lower else gettext("The new price must be below the present one."),
        "law": [law_line(one) for one in told] if lower else [],
    }


def law_line(one: Prior) -> dict[str, Any]:
    """Return what the law says in some markets, in words."""
    window = {
        "from": date_format(one.first, "SHORT_DATE_FORMAT") if one.first else "",
        "to": date_format(one.last, "SHORT_DATE_FORMAT") if one.last else "",
    }
    if one.prior is None or not one.must_show:
        text = gettext("No rule is known there that asks for a prior price.") if one.is_lawful else ""
    else:
        amount = one.prior.display(get_language() or "en")
        text = gettext("Prior price %(amount)s, the lowest from %(from)s to %(to)s.") % {
            "amount": amount,
            **window,
        }
        if one.is_lawful and one.percent:
            text += " " + gettext("You may say −%(percent)s %%.") % {"percent": one.percent}
    return {
        "markets": ", ".join(market_name(market) for market in one.markets),
        "text": text,
        "why": str(WHY[one.why]) if one.why else "",
        "rulings": [{"title": gettext(ruling["title"]), "cites": ruling["cites"]} for ruling in one.rulings],
    }


def say_reduction(error: RightfulError) -> str:
    """Return why a reduction was refused: what, where, and what the law asks for."""
    if not isinstance(error, UnlawfulReduction):
        return say(error)
    data = error.data
    parts = [error.in_words(gettext)]
    if data["why"]:
        parts.append(str(WHY[data["why"]]))
    if data["prior_minor"] is not None:
        prior = display(data["prior_minor"], data["currency"])
        parts.append(gettext("The prior price there is %(amount)s.") % {"amount": prior})
    names = ", ".join(market_name(market) for market in data["markets"])
    return " ".join([*parts, gettext("Markets: %(names)s.") % {"names": names}])


def offers_of(rows: Iterable[Listing]) -> list[Offer]:
    """Return the offers that can be reduced, those of variants on sale."""
    found = Offer.objects.filter(variant__listing__in=list(rows), variant__is_active=True)
    return list(
        found.select_related("variant__listing__merchant", "planned").order_by("variant__listing", "pk")
    )


def announce(
    request: HttpRequest, form: ReductionForm, offers: Sequence[Offer], now: datetime
) -> tuple[int, list[str]]:
    """Announce what the law allows; return how many and what was refused."""
    got, done, refused = form.cleaned_data, 0, []
    for offer in offers:
        prior = Money.of(got["prior"], offer.currency).minor if got.get("prior") else None
        try:
            operations.reduce_price(
                offer_id=offer.pk, price_minor=form.new_price(offer).minor, now=now, starts_at=got["starts_at"],
                ends_at=got["ends_at"], prior_minor=prior, by=request.user,
            )  # fmt: skip
            done += 1
        except RightfulError as error:
            if error.field in form.fields and len(offers) == 1:
                form.add_error(error.field, say_reduction(error))
            refused.append(f"{offer.variant.sku}: {say_reduction(error)}")
    return done, refused


def end_all(offers: Sequence[Offer], now: datetime) -> int:
    """End the reductions that run among some offers and call off the planned ones; return how many."""
    found = 0
    for offer in offers:
        if offer.reduced_from:
            operations.end_reduction(offer_id=offer.pk, now=now)
            found += 1
        if hasattr(offer, "planned"):
            operations.call_off_reduction(plan_id=offer.planned.pk)
            found += 1
    return found


def offer_row(offer: Offer, zone: str) -> dict[str, Any]:
    """Return an offer as the page of reductions shows it."""
    plan = getattr(offer, "planned", None)
    runs = offer.reduced_from is not None
    return {
        "pk": offer.pk,
        "sku": offer.variant.sku,
        "options": " / ".join(offer.variant.options),
        "regular": display(offer.regular_minor or offer.price_minor, offer.currency),
        "reduced": display(offer.price_minor, offer.currency) if runs else "",
        "since": moment(offer.reduced_from, zone) if offer.reduced_from else "",
        "until": moment(offer.reduced_until, zone) if offer.reduced_until else "",
        "plan": plan and {
            "price": display(plan.price_minor, offer.currency),
            "from": moment(plan.starts_at, zone),
            "until": moment(plan.ends_at, zone) if plan.ends_at else "",
            "is_refused": plan.refused_at is not None,
        },
        "law": [law_line(one) for one in priors_of([running(offer)])[offer.pk]] if runs else [],
    }  # fmt: skip


def running(offer: Offer) -> Proposed:
    """Return a running reduction as the law is asked about it."""
    return Proposed(offer.pk, Money(offer.price_minor, offer.currency), offer.reduced_from or clock.now())


# -- markets


class MarketsForm(forms.Form):
    """Where listings are sent, among the markets the merchant has a shipping rate for."""

    how = forms.ChoiceField(label=_("Send to"), widget=forms.RadioSelect)
    markets = forms.MultipleChoiceField(
        label=_("Markets"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, many: bool = False, **options: Any) -> None:
        super().__init__(data, **options)
        ways = [
            (EVERYWHERE, _("wherever there is a shipping rate")),
            (ONLY, _("only to the markets chosen below")),
        ]
        if many:
            ways += [(MORE, _("also to these markets")), (FEWER, _("no longer to these markets"))]
        self.fields["how"].choices = ways  # type: ignore[attr-defined]
        self.fields["markets"].choices = market_choices()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        got = super().clean() or {}
        if got.get("how") in (ONLY, MORE, FEWER) and not got.get("markets"):
            self.add_error("markets", _("Choose at least one market."))
        return got

    def ships_to(self, listing: Listing, rated: Collection[str]) -> list[str]:
        """Return where a listing is sent after the change; an empty list means wherever there is a rate."""
        how, chosen = self.cleaned_data["how"], set(self.cleaned_data["markets"])
        now = set(listing.ships_to or rated)
        match how:
            case "only":
                return sorted(chosen)
            case "more":
                return sorted(now | chosen) if listing.ships_to else []
            case "fewer":
                return sorted(now - chosen)
        return []


def rated_markets(merchant_ids: Iterable[int]) -> dict[int, set[str]]:
    """Return the markets each merchant has a shipping rate for; a rate for the US serves California too."""
    found: dict[int, set[str]] = {pk: set() for pk in merchant_ids}
    for pk, market in ShippingRate.objects.filter(merchant__in=found).values_list("merchant_id", "market"):
        found[pk] |= {one for one in selling_markets() if market in (one, one[:2])}
    return found


def set_markets(
    request: HttpRequest, form: MarketsForm, rows: Sequence[Listing], now: datetime
) -> tuple[int, list[str]]:
    """Change where listings are sent; return how many changed and what was refused. It can be undone."""
    rated = rated_markets({row.merchant_id for row in rows})
    before, after, refused = {}, {}, []
    for row in rows:
        wanted = form.ships_to(row, rated[row.merchant_id])
        if form.cleaned_data["how"] == FEWER and not wanted:
            refused.append(
                gettext("%(code)s would be sent nowhere. Archive it instead.") % {"code": row.code}
            )
        elif set(wanted) != set(row.ships_to):
            saved = operations.update_listing(listing_id=row.pk, ships_to=wanted, now=now)
            before[str(row.pk)], after[str(row.pk)] = row.ships_to, saved.ships_to
    if before:
        remember(request, "ships_to", gettext("where it is sent"), before=before, after=after)
    return len(before), refused


@restores("ships_to")
def _restore_markets(data: Mapping[str, Any], ids: Collection[int], by: Any, now: datetime) -> None:
    rows = Listing.objects.filter(pk__in=[int(pk) for pk in data["before"]], merchant__in=ids).order_by("pk")
    if any(set(row.ships_to) != set(data["after"][str(row.pk)]) for row in rows):
        raise ChangedMeanwhile
    for row in rows:
        operations.update_listing(listing_id=row.pk, ships_to=data["before"][str(row.pk)], now=now)


# -- contacts


class ContactForm(forms.Form):
    """Who answers for a product in a market."""

    market = forms.ChoiceField(label=_("Market"))
    role = forms.ChoiceField(label=_("What they are"), choices=[(role, ROLE_NAMES[role]) for role in ROLES])
    name = forms.CharField(label=_("Name"), max_length=200)
    address = forms.CharField(label=_("Postal address"), max_length=300)
    email = forms.EmailField(label=_("E-mail address"), max_length=254, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["market"].choices = market_choices()  # type: ignore[attr-defined]

    def contact(self) -> dict[str, str]:
        return {name: value for name, value in self.cleaned_data.items() if value}


def with_contact(listing: Listing, contact: Mapping[str, str]) -> list[dict[str, str]]:
    """Return a listing's contacts with this one, instead of the one of its market and role."""
    key = contact["market"], contact["role"]
    kept = [one for one in listing.local_contacts if (one.get("market"), one.get("role")) != key]
    return sorted([*kept, dict(contact)], key=lambda one: (one.get("market", ""), one.get("role", "")))


def save_contacts(
    request: HttpRequest, changes: Mapping[int, list[dict[str, str]]], rows: Sequence[Listing], now: datetime
) -> None:
    """Write the contacts of listings; it can be undone."""
    before, after = {}, {}
    for row in rows:
        saved = operations.update_listing(listing_id=row.pk, local_contacts=changes[row.pk], now=now)
        before[str(row.pk)], after[str(row.pk)] = row.local_contacts, saved.local_contacts
    remember(request, "contacts", gettext("who answers for it"), before=before, after=after)


@restores("contacts")
def _restore_contacts(data: Mapping[str, Any], ids: Collection[int], by: Any, now: datetime) -> None:
    rows = Listing.objects.filter(pk__in=[int(pk) for pk in data["before"]], merchant__in=ids).order_by("pk")
    if any(row.local_contacts != data["after"][str(row.pk)] for row in rows):
        raise ChangedMeanwhile
    for row in rows:
        operations.update_listing(listing_id=row.pk, local_contacts=data["before"][str(row.pk)], now=now)


# -- declarations


@restores("declaration")
def _restore_declaration(data: Mapping[str, Any], ids: Collection[int], by: Any, now: datetime) -> None:
    row = Listing.objects.filter(pk=data["listing"], merchant__in=ids).first()
    if row is None or data["key"] not in row.attestations:
        raise ChangedMeanwhile
    operations.take_back_declaration(listing_id=row.pk, key=data["key"], by=by, now=now)


def declarations_of(listing: Listing) -> dict[str, Any]:
    """Return what is declared of a listing, what the law asks for besides, and what was taken back."""
    zone, known = listing.merchant.time_zone, operations.statements()
    rows = list(listing.declarations.order_by("declared_at", "pk"))
    standing = {row.key: row for row in rows if row.withdrawn_at is None}
    findings = findings_of(f"listing:{listing.public_id}").filter(params__has_key="attestation")
    asked = {view.params["attestation"]: view for view in in_words(findings)}
    return {
        "asked": [
            {"key": key, "statement": gettext(known.get(key, key)), "view": view,
             "markets": ", ".join(market_name(market) for market in view.markets)}
            for key, view in asked.items() if key not in listing.attestations
        ],
        "held": [
            {"key": key, "statement": gettext(known.get(key, key.replace("_", " "))),
             "who": standing[key].declared_name if key in standing else "",
             "when": moment(standing[key].declared_at, zone) if key in standing else ""}
            for key in sorted(listing.attestations)
        ],
        "past": [
            {"statement": gettext(row.statement), "who": row.declared_name, "when": moment(row.declared_at, zone),
             "by": row.withdrawn_name, "on": moment(row.withdrawn_at, zone)}
            for row in rows if row.withdrawn_at
        ],
        "others": [
            {"key": key, "statement": gettext(text)}
            for key, text in known.items() if key not in asked and key not in listing.attestations
        ],
    }  # fmt: skip


class SellingPages(Page):
    """The pages beside the editor, and the same for many listings at once."""

    PAGES = ("change", "reductions", "markets", "contacts", "declarations")

    def selling_urls(self) -> list[URLPattern]:
        views = [(name, getattr(self, f"{name}_view")) for name in self.PAGES[1:]]
        guard = self.admin_site.admin_view
        return [
            path("undo/", guard(self.undo), name="catalog_listing_undo"),
            *(
                path(f"<path:object_id>/{name}/", guard(view), name=f"catalog_listing_{name}")
                for name, view in views
            ),
        ]

    def tabs(self, listing: Listing, current: str) -> list[dict[str, Any]]:
        """Return the ways between the pages of a listing."""
        names = {
            "change": gettext("Listing"),
            "reductions": gettext("Reductions"),
            "markets": gettext("Where it is sent"),
            "contacts": gettext("Who answers for it"),
            "declarations": gettext("Declarations"),
        }
        return [
            {"label": names[page], "url": reverse(f"admin:catalog_listing_{page}", args=[listing.pk]), "is_here": page == current}
            for page in self.PAGES
        ]  # fmt: skip

    def beside(self, request: HttpRequest, listing: Listing, current: str, **context: Any) -> HttpResponse:
        """Return one of the pages, with the panel that says where the listing may be sold."""
        return self.page(
            request,
            f"admin/catalog/listing_{current}.html",
            title=self.title(listing),  # type: ignore[attr-defined]
            listing=listing,
            tabs=self.tabs(listing, current),
            panel=self.stored_panel(request, listing),  # type: ignore[attr-defined]
            may_change=self.has_change_permission(request, listing),  # type: ignore[attr-defined]
            state_url=reverse("admin:catalog_listing_state", args=[listing.pk]),
            undo_url=reverse("admin:catalog_listing_undo"),
            **context,
        )

    def _again(self, listing: Listing, page: str) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse(f"admin:catalog_listing_{page}", args=[listing.pk]))

    def reductions_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show a listing's reductions; announce one, end one, call one off."""
        listing = self.mine(request, object_id, to_change=request.method == "POST")
        offers, zone, now = offers_of([listing]), listing.merchant.time_zone, clock.now()
        act = request.POST.get("action", "")
        if act.startswith(("end:", "off:")):
            self._stop(request, act, [offer for offer in offers if str(offer.pk) == act[4:]], now)
            return self._again(listing, "reductions")
        form = ReductionForm(zone, request.POST if act else None)
        chosen = (
            [offer for offer in offers if str(offer.pk) in request.POST.getlist("offer")] if act else offers
        )
        preview: list[dict[str, Any]] = []
        if act and not chosen:
            form.add_error(None, gettext("Choose at least one variant."))
        elif act and form.is_valid():
            preview = proposals(form, chosen, now)
            if act == "announce":
                done, refused = announce(request, form, chosen, now)
                if not refused:
                    messages.success(request, _announced(done))
                    return self._again(listing, "reductions")
                if not form.errors:
                    form.add_error(None, refused)
        return self.beside(
            request, listing, "reductions", form=form, preview=preview, zone=zone,
            rows=[offer_row(offer, zone) | {"is_chosen": offer in chosen} for offer in offers],
        )  # fmt: skip

    def _stop(self, request: HttpRequest, act: str, offers: Sequence[Offer], now: datetime) -> None:
        """End the reduction that runs on an offer, or call off the one that is planned."""
        for offer in offers:
            if act.startswith("end:"):
                operations.end_reduction(offer_id=offer.pk, now=now)
                messages.success(request, gettext("The reduction has ended."))
            elif hasattr(offer, "planned"):
                operations.call_off_reduction(plan_id=offer.planned.pk)
                messages.success(request, gettext("The reduction is called off."))

    def markets_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show and change where a listing is sent."""
        listing = self.mine(request, object_id, to_change=request.method == "POST")
        rated = rated_markets([listing.merchant_id])[listing.merchant_id]
        initial = {"how": ONLY if listing.ships_to else EVERYWHERE, "markets": listing.ships_to}
        form = MarketsForm(request.POST or None, initial=initial)
        if request.method == "POST" and form.is_valid():
            set_markets(request, form, [listing], clock.now())
            messages.success(request, gettext("Saved."))
            return self._again(listing, "markets")
        return self.beside(request, listing, "markets", form=form, markets=_market_rows(listing, rated, form))

    def contacts_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show and change who answers for a listing in other markets."""
        listing = self.mine(request, object_id, to_change=request.method == "POST")
        known, now = listing.local_contacts, clock.now()
        if "remove" in request.POST:
            key = request.POST["remove"]
            save_contacts(request, {listing.pk: [one for one in known if _key(one) != key]}, [listing], now)
            messages.success(request, gettext("Removed."))
            return self._again(listing, "contacts")
        edited = next((one for one in known if _key(one) == request.GET.get("edit")), None)
        form = ContactForm(request.POST or None, initial=edited)
        if request.method == "POST" and form.is_valid():
            try:
                save_contacts(request, {listing.pk: with_contact(listing, form.contact())}, [listing], now)
                messages.success(request, gettext("Saved and judged."))
                return self._again(listing, "contacts")
            except RightfulError as error:
                form.add_error(error.field if error.field in form.fields else None, error.in_words(gettext))
        asked = in_words(findings_of(f"listing:{listing.public_id}").filter(field="local_contacts"))
        return self.beside(
            request, listing, "contacts", form=form, is_edited=edited is not None, contacts=_contact_rows(known),
            asked=[{"title": one.title, "fix": one.fix, "markets": ", ".join(map(market_name, one.markets))} for one in asked],
        )  # fmt: skip

    def declarations_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what is declared of a listing; declare something, or take it back."""
        listing = self.mine(request, object_id, to_change=request.method == "POST")
        if request.method == "POST":
            self._declare(
                request, listing, request.POST.get("declare", ""), request.POST.get("take_back", "")
            )
            return self._again(listing, "declarations")
        return self.beside(request, listing, "declarations", **declarations_of(listing))

    def _declare(self, request: HttpRequest, listing: Listing, key: str, back: str) -> None:
        now = clock.now()
        try:
            if back:
                operations.take_back_declaration(listing_id=listing.pk, key=back, by=request.user, now=now)
                messages.success(request, gettext("Taken back. It stays on record that you had declared it."))
            elif key and not request.POST.get(f"true.{key}"):
                messages.error(request, gettext("Tick that the statement is true, then declare it."))
            else:
                operations.declare(listing_id=listing.pk, key=key, by=request.user, now=now)
                remember(request, "declaration", gettext("the declaration"), listing=listing.pk, key=key)
                messages.success(request, gettext("Declared in your name and judged."))
        except RightfulError as error:
            messages.error(request, say(error))

    # -- many at once

    def reduce_many(self, request: HttpRequest, rows: list[Listing]) -> HttpResponse | None:
        """Reduce the offers of many listings by a percentage, as far as the law allows."""
        zone, now, go = (rows[0].merchant.time_zone if rows else "UTC"), clock.now(), request.POST.get("go")
        form, preview = ReductionForm(zone, request.POST if go else None, many=True), []
        if go and form.is_valid():
            offers = offers_of(rows)
            if go == "apply":
                done, refused = announce(request, form, offers, now)
                _report(request, _announced(done) if done else "", refused)
                return None
            preview = proposals(form, offers, now)
        return self.many(request, rows, form, gettext("Announce a reduction"), "reduce", preview)  # type: ignore[attr-defined]

    def markets_of_many(self, request: HttpRequest, rows: list[Listing]) -> HttpResponse | None:
        """Change where many listings are sent."""
        go = request.POST.get("go")
        form = MarketsForm(request.POST if go else None, many=True, initial={"how": MORE})
        if go and form.is_valid():
            done, refused = set_markets(request, form, rows, clock.now())
            text = ngettext("%(n)s listing changed.", "%(n)s listings changed.", done) % {"n": done}
            _report(request, text, refused)
            return None
        return self.many(request, rows, form, gettext("Change where they are sent"), "send_to", [])  # type: ignore[attr-defined]

    def contact_of_many(self, request: HttpRequest, rows: list[Listing]) -> HttpResponse | None:
        """Name who answers for many listings in one market."""
        go = request.POST.get("go")
        form = ContactForm(request.POST if go else None)
        if go and form.is_valid():
            changes = {row.pk: with_contact(row, form.contact()) for row in rows}
            try:
                save_contacts(request, changes, rows, clock.now())
                messages.success(request, gettext("Saved and judged."))
                return None
            except RightfulError as error:
                form.add_error(error.field if error.field in form.fields else None, error.in_words(gettext))
        return self.many(request, rows, form, gettext("Name who answers for them"), "name_contact", [])  # type: ignore[attr-defined]


def end_many(request: HttpRequest, rows: Sequence[Listing]) -> None:
    """End the reductions of many listings, running and planned."""
    count = end_all(offers_of(rows), clock.now())
    messages.success(
        request, ngettext("%(n)s reduction ended.", "%(n)s reductions ended.", count) % {"n": count}
    )


def _announced(count: int) -> str:
    return ngettext("%(n)s reduction is announced.", "%(n)s reductions are announced.", count) % {"n": count}


def _report(request: HttpRequest, done: str, refused: Sequence[str], most: int = 20) -> None:
    if done:
        messages.success(request, done)
    for text in refused[:most]:
        messages.error(request, text)
    if len(refused) > most:
        messages.error(request, gettext("And %(n)s more were refused.") % {"n": len(refused) - most})


def _market_rows(listing: Listing, rated: Collection[str], form: MarketsForm) -> list[dict[str, Any]]:
    """Return every market with its verdict, its rate and whether it is chosen."""
    chosen = set(form["markets"].value() or ())
    return [
        {
            "code": market,
            "name": name,
            "is_chosen": market in chosen,
            "may": market in listing.sellable_in,
            "has_rate": market in rated,
            "is_offered": market in listing.offered_in,
        }
        for market, name in market_choices()
    ]


def _key(contact: Mapping[str, str]) -> str:
    return f"{contact.get('market', '')}.{contact.get('role', '')}"


def _contact_rows(contacts: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    return [
        {**one, "key": _key(one), "market_name": market_name(one.get("market", "")),
         "role_name": str(ROLE_NAMES.get(one.get("role", ""), one.get("role", "")))}
        for one in contacts
    ]  # fmt: skip


def editable(request: HttpRequest, queryset: Any) -> list[Listing]:
    """Return the chosen listings that the signed-in person may change."""
    rows = queryset.filter(merchant__in=editable_ids_of(request)).select_related("merchant")
    return list(rows.order_by("pk"))
