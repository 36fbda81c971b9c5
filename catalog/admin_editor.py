"""The listing editor: its form, what saving does, and the panel that says where the listing may be sold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from catalog import operations
from catalog.admin_forms import ListingForm, VariantFormSet, say, variant_rows
from catalog.domain.drafts import ListingDraft, VariantDraft
from catalog.models import Listing
from catalog.queries.facts import facts_of_many, registrations_of, texts_said
from compliance.checks import queries as checks
from compliance.rulebook import lookups
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError

MEANINGS = {"sell": "allowed", "notice": "attention", "blocked": "blocked"}


@dataclass(slots=True)
class Editor:
    """A listing opened in the editor with what was entered, if anything was."""

    listing: Listing
    form: ListingForm
    variants: Any
    problem: str = ""

    @classmethod
    def of(cls, request: HttpRequest, listing: Listing) -> Editor:
        data = request.POST if request.method == "POST" else None
        form = ListingForm(listing, data, languages=_languages(request, listing))
        rows = VariantFormSet(data, initial=variant_rows(listing), prefix="v")
        return cls(listing, form, rows)

    def draft(self) -> ListingDraft:
        """Return what was entered; check `is_valid` for what could not be read."""
        self.form.is_valid(), self.variants.is_valid()
        return self.form.draft(self._variant_drafts())

    def _variant_drafts(self) -> list[VariantDraft]:
        mpns = dict(self.listing.variants.values_list("sku", "mpn"))
        currency = self.listing.merchant.currency
        filled = [row for row in self.variants if row.has_changed() or row.initial]
        read = [row for row in filled if "sku" in row.cleaned_data and row.is_valid()]
        return [row.draft(currency, mpns.get(row.cleaned_data["sku"], "")) for row in read]

    def save(self, now: datetime) -> bool:
        """Write the listing; return whether it was taken. What is wrong stands at its field, or in `problem`."""
        draft = self.draft()
        if self.form.errors or any(self.variants.errors):
            self.problem = gettext("Something is not right yet. Nothing was saved.")
            return False
        with transaction.atomic():
            [saved] = operations.save_listings(
                merchant_id=self.listing.merchant_id, items=[draft], now=now, reason="edited"
            )
        if saved.error is None:
            return True
        self._show(saved.error)
        return False

    def _show(self, error: RightfulError) -> None:
        self.problem = say(error)
        if error.field in self.form.fields:
            self.form.add_error(error.field, error.in_words(gettext))

    def preview(self, now: datetime) -> dict[str, Any]:
        """Return the panel that the listing would have as entered; nothing is kept."""
        facts = facts_of_many([self.listing.pk])[self.listing.public_id] | self._entered()
        seen = checks.preview(
            facts={k: v for k, v in facts.items() if v not in ("", [], {})}, today=now.date()
        )
        return panel_view(seen, self.listing)

    def _entered(self) -> dict[str, Any]:
        draft = self.draft()
        facts = facts_as_entered(draft)
        own = registrations_of(self.listing.merchant, draft.category, draft.traits)
        return facts | {"disclosures": own | facts["disclosures"]}

    def stored(self) -> dict[str, Any]:
        """Return the panel of the listing as it is saved."""
        return stored_panel(self.listing)

    def customs_codes(self) -> list[dict[str, str]]:
        """Return customs codes that the title and the category speak for."""
        titles = " ".join(text.title for text in self.listing.texts.all())
        words = f"{titles} {self.listing.category.names.get('en', '')}"
        return [
            {"code": one.hs6, "text": one.description or one.keyword}
            for one in lookups.suggest_hs(words, limit=3)
        ]


def _languages(request: HttpRequest, listing: Listing) -> list[str]:
    """Return the languages to edit: those of the texts and disclosures there are, and one that was added."""
    told = {code for value in listing.disclosures.values() if isinstance(value, dict) for code in value}
    known = every_language()
    added = [code for code in [request.GET.get("language", "")] if code in known]
    return [*sorted(text.language for text in listing.texts.all()), *sorted(told & set(known)), *added]


def every_language() -> dict[str, str]:
    """Return the languages that some market asks for, by code, with their names."""
    from compliance.rulebook.markets import languages_of, selling_markets

    codes = sorted({code for market in selling_markets() for code in languages_of(market)[0]})
    return {code: checks.language_name(code) for code in codes}


def facts_as_entered(draft: ListingDraft) -> dict[str, Any]:
    """Return the facts that the editor's form decides; those it does not touch stay as saved."""
    disclosures: dict[str, Any] = dict(draft.disclosures)
    if draft.origin:
        disclosures.setdefault("origin_country", draft.origin.upper())
    quantity: Mapping[str, str] = next((v.net_quantity for v in draft.variants if v.net_quantity), {})
    if quantity:
        disclosures.setdefault("net_quantity", dict(quantity))
    facts: dict[str, Any] = {
        "category": draft.category,
        "condition": draft.condition,
        "title_languages": sorted(draft.texts),
        "description_languages": sorted(code for code, text in draft.texts.items() if text.description),
        "texts": texts_said(draft.texts),
        "brand": draft.brand,
        "disclosures": disclosures,
        "traits": list(draft.traits),
        "identifiers": _identifiers(draft),
    }
    people = {"manufacturer": draft.manufacturer, "responsible_person": draft.responsible_person}
    return facts | {name: dict(person) for name, person in people.items() if person}


