"""What each calculator's page asks, in the order in which people know it, and the facts that come of it.

A page first asks what everybody can answer; the rest stands under "More details". Names of fields are
names of facts where a fact is one value; rights_facts.py puts the lists of the open interface together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance import rulebook
from compliance.presentation import locale_of
from compliance.rulebook.calculators.deadline import is_deadline
from compliance.rulebook.calculators.facts_in import EARLIEST, LATEST
from compliance.rulebook.categories import categories, parents
from compliance.web import rights_facts
from marketplace.kernel.money import CURRENCIES

Facts = rights_facts.Facts
Choices = tuple[tuple[str, Promise | str], ...]
YES_NO: Choices = (("yes", _("yes")), ("no", _("no")))
GOODS: Choices = (
    ("goods", _("goods")),
    ("service", _("a service")),
    ("digital_content", _("digital content")),
    ("utilities", _("water, gas, electricity or heat")),
    ("mixed", _("goods and services together")),
)
CHANNELS: Choices = (
    ("online", _("online")),
    ("phone", _("on the phone")),
    ("off_premises", _("at the door or away from a shop")),
)
REASONS: Choices = (("no_reason", _("I changed my mind")), ("non_conforming", _("it is not as agreed")))
REFUND_REASONS: Choices = (
    *REASONS,
    ("late_delivery", _("it did not come in time")),
    ("cancelled", _("the order was cancelled")),
)
EXCEPTIONS: Choices = (
    ("made_to_specification", _("made to my wishes or personalised")),
    ("perishable", _("spoils or expires rapidly")),
    ("sealed_hygiene", _("sealed for health or hygiene")),
    ("unsealed", _("the seal is broken")),
    ("digital_started", _("digital content has begun")),
    ("express_consent", _("I asked to begin at once")),
    ("acknowledged_loss", _("I agreed that the right is lost by that")),
    ("confirmed_on_durable_medium", _("that was confirmed by e-mail or on paper")),
)
MEANS: Choices = (
    ("card", _("a card")),
    ("bank", _("a bank transfer")),
    ("cash", _("cash")),
    ("store_card", _("the shop’s own card")),
)
CONDITIONS: Choices = (
    ("new", _("new")),
    ("second_hand", _("second hand")),
    ("refurbished", _("refurbished")),
)
SCHEMES: Choices = (
    ("none", _("none, paid at the border")),
    ("IOSS", _("IOSS, paid at the checkout")),
    ("OSS", _("OSS, inside the Union")),
    ("marketplace", _("the marketplace")),
)  # fmt: skip
LANGUAGES: Choices = (
    ("de", "Deutsch"), ("en", "English"), ("fr", "Français"), ("es", "Español"), ("it", "Italiano"), ("nl", "Nederlands"),
    ("pl", "Polski"), ("sv", "Svenska"), ("zh-hans", "简体中文"),
)  # fmt: skip


def _date(label: Any, *, required: bool = False, help_text: Any = "") -> forms.Field:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    span = (MinValueValidator(EARLIEST), MaxValueValidator(LATEST))
    return forms.DateField(
        label=label, required=required, help_text=help_text, widget=widget, validators=span
    )


class Choice(forms.ChoiceField):
    """One of several. Always answered where the first choice stands unless another is taken."""

    @property
    def is_settled(self) -> bool:
        return bool(self.choices) and self.choices[0][0] != ""


def _one(label: Any, choices: Any, *, required: bool = False, help_text: Any = "") -> forms.Field:
    return Choice(label=label, choices=choices, required=required, help_text=help_text)


def _flag(label: Any) -> forms.Field:
    return forms.BooleanField(label=label, required=False)


def _amount(label: Any, *, required: bool = False) -> forms.Field:
    return forms.DecimalField(
        label=label, required=required, min_value=0, max_digits=14, decimal_places=4,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip


def _whole(label: Any, *, required: bool = False, most: int = 100_000) -> forms.Field:
    return forms.IntegerField(label=label, required=required, min_value=0, max_value=most)


def _text(label: Any, *, required: bool = False, help_text: Any = "") -> forms.Field:
    return forms.CharField(label=label, required=required, help_text=help_text, max_length=40)


def market_choices(language: str) -> list[tuple[str, str]]:
    """Return every market of the rulebook with its name, as people sort names."""
    return list(_markets(language, rulebook.default().version))


@lru_cache(maxsize=64)
def _markets(language: str, version: str) -> tuple[tuple[str, str], ...]:
    book, names = rulebook.default(), locale_of(language).territories
    found = [(code, _place_name(book.jurisdictions[code].name, code, names)) for code in book.markets()]
    return tuple(sorted(found, key=lambda pair: pair[1].casefold()))


def _place_name(english: str, code: str, names: Mapping[str, str]) -> str:
    country, _dash, part = code.partition("-")
    name = str(names.get(country, english))
    return f"{name}: {english}" if part else name


@lru_cache(maxsize=8)
def _deadlines(language: str, version: str) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return the deadlines that somebody can start, by the place that made them."""
    book, groups = rulebook.default(), {}
    for rule in book.rules.values():
        if is_deadline(rule) and any("event" in version.params for version in rule.versions):
            place = book.jurisdictions[rule.jurisdiction]
            name = _place_name(place.name, place.code, locale_of(language).territories)
            groups.setdefault(name, []).append((rule.id, gettext(rule.title)))
    named = [(name, tuple(sorted(rules, key=lambda pair: pair[1]))) for name, rules in groups.items()]
    return tuple(sorted(named, key=lambda pair: pair[0].casefold()))


