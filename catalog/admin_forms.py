"""The listing editor's form: fields made from the disclosure registry, read into a draft for the operations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from catalog.domain.drafts import ListingDraft, TextDraft, VariantDraft
from catalog.models import Listing, Stock, Variant
from compliance import rulebook
from compliance.checks.queries import language_name
from compliance.rulebook import fields as registry
from compliance.rulebook.categories import categories, groups_of, parents
from compliance.rulebook.duties import disclosures_asked
from compliance.rulebook.facts import documented
from marketplace.kernel import clock
from marketplace.kernel.errors import Invalid, RightfulError
from marketplace.kernel.money import Money

PERSON = {
    "name": _("Name"),
    "address": _("Address"),
    "email": _("E-mail address"),
    "country": _("Country (two letters)"),
}
UNITS = ("", "g", "kg", "ml", "l", "pcs", "m", "m2")
YES_NO = [("", "–"), ("true", _("yes")), ("false", _("no"))]


def category_choices() -> list[Any]:
    """Return the leaves of the taxonomy under their branches, for a select."""
    language = (get_language() or "en")[:2]
    names = {code: parent.names.get(language, parent.names["en"]) for code, parent in parents().items()}
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, leaf in categories().items():
        groups.setdefault(names[leaf.parent], []).append((code, leaf.names.get(language, leaf.names["en"])))
    return list(groups.items())


def money_field(**options: Any) -> forms.DecimalField:
    """Return a field for an amount above zero in major units."""
    return forms.DecimalField(min_value=Decimal("0.001"), max_digits=14, **options)


def _conditions() -> list[tuple[str, Any]]:
    """Return the conditions in the reader's language; asked for late, for names are translated once all apps are ready."""
    return list(Listing._meta.get_field("condition").choices)