def _identifiers(draft: ListingDraft) -> dict[str, str]:
    first = draft.variants[0] if draft.variants else None
    found = {
        "gtin": next((v.gtin for v in draft.variants if v.gtin), ""),
        "mpn": next((v.mpn for v in draft.variants if v.mpn), ""),
        "sku": first.sku if first else "",
        "model": draft.model,
        "batch": str(draft.disclosures.get("batch_or_serial") or ""),
    }
    return {name: value for name, value in found.items() if value}


def _fix_url(finding: checks.FindingView) -> str:
    """Return where a finding is mended with one click; what only comes or is told has nothing to click."""
    if finding.due_on or finding.severity == "info":
        return ""
    return f"{reverse('merchant-fix')}?{urlencode({'rule': finding.rule, 'field': finding.field})}"


def stored_panel(listing: Listing) -> dict[str, Any] | None:
    """Return the panel of a listing as it was judged last."""
    subjects = f"listing:{listing.public_id}", f"merchant:{listing.merchant.public_id}"
    return panel_view(checks.panel_of(subjects[0], merchant=subjects[1]), listing)


def panel_view(panel: checks.Panel | None, listing: Listing) -> dict[str, Any] | None:
    """Return a panel as its template shows it."""
    if panel is None:
        return None
    words = {
        "sell": gettext("may be sold"),
        "notice": gettext("may be sold; mend soon"),
        "blocked": gettext("must not be sold"),
    }
    severities = {
        "block": (gettext("stops the sale"), "blocked"),
        "high": (gettext("serious"), "attention"),
        "medium": (gettext("to be mended"), "attention"),
        "info": (gettext("for information"), "information"),
    }
    return {
        "sellable": panel.sellable,
        "markets": panel.markets,
        "fixes": panel.fixes,
        "rows": [
            {
                "code": code,
                "name": checks.market_name(code),
                "label": words[verdict],
                "meaning": MEANINGS[verdict],
            }
            for code, verdict in panel.verdicts().items()
        ],
        "findings": [
            {
                "what": finding.what,
                "fix": finding.fix,
                "title": finding.title,
                "label": severities[str(finding.severity)][0],
                "meaning": severities[str(finding.severity)][1],
                "markets": ", ".join(checks.market_name(code) for code in finding.markets),
                "cites": [
                    {"text": f"{cite.act}, {cite.at}" if cite.at else cite.act, "url": cite.url}
                    for cite in finding.cites
                ],
                "is_verified": finding.is_verified,
                "due_on": finding.due_on,
                "fix_url": _fix_url(finding),
            }
            for finding in panel.findings
        ],
        "offered_in": len(listing.offered_in),
        "silences": checks.silences(on=clock.now().date()),
    }