def _categories(language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the categories under the shelves of the shop."""
    shelves: dict[str, list[tuple[str, str]]] = {code: [] for code in parents()}
    for code, leaf in categories().items():
        shelves[leaf.parent].append((code, leaf.names.get(language, leaf.names["en"])))
    return [
        (
            parents()[code].names.get(language, parents()[code].names["en"]),
            sorted(leaves, key=lambda one: one[1]),
        )
        for code, leaves in shelves.items()
        if leaves
    ]


def _market(label: Any = None) -> forms.Field:
    return forms.ChoiceField(label=label or _("Where do you live?"), choices=())


def _currency() -> forms.Field:
    return forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in sorted(CURRENCIES)])


Fields = Callable[[], dict[str, forms.Field]]


@dataclass(frozen=True, slots=True)
class Calculator:
    """One page: its words, its fields, which of them are asked first, and how facts come of them."""

    ask: str
    group: str
    icon: str
    title: Promise
    lead: Promise
    fields: Fields
    more: Fields
    facts: Callable[[Facts], Facts]
    dates: tuple[tuple[str, Promise], ...] = ()  # fields of the answer that can go into a calendar
    paths: Mapping[str, str] = field(
        default_factory=dict
    )  # fact -> its field, where neither its name nor PATHS says it

    def field_of(self, path: str, form: forms.Form) -> str | None:
        """Return the field that a fact's path was asked in, such as ``price_2`` for ``history[1].price``."""
        last = path.rpartition(".")[2]
        found = (
            self.paths.get(path) or rights_facts.PATHS.get(path) or (path if path in form.fields else last)
        )
        return found if found in form.fields else None


WEEK: Choices = (
    ("mon", _("Monday")), ("tue", _("Tuesday")), ("wed", _("Wednesday")), ("thu", _("Thursday")), ("fri", _("Friday")),
    ("sat", _("Saturday")), ("sun", _("Sunday")),
)  # fmt: skip


def _time(label: Any) -> forms.Field:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.RegexField(
        r"^([01]\d|2[0-3]):[0-5]\d$", label=label, widget=widget, help_text=_("Such as 08:00.")
    )


def _none() -> dict[str, forms.Field]:
    return {}


def _purchase_fields() -> dict[str, forms.Field]:
    return {
        "market": _market(),
        "concluded_on": _date(_("When did you buy it?"), required=True),
        "received_on": _date(
            _("When did you get it?"), help_text=_("Leave it empty if it has not come yet.")
        ),
    }


def _purchase_more() -> dict[str, forms.Field]:
    return {
        "contract_type": _one(_("What did you buy?"), GOODS),
        "sales_channel": _one(_("How did you buy it?"), CHANNELS),
        "information_given": _one(_("Were you told of the right to withdraw?"), YES_NO),
        "voluntary_days": _whole(_("Days the seller promises"), most=3650),
        "exceptions": forms.MultipleChoiceField(
            label=_("Does any of this apply?"), choices=EXCEPTIONS, required=False,
            widget=forms.CheckboxSelectMultiple,
        ),
    }  # fmt: skip


CALCULATORS: tuple[Calculator, ...] = (
    Calculator(
        "withdrawal", "mind", "undo-2", _("Until when can I change my mind?"),
        _("Where the law gives a right to withdraw from a purchase, it ends on a certain day. This finds the day."),
        _purchase_fields, _purchase_more, rights_facts.purchase, (("last_day", _("Last day to withdraw")),),
    ),
    Calculator(
        "withdrawal_declaration", "mind", "mail", _("Was my withdrawal in time?"),
        _("It counts when you sent it, and in some places when it came."),
        lambda: {**_purchase_fields(), "declared_on": _date(_("When did you say so?"), required=True)},
        lambda: {**_purchase_more(), "received_by_seller_on": _date(_("When did the seller get it?"))},
        rights_facts.statement, paths={"received_on": "received_by_seller_on"},
    ),
    Calculator(
        "return_deadline", "mind", "package", _("By when must I send it back?"),
        _("After a withdrawal the goods go back within a certain time."),
        lambda: {"market": _market(), "declared_on": _date(_("When did you withdraw?"), required=True)},
        lambda: {"concluded_on": _date(_("When did you buy it?")), "offered_to_collect": _flag(_("The seller offered to collect it"))},
        rights_facts.plain, (("send_back_by", _("Last day to send it back")),),
    ),
    Calculator(
        "return_cost", "mind", "truck", _("Who pays for the return?"),
        _("Who pays to send the goods back, and what happens if nobody told you."),
        lambda: {
            "market": _market(), "declared_on": _date(_("When did you withdraw or complain?"), required=True),
            "reason": _one(_("Why does it go back?"), REASONS),
        },
        lambda: {
            "told_of_return_cost": _one(_("Were you told that you pay for the return?"), YES_NO),
            "offered_to_collect": _flag(_("The seller offered to collect it")), "cost": _amount(_("Cost of the return")),
        },
        rights_facts.plain,
    ),
    Calculator(
        "refund_deadline", "money", "wallet", _("When must I have my money back?"),
        _("The day by which the seller pays, and whether it may wait for the goods."),
        lambda: {
            "market": _market(), "declared_on": _date(_("When did you withdraw or complain?"), required=True),
            "reason": _one(_("Why does the money come back?"), REFUND_REASONS),
            "goods_back_on": _date(_("When did the seller get the goods back?")),
        },
        lambda: {
            "contract_type": _one(_("What did you buy?"), GOODS), "payment_means": _one(_("How did you pay?"), MEANS),
            "dispatch_proof_on": _date(_("When did you show that you sent it?")),
            "cancelled_on": _date(_("When was the order cancelled?")),
            "right_vested_on": _date(_("When did the right to a refund arise?")),
            "offered_to_collect": _flag(_("The seller offered to collect it")),
        },
        rights_facts.plain, (("due_on", _("Refund due")),),
    ),
    Calculator(
        "refund_amount", "money", "coins", _("How much do I get back?"),
        _("The price, the delivery, duty and tax, and what may be taken off."),
        lambda: {
            "market": _market(), "currency": _currency(), "price": _amount(_("Price of one"), required=True),
            "quantity": _whole(_("How many did you buy?"), required=True),
            "withdrawn_quantity": _whole(_("How many do you send back?"), required=True),
            "delivery_paid": _amount(_("What did the delivery cost?")),
        },
        lambda: {
            "concluded_on": _date(_("When did you buy it?")),
            "cheapest_standard_delivery": _amount(_("The cheapest standard delivery")), "duty_paid": _amount(_("Duty paid")),
            "import_tax_paid": _amount(_("Import tax paid")), "returned_value_loss": _amount(_("Loss of value the seller claims")),
            "loss_evidence": _flag(_("The seller shows evidence for the loss")),
        },
        rights_facts.lines,
    ),
    Calculator(
        "delivery", "goods", "clock", _("My delivery is late. What now?"),
        _("The last day for the delivery, and when you can end the contract."),
        lambda: {
            "market": _market(), "concluded_on": _date(_("When did you buy it?"), required=True),
            "promised_on": _date(_("Which day was promised?")), "today": _date(_("Which day is it?")),
        },
        lambda: {
            "ship_promise_on": _date(_("By when was it to be sent?")), "date_essential": _flag(_("The day was essential, such as for a wedding")),
            "additional_period_until": _date(_("Until when did you give more time?")), "delivered_on": _date(_("When did it come?")),
        },
        rights_facts.plain, (
            ("deliver_by", _("Delivery due")), ("ship_by", _("Dispatch due")), ("refund_due_on", _("Refund due")),
        ),
    ),
    Calculator(
        "guarantee", "goods", "shield-check", _("It is faulty. How long does the seller answer?"),
        _("How long the seller is liable, who must prove what, and what you can ask for."),
        lambda: {
            "market": _market(), "delivered_on": _date(_("When did you get it?"), required=True),
            "condition": _one(_("In which condition?"), CONDITIONS), "defect_on": _date(_("When did the fault show?")),
        },
        lambda: {
            "concluded_on": _date(_("When did you buy it?")), "durable": _flag(_("It is meant to last for years")),
            "repair_chosen_on": _date(_("When did a repair begin?")), "repair_returned_on": _date(_("When did it come back?")),
            "voluntary_months": _whole(_("Months of the seller’s own guarantee"), most=600),
        },
        rights_facts.repair, (
            ("liable_until", _("The seller stops answering for faults")),
            ("burden_on_seller_until", _("From then on the proof is yours")),
            ("reject_until", _("Last day to reject the goods")), ("tell_seller_by", _("Last day to tell the seller of the fault")),
        ),
    ),
    Calculator(
        "landed_price", "prices", "globe", _("What will it cost at my door?"),
        _("Goods, shipping, duty, tax and fees, and who collects them."),
        lambda: {
            "market": _market(), "ship_from": _one(_("Where does it come from?"), ()), "on": _date(_("On which day?"), required=True),
            "currency": _currency(), "value": _amount(_("Price of the goods"), required=True), "shipping": _amount(_("Shipping")),
            "category": _one(_("What is it?"), ()),
        },
        lambda: {
            "hs": _text(_("Tariff number (HS)")), "quantity": _whole(_("How many?")),
            "importer_scheme": _one(_("How is import tax paid?"), SCHEMES), "insurance": _amount(_("Insurance")),
        },
        rights_facts.consignment,
    ),
    Calculator(
        "prior_price", "prices", "badge-percent", _("Is this reduction true?"),
        _("A reduction is measured by the lowest price of the days before it."),
        lambda: {
            "market": _market(), "reduction_from": _date(_("Since when is it reduced?"), required=True),
            "new_price": _amount(_("Price now"), required=True), "announced_percent": _whole(_("Percent announced"), most=100),
            "from_1": _date(_("First price since"), required=True), "price_1": _amount(_("First price"), required=True),
            "from_2": _date(_("Second price since")), "price_2": _amount(_("Second price")),
        },
        lambda: {
            "from_3": _date(_("Third price since")), "price_3": _amount(_("Third price")),
            "perishable": _flag(_("It spoils fast")), "progressive": _flag(_("The reduction grew step by step")),
            "uninterrupted": _flag(_("Without a break")), "first_reduction_on": _date(_("First day of the reductions")),
        },
        rights_facts.history,
    ),
    Calculator(
        "deadline", "business", "calendar", _("When does this deadline end?"),
        _("Any deadline of the rulebook: requests about data, orders of authorities, complaints, notices."),
        lambda: {
            "rule": _one(_("Which deadline?"), (), required=True), "market": _market(_("Where?")),
            "happened_on": _date(_("When did it happen?"), required=True), "extended": _flag(_("It was extended")),
        },
        _none, rights_facts.plain, (("due_on", _("Deadline")), ("due_at", _("Deadline"))),
    ),
    Calculator(
        "clock", "business", "hourglass", _("When is an answer due?"),
        _("Service promises count only the hours in which somebody is there."),
        lambda: {
            "tz": _text(_("Time zone"), required=True, help_text=_("Such as Europe/Berlin.")),
            "opens": _time(_("Opens at")), "closes": _time(_("Closes at")),
            "open_days": forms.MultipleChoiceField(label=_("Open on"), choices=WEEK, widget=forms.CheckboxSelectMultiple),
            "created_on": _date(_("Day of the message"), required=True), "created_time": _time(_("Time of the message")),
            "first_response_min": _whole(_("Minutes to the first answer")), "resolution_min": _whole(_("Minutes to the solution")),
        },
        lambda: {"holiday": _date(_("A day that is closed"))}, rights_facts.promise,
    ),
    Calculator(
        "trader_status", "business", "building-2", _("What does a seller owe?"),
        _("Whether sales make a seller one who must be identified, verified and shown, and by when."),
        lambda: {
            "market": _market(_("Where?")), "on": _date(_("On which day?"), required=True), "new": _whole(_("New pieces sold this month"), most=10**9),
            "gross": _amount(_("What was paid for them")),
        },
        lambda: {
            "used": _whole(_("Used pieces sold"), most=10**9), "registered": _flag(_("The seller is registered as a trader")),
            "verified_on": _date(_("When was it verified?")), "notice_sent_on": _date(_("When was it asked for its details?")),
        },
        rights_facts.seller,
    ),
    Calculator(
        "clearance", "business", "scale", _("May this be sold there?"),
        _("Which duties a listing does not meet yet. For all facts, use the interface for programs."),
        lambda: {
            "market": _market(_("Where?")), "on": _date(_("On which day?"), required=True), "category": _one(_("What is it?"), (), required=True),
            "title_languages": forms.MultipleChoiceField(
                label=_("Languages of the page"), choices=LANGUAGES, required=False, widget=forms.CheckboxSelectMultiple,
            ),
        },
        lambda: {"brand": _text(_("Brand")), "images": _whole(_("Number of pictures"), most=100)}, rights_facts.listing,
    ),
)  # fmt: skip
BY_ASK: Mapping[str, Calculator] = {calculator.ask: calculator for calculator in CALCULATORS}
GROUPS: tuple[tuple[str, Promise], ...] = (
    ("mind", _("I changed my mind")),
    ("money", _("I want my money back")),
    ("goods", _("It is late or faulty")),
    ("prices", _("What does it cost, and is the price honest?")),
    ("business", _("I sell things, or look after those who do")),
)


class RightsForm(forms.Form):
    """The form of one calculator: `first` fields are asked at once, the rest under "More details"."""

    def __init__(self, calculator: Calculator, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="q_%s", **kwargs)
        self.first = calculator.fields()
        self.fields.update(self.first)
        self.fields.update(calculator.more())
        self._offer(language)

    def clean(self) -> Facts:
        """Refuse half an answer at the field that is missing."""
        cleaned = super().clean() or self.cleaned_data
        for given, needed in rights_facts.TOGETHER:
            if cleaned.get(given) is not None and needed not in self.errors and cleaned.get(needed) is None:
                self.add_error(needed, gettext("This is needed too."))
        opens, closes = cleaned.get("opens"), cleaned.get("closes")
        if opens and closes and closes != "00:00" and closes <= opens:
            self.add_error("closes", gettext("This is not later than the opening."))
        return cleaned

    def _offer(self, language: str) -> None:
        version = rulebook.default().version
        offers = {
            "market": lambda: market_choices(language),
            "ship_from": lambda: [pair for pair in market_choices(language) if "-" not in pair[0]],
            "category": lambda: [("", "–"), *_categories(language)],
            "rule": lambda: _deadlines(language, version),
        }
        for name in self.fields.keys() & offers.keys():
            self.fields[name].choices = offers[name]()

    def asked_first(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name in self.first]

    def asked_later(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in self.first]

    def is_more_open(self) -> bool:
        """Return whether something under "More details" was answered or is wrong."""
        later = {name for name in self.fields if name not in self.first}
        return self.is_bound and (bool(later & set(self.errors)) or any(self.said(name) for name in later))

    def said(self, name: str) -> list[str]:
        """Return what was answered to one field; nothing where it was left as it stood."""
        given = [value for value in self.data.getlist(name) if value]
        choices = getattr(self.fields[name], "choices", None)
        multiple = isinstance(self.fields[name], forms.MultipleChoiceField)
        asked_first = name in self.first
        untouched = [next(iter(choices))[0]] if choices and not multiple and not asked_first else []
        return [] if given == untouched else given