class ListingForm(forms.Form):
    """A listing as a merchant edits it; its disclosure fields are those its category is asked for."""

    category = forms.ChoiceField(label=_("Category"))
    brand = forms.CharField(label=_("Brand"), max_length=120, required=False)
    condition = forms.ChoiceField(label=_("Condition"), choices=_conditions)
    language = forms.ChoiceField(label=_("Original language"))
    model = forms.CharField(label=_("Model or type"), max_length=80, required=False)
    origin = forms.CharField(label=_("Country of origin (two letters)"), max_length=2, required=False)
    hs_code = forms.CharField(label=_("Customs (HS) code"), max_length=10, required=False)
    hs_confirmed = forms.BooleanField(label=_("I have checked the customs code"), required=False)
    traits = forms.MultipleChoiceField(
        label=_("What it has"), required=False, widget=forms.CheckboxSelectMultiple
    )
    option_names = forms.CharField(
        label=_("Options"), required=False, help_text=_("What the variants differ in, such as: Colour / Size")
    )

    def __init__(
        self, listing: Listing, data: Mapping[str, Any] | None = None, *, languages: Iterable[str]
    ) -> None:
        self.listing = listing
        self.languages = list(dict.fromkeys([listing.language, *languages]))
        super().__init__(data, initial=_initial(listing))
        self.fields["category"].choices = category_choices()  # type: ignore[attr-defined]
        self.fields["language"].choices = [(code, language_name(code)) for code in self.languages]  # type: ignore[attr-defined]
        self.fields["traits"].choices = [(t, t.replace("_", " ")) for t in documented()["traits"].choices]  # type: ignore[attr-defined]
        self._add_texts()
        for who in ("manufacturer", "responsible_person"):
            for part, label in PERSON.items():
                self._add(
                    f"{who}.{part}",
                    forms.CharField(label=label, required=False, max_length=300),
                    getattr(listing, who).get(part),
                )
        category = (data or {}).get("category") or listing.category.code
        traits = data.getlist("traits") if data is not None and hasattr(data, "getlist") else listing.traits
        groups = groups_of(category if category in categories() else listing.category.code, traits)
        asked = disclosures_asked(rulebook.default(), groups, on=clock.today())
        self.asked = registry.fields_for(groups, asked)
        for entry in self.asked:
            self._add_disclosure(entry)

    def _add(self, name: str, field: forms.Field, initial: Any) -> None:
        self.fields[name] = field
        if initial not in (None, ""):
            self.initial[name] = initial

    def _add_texts(self) -> None:
        known = {text.language: text for text in self.listing.texts.all()}
        for language in self.languages:
            text = known.get(language)
            self._add(
                f"t.{language}.title",
                forms.CharField(label=_("Title"), max_length=200, required=False),
                text and text.title,
            )
            self._add(
                f"t.{language}.subtitle",
                forms.CharField(label=_("Subtitle"), max_length=300, required=False),
                text and text.subtitle,
            )
            description = forms.CharField(
                label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 6})
            )
            self._add(f"t.{language}.description", description, text and text.description)

    def _add_disclosure(self, entry: registry.Field) -> None:
        value = self.listing.disclosures.get(entry.key)
        if entry.translatable:
            by_language = value if isinstance(value, dict) else {}
            for language in self.languages:
                label = f"{gettext(entry.label)} ({language_name(language)})"
                self._add(
                    f"d.{entry.key}.{language}",
                    _field(entry, label),
                    _shown(entry, by_language.get(language)),
                )
        elif entry.type == "quantity":
            value = value if isinstance(value, dict) else {}
            self._add(
                f"d.{entry.key}.value",
                forms.CharField(label=gettext(entry.label), required=False, help_text=gettext(entry.help)),
                value.get("value"),
            )
            units = [("", "–"), *((unit, unit) for unit in entry.units)]
            label = gettext("Unit of “%(field)s”") % {"field": gettext(entry.label)}
            self._add(
                f"d.{entry.key}.unit",
                forms.ChoiceField(label=label, choices=units, required=False),
                value.get("unit"),
            )
        else:
            self._add(f"d.{entry.key}", _field(entry, gettext(entry.label)), _shown(entry, value))

    def groups(self) -> list[dict[str, Any]]:
        """Return what the template shows, in order: a heading and its fields."""
        shown = [
            {
                "title": language_name(code),
                "open": code == self.listing.language,
                "fields": self._of(f"t.{code}."),
            }
            for code in self.languages
        ]
        plain = [
            self[name]
            for name in (
                "category",
                "brand",
                "condition",
                "language",
                "model",
                "origin",
                "hs_code",
                "hs_confirmed",
            )
        ]
        wanted = self.listing.disclosures
        return [
            {"title": gettext("What it is"), "open": True, "fields": plain},
            *shown,
            {"title": gettext("What it has beyond its category"), "open": False, "fields": [self["traits"]]},
            {"title": gettext("Who made it"), "open": False, "fields": self._of("manufacturer.")},
            {
                "title": gettext("Responsible person in the European Union"),
                "open": False,
                "fields": self._of("responsible_person."),
            },
            {
                "title": gettext("Disclosures that the law asks for"),
                "open": True,
                "fields": self._of("d."),
                "filled": len(wanted),
            },
        ]

    def _of(self, prefix: str) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(prefix)]

    def disclosures(self) -> dict[str, Any]:
        """Return the disclosures as entered, those the category is not asked for kept; errors go to their fields."""
        found = dict(self.listing.disclosures)
        for entry in self.asked:
            try:
                value = registry.clean(entry.key, self._value(entry))
            except (Invalid, json.JSONDecodeError) as error:
                self.add_error(self._first(entry), getattr(error, "detail", gettext("This is not JSON.")))
                continue
            found.pop(entry.key, None)
            if value is not None:
                found[entry.key] = value
        return found

    def _first(self, entry: registry.Field) -> str:
        return next(
            name for name in self.fields if name == f"d.{entry.key}" or name.startswith(f"d.{entry.key}.")
        )

    def _value(self, entry: registry.Field) -> Any:
        got = self.cleaned_data
        if entry.translatable:
            kept = self.listing.disclosures.get(entry.key)
            others = (
                {k: v for k, v in kept.items() if k not in self.languages} if isinstance(kept, dict) else {}
            )
            return others | {code: _read(entry, got.get(f"d.{entry.key}.{code}")) for code in self.languages}
        if entry.type == "quantity":
            value, unit = got.get(f"d.{entry.key}.value"), got.get(f"d.{entry.key}.unit")
            return {"value": value, "unit": unit} if value else None
        return _read(entry, got.get(f"d.{entry.key}"))

    def draft(self, variants: list[VariantDraft]) -> ListingDraft:
        """Return the whole listing as entered. Call it on a form that was validated."""
        got, listing = self.cleaned_data, self.listing
        return ListingDraft(
            code=listing.code,
            category=got.get("category") or listing.category.code,
            texts=self._texts(),
            variants=variants,
            language=got.get("language") or listing.language,
            option_names=tuple(split_options(got.get("option_names", ""))),
            brand=got.get("brand", ""),
            condition=got.get("condition") or listing.condition,
            origin=got.get("origin", ""),
            hs_code=got.get("hs_code", ""),
            hs_confirmed=got.get("hs_confirmed", False),
            model=got.get("model", ""),
            disclosures=self.disclosures(),
            manufacturer=self._person("manufacturer"),
            responsible_person=self._person("responsible_person"),
            local_contacts=listing.local_contacts,
            traits=tuple(got.get("traits", ())),
            attestations=tuple(listing.attestations),
            ships_to=tuple(listing.ships_to),
        )

    def _texts(self) -> dict[str, TextDraft]:
        got, found = self.cleaned_data, {}
        kept = {text.language: text for text in self.listing.texts.all()}
        for language in self.languages:
            if title := got.get(f"t.{language}.title", ""):
                seo = kept.get(language)
                found[language] = TextDraft(
                    title,
                    got.get(f"t.{language}.subtitle", ""),
                    got.get(f"t.{language}.description", ""),
                    seo.seo_title if seo else "",
                    seo.seo_description if seo else "",
                )
        return found

    def _person(self, who: str) -> dict[str, str]:
        return {part: value for part in PERSON if (value := self.cleaned_data.get(f"{who}.{part}", ""))}


