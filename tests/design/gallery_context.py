"""What the gallery shows: every component in every state, with the words of real pages."""

from __future__ import annotations

from typing import Any

from django import forms

PLACE = {"market": "DE", "language": "en", "currency": "EUR", "time_zone": "Europe/Berlin", "theme": ""}

WITHDRAWAL_RULINGS = [
    {
        "title": "Time to withdraw from a distance contract",
        "value": "14 days",
        "rule": "eu.withdrawal.period",
        "article": "Directive 2011/83/EU, Art. 9(1)",
        "url": "http://data.europa.eu/eli/dir/2011/83/oj",
        "since": "13 June 2014",
        "jurisdiction": "European Union",
        "confidence": "official",
        "confidence_label": "read in the official text",
    },
    {
        "title": "When the time starts",
        "value": "the day you receive the goods",
        "rule": "eu.withdrawal.start",
        "article": "Directive 2011/83/EU, Art. 9(2)(b)",
        "url": "http://data.europa.eu/eli/dir/2011/83/oj",
        "since": "13 June 2014",
        "jurisdiction": "European Union",
        "confidence": "secondary",
        "confidence_label": "read in a dated secondary source",
    },
    {
        "title": "A last day on a holiday moves on",
        "value": "next working day",
        "rule": "eu.periods.last_day",
        "article": "Regulation (EEC) 1182/71, Art. 3(4)",
        "url": "",
        "since": "1 July 1971",
        "jurisdiction": "European Union",
        "confidence": "knowledge",
        "confidence_label": "not checked yet",
    },
]

RIGHT_LINES = [
    {
        "key": "withdrawal",
        "label": "Change your mind",
        "state": "yes",
        "day": "8",
        "month": "December 2026",
        "when": "2026-12-08",
        "sentence": "If it arrives on Tuesday, 24 November, you can withdraw until Tuesday, 8 December 2026, "
        "23:59 your time. You need no reason.",
        "left": "15 days from today",
        "rulings": WITHDRAWAL_RULINGS,
        "steps": [
            "You receive the goods on Tuesday, 24 November 2026.",
            "The day of receipt does not count; 14 days begin on the next day.",
            "The last day is a Tuesday and no holiday in Berlin, so it stays.",
        ],
    },
    {
        "key": "return",
        "label": "Send it back",
        "state": "yes",
        "icon": "package-open",
        "sentence": "The merchant pays the return from Germany and gives you the label.",
        "rulings": WITHDRAWAL_RULINGS[:1],
    },
    {
        "key": "guarantee",
        "label": "If it is not as agreed",
        "state": "yes",
        "day": "2",
        "month": "years",
        "sentence": "Until 24 November 2028 it is repaired or replaced, free for you. In the first year nobody "
        "may ask you to prove that it was faulty from the start.",
        "left": "",
        "rulings": WITHDRAWAL_RULINGS[1:2],
    },
    {
        "key": "durability",
        "label": "Repair after the guarantee",
        "state": "uncertain",
        "state_label": "Depends",
        "icon": "wrench",
        "sentence": "The maker has not said for how long there will be spare parts. We have asked.",
        "rulings": WITHDRAWAL_RULINGS[2:],
    },
    {
        "key": "hygiene",
        "label": "Once the seal is broken",
        "state": "no",
        "state_label": "No right",
        "icon": "undo-2",
        "sentence": "You cannot withdraw after opening the jar. That it is faulty you can say at any time.",
        "rulings": WITHDRAWAL_RULINGS[:1],
    },
]

RIGHT_CARD = {
    "title": "Your rights on this purchase",
    "subtitle": "Delivered to Germany, as the law stands on 23 November 2026.",
    "lines": RIGHT_LINES,
    "note": "Kept with your order, word for word.",
    "link": {"url": "#right-card", "label": "How we know this"},
}
RIGHT_CARD_SHORT = {
    "title": "Your rights on this order",
    "subtitle": "Order R-7Q2K",
    "lines": RIGHT_LINES[:1],
}

PRICE = {"total": "€42.90", "where": "to Germany, all in"}
PRICE_REDUCED = {
    "total": "€39.90",
    "where": "to Germany, all in",
    "prior": "€49.00",
    "prior_note": "lowest price of the 30 days before",
    "unit": "€13.30 per 100 ml",
}
PRICE_FULL = {
    **PRICE_REDUCED,
    "total": "€64.35",
    "parts": [
        {"label": "Goods", "amount": "€46.22", "note": "CN¥358.00 at the ECB rate of 20 November"},
        {"label": "Shipping from Jingdezhen", "amount": "€6.90", "note": "6 to 9 working days"},
        {"label": "Duty", "amount": "€1.34", "note": "2.5 %, HS 6912"},
        {"label": "VAT", "amount": "€9.89", "note": "19 %, Germany"},
    ],
    "note": "You pay nothing at the door: the merchant is the importer.",
}

RATING = {
    "value": "4.6",
    "percent": 92,
    "label": "4.6 of 5 stars, 128 reviews",
    "count": "128 reviews",
    "url": "#stars",
}


def _picture(name: str) -> dict[str, Any]:
    """Return a demo picture; they are drawn by the project and served with it."""
    return {"src": f"/static/brand/demo/{name}.svg", "alt": "", "width": 800, "height": 1000}


CARDS = [
    {
        "url": "#product-card",
        "name": "Table lamp, turned ash",
        "by": "Nordlys Verksted, Norway",
        "image": _picture("lamp"),
        "price": {"total": "€128.00", "where": "to Germany, all in"},
        "rating": RATING,
        "badges": [],
    },
    {
        "url": "#product-card",
        "name": "Celadon tea bowl",
        "by": "Jade Kiln Studio, China",
        "image": _picture("bowl"),
        "price": PRICE_REDUCED,
        "rating": None,
        "badges": [{"meaning": "allowed", "label": "Free returns"}],
    },
    {
        "url": "#product-card",
        "name": "Chestnut honey from the Cévennes, 500 g",
        "by": "Rucher des Cévennes, France",
        "image": _picture("jar"),
        "price": {"total": "€14.20", "where": "to Germany, all in", "unit": "€28.40 per kg", "starts": True},
        "rating": RATING,
        "ad": True,
        "badges": [],
    },
    {
        "url": "#product-card",
        "name": "Donaudampfschifffahrtsgesellschaftskapitänsmütze aus gewalktem Schurwollloden, verstellbar",
        "by": "Hutmacherei Obermoser & Töchter in Bad Reichenhall, Germany",
        "language": "de",
        "image": None,
        "price": {"total": "€1,289.00", "where": "to Germany, all in"},
        "rating": None,
        "badges": [{"meaning": "attention", "label": "Made to order"}],
    },
]


class DemoForm(forms.Form):
    """One field of every kind."""

    name = forms.CharField(label="Full name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label="E-mail", help_text="Your confirmation and your contract go here.", widget=forms.EmailInput()
    )
    country = forms.ChoiceField(label="Country", choices=[("DE", "Germany"), ("FR", "France")])
    note = forms.CharField(label="Anything the merchant should know", required=False, widget=forms.Textarea)
    shipping = forms.ChoiceField(
        label="Delivery", choices=[("p", "To the door"), ("s", "To a pick-up point")], widget=forms.RadioSelect
    )
    wishes = forms.MultipleChoiceField(
        label="Tell me about",
        required=False,
        choices=[("r", "Recalls"), ("l", "Changes of my rights")],
        widget=forms.CheckboxSelectMultiple,
    )
    photo = forms.FileField(label="A photo", required=False)
    terms = forms.BooleanField(label="I ask that you start at once, and I know that I lose my right to withdraw.")


def _wrong_form() -> DemoForm:
    form = DemoForm({"email": "ana@", "country": "DE"}, auto_id="wrong_%s")
    form.is_valid()
    return form


def context() -> dict[str, Any]:
    """Return everything that templates/gallery.html shows."""
    return {
        "place_name": "Germany",
        "basket_count": 3,
        "nav": [
            {"label": "Home", "url": "#", "current": True},
            {"label": "Kitchen and table", "url": "#"},
            {"label": "Food", "url": "#"},
            {"label": "Clothes", "url": "#"},
            {"label": "Care", "url": "#"},
            {"label": "Electronics", "url": "#"},
            {"label": "Toys", "url": "#"},
            {"label": "Tools", "url": "#"},
        ],
        "form": DemoForm(),
        "wrong": _wrong_form(),
        "cards": CARDS,
        "price": PRICE,
        "price_reduced": PRICE_REDUCED,
        "price_full": PRICE_FULL,
        "rating": RATING,
        "right_card": RIGHT_CARD,
        "right_card_short": RIGHT_CARD_SHORT,
        "rulings": WITHDRAWAL_RULINGS,
    }