def _initial(listing: Listing) -> dict[str, Any]:
    plain = {
        name: getattr(listing, name)
        for name in ("condition", "language", "model", "origin", "hs_code", "hs_confirmed", "traits")
    }
    return plain | {
        "category": listing.category.code,
        "brand": listing.brand.name if listing.brand else "",
        "option_names": " / ".join(listing.option_names),
    }


def _field(entry: registry.Field, label: str) -> forms.Field:
    unit = f" ({gettext(entry.unit)})" if entry.unit else ""
    common: dict[str, Any] = {"label": f"{label}{unit}", "help_text": gettext(entry.help), "required": False}
    words = [(choice, choice.replace("_", " ")) for choice in entry.choices]
    match entry.type:
        case "enum":
            return forms.ChoiceField(choices=[("", "–"), *words], **common)
        case "enum_list":
            return forms.MultipleChoiceField(choices=words, widget=forms.CheckboxSelectMultiple, **common)
        case "bool":
            return forms.ChoiceField(choices=YES_NO, **common)
        case "int":
            return forms.IntegerField(**common)
        case "decimal":
            return forms.DecimalField(**common)
        case "date":
            return forms.DateField(
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **common
            )
        case "url":
            return forms.URLField(assume_scheme="https", **common)
        case "text_list" | "list" | "object":
            return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **common)
        case "text" if entry.translatable:
            return forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), **common)
    return forms.CharField(**common)


def _shown(entry: registry.Field, value: Any) -> Any:
    """Return a stored value as its form field shows it."""
    if value is None:
        return None
    if entry.type == "text_list":
        return "\n".join(value) if isinstance(value, list) else str(value)
    if entry.type in ("object", "list"):
        return json.dumps(value, ensure_ascii=False, indent=1)
    return ("true" if value else "false") if entry.type == "bool" else value


def _read(entry: registry.Field, value: Any) -> Any:
    """Return a form's value as the registry takes it."""
    if value in (None, "", []):
        return None
    if entry.type == "text_list":
        return [line for line in str(value).splitlines() if line.strip()]
    if entry.type in ("object", "list"):
        return json.loads(value)
    return value == "true" if entry.type == "bool" else value


def split_options(text: str) -> list[str]:
    """Return the parts of ``Colour / Size``."""
    return [part.strip() for part in text.split("/") if part.strip()]


class VariantForm(forms.Form):
    """One variant in a row."""

    sku = forms.CharField(label=_("SKU"), max_length=120)
    options = forms.CharField(label=_("Options"), required=False)
    price = money_field(label=_("Price"), required=False)
    on_hand = forms.IntegerField(label=_("Stock"), min_value=0, required=False)
    gtin = forms.CharField(label=_("GTIN"), max_length=18, required=False)
    weight_grams = forms.IntegerField(label=_("Weight (g)"), min_value=1, required=False)
    quantity = forms.CharField(label=_("Net quantity"), max_length=12, required=False)
    unit = forms.ChoiceField(label=_("Unit"), choices=[(unit, unit or "–") for unit in UNITS], required=False)
    is_active = forms.BooleanField(label=_("On sale"), required=False, initial=True)

    def draft(self, currency: str, mpn: str) -> VariantDraft:
        """Return the row as the operations take it."""
        got = self.cleaned_data
        return VariantDraft(
            sku=got["sku"],
            options=tuple(split_options(got["options"])),
            gtin=got["gtin"],
            mpn=mpn,
            weight_grams=got["weight_grams"],
            net_quantity={"value": got["quantity"], "unit": got["unit"]}
            if got["quantity"] and got["unit"]
            else {},
            prices={currency: Money.of(got["price"], currency).minor} if got["price"] else {},
            on_hand=got["on_hand"],
            is_active=got["is_active"],
        )


VariantFormSet = forms.formset_factory(VariantForm, extra=1)


def variant_rows(listing: Listing) -> list[dict[str, Any]]:
    """Return the variants as the rows of the form set begin."""
    currency, shelves = (
        listing.merchant.currency,
        dict(Stock.objects.filter(variant__listing=listing).values_list("pk", "on_hand")),
    )
    return [
        _row(variant, currency, shelves)
        for variant in listing.variants.order_by("position", "pk").prefetch_related("offers")
    ]


def _row(variant: Variant, currency: str, shelves: dict[int, int]) -> dict[str, Any]:
    offer = next((offer for offer in variant.offers.all() if offer.currency == currency), None)
    return {
        "sku": variant.sku,
        "options": " / ".join(variant.options),
        "price": Money(offer.regular_minor or offer.price_minor, currency).amount if offer else None,
        "on_hand": shelves.get(variant.pk),
        "gtin": variant.gtin,
        "weight_grams": variant.weight_grams,
        "quantity": variant.net_quantity.get("value", ""),
        "unit": variant.net_quantity.get("unit", ""),
        "is_active": variant.is_active,
    }


class NewListingForm(forms.Form):
    """What a listing begins with."""

    merchant = forms.ModelChoiceField(label=_("Merchant"), queryset=None)
    code = forms.CharField(label=_("Your code"), max_length=120)
    category = forms.ChoiceField(label=_("Category"))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    title = forms.CharField(label=_("Title"), max_length=200)
    price = money_field(label=_("Price"))
    on_hand = forms.IntegerField(label=_("Stock"), min_value=0, initial=0)

    def __init__(self, *args: Any, merchants: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["merchant"].queryset = merchants  # type: ignore[attr-defined]
        self.fields["merchant"].initial = merchants.first()
        self.fields["category"].choices = category_choices()  # type: ignore[attr-defined]

    def draft(self) -> ListingDraft:
        """Return the listing with its only variant."""
        got = self.cleaned_data
        currency = got["merchant"].currency
        variant = VariantDraft(
            sku=got["code"], prices={currency: Money.of(got["price"], currency).minor}, on_hand=got["on_hand"]
        )
        texts = {got["language"]: TextDraft(got["title"])}
        return ListingDraft(got["code"], got["category"], texts, [variant], language=got["language"])


class UploadForm(forms.Form):
    """A merchant's file."""

    merchant = forms.ModelChoiceField(label=_("Merchant"), queryset=None)
    file = forms.FileField(label=_("File"), help_text=_("CSV, TSV, JSON or XML in UTF-8, at most 64 MB."))

    def __init__(self, *args: Any, merchants: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["merchant"].queryset = merchants  # type: ignore[attr-defined]
        self.fields["merchant"].initial = merchants.first()


class ChoicesForm(forms.Form):
    """How a file is read: for the whole file, for its columns and for its categories."""

    currency = forms.ChoiceField(label=_("Currency"), choices=[(c, c) for c in settings.CURRENCIES])
    language = forms.ChoiceField(label=_("Language of the texts"), choices=settings.LANGUAGES)
    default_category = forms.ChoiceField(label=_("Category where none fits"), required=False)
    default_price = money_field(label=_("Price where there is none"), required=False)
    default_stock = forms.IntegerField(label=_("Stock where none is given"), min_value=0, required=False)
    header = forms.BooleanField(label=_("The first line names the columns"), required=False)

    def __init__(
        self, seen: Mapping[str, Any], mapping: Mapping[str, Any], currency: str, data: Any = None
    ) -> None:
        self.seen = seen
        plain = ("currency", "language", "default_category", "default_price", "default_stock")
        initial = {"currency": currency, "language": "en", "header": True}
        super().__init__(
            data, initial=initial | {k: mapping[k] for k in (*plain, "header") if mapping.get(k) is not None}
        )
        choices = [("", "–"), *category_choices()]
        self.fields["default_category"].choices = choices  # type: ignore[attr-defined]
        columns = seen["columns"]
        if not columns:
            del self.fields["header"]
        for at, ours in enumerate(COLUMNS if columns else ()):
            field = forms.ChoiceField(
                label=ours, choices=[("", "–"), *((c, c) for c in columns["found"])], required=False
            )
            self.fields[f"column.{at}"], self.initial[f"column.{at}"] = field, columns["mapped"].get(ours, "")
        for at, row in enumerate(seen["categories"][:200]):
            field = forms.ChoiceField(
                label=row["source"] or _("(no category)"), choices=choices, required=False
            )
            self.fields[f"category.{at}"], self.initial[f"category.{at}"] = field, row["category"]

    def columns(self) -> list[forms.BoundField]:
        """Return the fields that map columns."""
        return [self[name] for name in self.fields if name.startswith("column.")]

    def sources(self) -> list[forms.BoundField]:
        """Return the fields that map categories."""
        return [self[name] for name in self.fields if name.startswith("category.")]

    def whole(self) -> list[forms.BoundField]:
        """Return the fields about the whole file."""
        return [self[name] for name in self.fields if "." not in name]

    def chosen(self) -> dict[str, Any]:
        """Return the choices as `importing.operations.choose` takes them."""
        got = self.cleaned_data
        found: dict[str, Any] = {
            k: got[k] for k in ("currency", "language", "default_category", "default_stock")
        }
        found["default_price"] = str(got["default_price"]) if got["default_price"] else ""
        if self.seen["columns"]:
            found["header"] = got["header"]
            found["columns"] = {
                ours: got[f"column.{at}"] for at, ours in enumerate(COLUMNS) if got[f"column.{at}"]
            }
        rows = enumerate(self.seen["categories"][:200])
        found["categories"] = {
            row["source"]: got[f"category.{at}"] for at, row in rows if got[f"category.{at}"]
        }
        return found


COLUMNS = (
    "code", "title", "subtitle", "description", "brand", "category", "condition", "state", "sku", "gtin", "mpn", "price",
    "currency", "stock", "weight", "net_quantity", "origin", "hs_code", "images", "option1_name", "option1_value",
    "option2_name", "option2_value",
)  # fmt: skip


class PriceForm(forms.Form):
    """A change of many prices: by a percentage, or by an amount."""

    percent = forms.DecimalField(label=_("Change by percent"), required=False, min_value=-90, max_value=900)
    amount = forms.DecimalField(label=_("Change by an amount"), required=False)

    def clean(self) -> dict[str, Any]:
        got = super().clean() or {}
        if (got.get("percent") is None) == (got.get("amount") is None):
            raise forms.ValidationError(_("Give either a percentage or an amount."))
        return got

    def new_price(self, old: Money) -> Money:
        """Return a price after the change, rounded half up once."""
        got = self.cleaned_data
        if got["percent"] is not None:
            return old.times(1 + got["percent"] / 100)
        return old + Money.of(got["amount"], old.currency)


class StockForm(forms.Form):
    """The same count for many shelves."""

    on_hand = forms.IntegerField(label=_("Pieces on the shelf of every variant"), min_value=0)


def say(error: RightfulError) -> str:
    """Return an error in the reader's language."""
    return (
        f"{gettext(error.title)} {error.in_words(gettext)}"
        if error.detail != error.title
        else gettext(error.title)
    )
