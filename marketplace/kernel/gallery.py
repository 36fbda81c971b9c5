"""What the gallery shows: every component in every state, with the words of real pages."""

from __future__ import annotations

from typing import Any

from django import forms

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

REVIEW: dict[str, Any] = {
    "stars": {"value": "4", "percent": 80, "label": "4 of 5 stars"},
    "title": "A good light to read by", "text": "It clips to the shelf and stays there.\n\nThe cord could be longer.",
    "name": "Ada", "when": "24 November 2026", "iso": "2026-11-24", "report_url": "#review",
    "reply": "Thank you. The new ones come with a longer cord.", "replied": "25 November 2026",
}  # fmt: skip
REVIEW_MARKED: dict[str, Any] = {
    "stars": {"value": "2", "percent": 40, "label": "2 of 5 stars"}, "title": "Not for me", "reply": "",
    "is_rewarded": True, "sent_back": True, "is_changed": True,
    "withdrawn": {"meaning": "blocked", "label": "Taken off sale here on 20 November 2026: a law on safety is not met"},
}  # fmt: skip
RATING_SUMMARY: dict[str, Any] = {
    "stars": RATING,
    "rows": [
        {"star": star, "many": many, "percent": round(100 * many / 128)}
        for star, many in ((5, 90), (4, 24), (3, 8), (2, 2), (1, 4))
    ],
    "counted": "The plain average of 128 reviews. Each counts once; those for which something was given do not count.",
    "recent": "Better lately: 4.8 on average in the last 180 days (31).",
}
LETTERS: list[dict[str, Any]] = [
    {"kind": "customer", "who": "You", "when": "20 November 2026, 10:00", "iso": "2026-11-20T10:00:00+00:00", "text": "Call me: […]",
     "taken_out": "We took out: a telephone number. What is agreed here can be proved later; elsewhere nobody can help you.",
     "files": [{"name": "photo-1.jpg", "url": "#letter"}]},
    {"kind": "merchant", "who": "Licht & Form", "when": "20 November 2026, 14:00", "iso": "2026-11-20T14:00:00+00:00",
     "text": "Could you send a photo of it, so that we can see what is wrong?", "is_template": True},
]  # fmt: skip
QUESTION: dict[str, Any] = {
    "text": "Does it fit a shelf of 4 cm?", "name": "Bo", "when": "20 November 2026", "iso": "2026-11-20",
    "report_url": "#review", "answer_url": "#review",
    "answers": [
        {"text": "Yes, up to 5 cm.", "by": "The seller", "kind": "merchant", "name": "Licht & Form", "when": "21 November 2026",
         "iso": "2026-11-21", "report_url": "#review"},
        {"text": "Mine is 4.5 cm and it holds.", "by": "Somebody who received it", "kind": "buyer", "name": "Ada",
         "when": "24 November 2026", "iso": "2026-11-24", "report_url": "#review"},
    ],
}  # fmt: skip


def _end(text: str) -> dict[str, Any]:
    return {"text": text, "numeric": True}


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
        label="Delivery",
        choices=[("p", "To the door"), ("s", "To a pick-up point")],
        widget=forms.RadioSelect,
    )
    wishes = forms.MultipleChoiceField(
        label="Tell me about",
        required=False,
        choices=[("r", "Recalls"), ("l", "Changes of my rights")],
        widget=forms.CheckboxSelectMultiple,
    )
    photo = forms.FileField(label="A photo", required=False)
    terms = forms.BooleanField(
        label="I ask that you start at once, and I know that I lose my right to withdraw."
    )


def _wrong_form() -> DemoForm:
    form = DemoForm({"email": "ana@", "country": "DE"}, auto_id="wrong_%s")
    form.is_valid()
    return form


TRADER = {
    "name": "Atelier Morin",
    "url": "#trader-card",
    "kind_label": "Trader",
    "legal_name": "Morin & Filles SARL",
    "address": ["12 rue de la Verrerie", "69001 Lyon", "France"],
    "email": "bonjour@atelier-morin.example",
    "phone": "+33 4 55 01 02 03",
    "registers": [
        {"label": "Company register", "value": "Lyon B 801 234 567", "url": "#trader-card"},
        {"label": "VAT number", "value": "FR 32 801234567"},
    ],
    "verified": {"on": "3 March 2026", "how": "French company register and VAT check"},
    "answers": [
        "Atelier Morin is your contract partner and answers for the goods, the delivery and the guarantee."
    ],
    "rating": RATING,
}
TRADER_PRIVATE = {
    "name": "Jo from Malmö",
    "private": True,
    "kind_label": "Private seller",
    "address": ["Malmö", "Sweden"],
    "answers": ["A private person sells this. Consumer law on withdrawal and guarantee does not apply."],
}

DISCLOSURES = [
    {
        "title": "What it is",
        "rows": [
            {"label": "Material", "value": "Stoneware, celadon glaze"},
            {"label": "Size", "value": "12 cm across, 7 cm high, 240 ml"},
            {"label": "Made in", "value": "Jingdezhen, China"},
            {"label": "Batch", "value": "Not provided by the merchant", "missing": True},
        ],
    },
    {
        "title": "Safety",
        "rows": [
            {
                "label": "Warning",
                "value": "Nicht für Kinder unter 36 Monaten geeignet. Verschluckbare Kleinteile.",
                "warning": True,
                "language": "de",
            },
            {
                "label": "Responsible in the EU",
                "lines": ["EuroRep GmbH, Hafenstraße 4, 20457 Hamburg, Germany", "post@eurorep.example"],
                "note": "Regulation (EU) 2023/988, Art. 16",
            },
        ],
    },
]

ORDER_STEPS = [
    {"label": "Paid", "state": "done", "when": "Mon 23 Nov, 10:12", "iso": "2026-11-23T10:12+01:00"},
    {"label": "Shipped", "state": "done", "when": "Tue 24 Nov, 16:40", "iso": "2026-11-24T16:40+01:00"},
    {"label": "On its way", "state": "current", "when": "expected Thu 26 Nov"},
    {"label": "14 days to withdraw", "state": "next", "when": "until Thu 10 Dec"},
    {"label": "Guarantee", "state": "next", "when": "until 26 Nov 2028"},
]
STEPS_WITH_TROUBLE = [
    {"label": "Handed to the carrier", "state": "done", "when": "Tue 10 Nov"},
    {
        "label": "Delivery is late",
        "state": "problem",
        "when": "since Fri 20 Nov",
        "detail": "The merchant promised delivery by Thursday. Set a new date or cancel and get everything back.",
        "badge": {"meaning": "blocked", "label": "Late"},
    },
    {"label": "Delivered", "state": "next"},
]

CLOCKS = [
    {
        "state": "running",
        "label": "Reply",
        "left": "2 days 4 h",
        "until": "2026-11-26T14:00+01:00",
        "until_label": "Thu, 26 Nov 2026, 14:00",
    },
    {"state": "soon", "label": "Acknowledge", "left": "42 min", "state_label": "due soon"},
    {
        "state": "paused",
        "label": "Decision",
        "left": "6 days",
        "state_label": "paused",
        "reason": "waiting for you",
    },
    {"state": "late", "label": "Refund", "left": "3 h", "state_label": "late"},
    {"state": "done", "label": "First reply", "left": "in 5 h", "state_label": "met"},
]

FACET = {
    "label": "Seller’s country",
    "name": "country",
    "options": [
        {"value": "FR", "label": "France", "count": 412, "checked": True},
        {"value": "NO", "label": "Norway", "count": 87},
        {"value": "CN", "label": "China", "count": 1204},
    ],
    "more": [
        {"value": "US", "label": "United States", "count": 33},
        {"value": "JP", "label": "Japan", "count": 9},
    ],
}
FACET_ONE = {
    "label": "Returns",
    "name": "returns",
    "kind": "one",
    "options": [
        {"value": "any", "label": "Any", "count": None, "checked": True},
        {"value": "free", "label": "Free for me", "count": 611, "hint": "The merchant pays the way back"},
    ],
}

FACET_LINKS = {
    "label": "Seller’s country",
    "options": [
        {"label": "France", "count": 214, "url": "#facet", "selected": True},
        {"label": "Germany", "count": 1180, "url": "#facet", "selected": False},
        {"label": "A country with an uncommonly long name", "count": 3, "url": "#facet", "selected": False},
    ],
    "more": [{"label": "Japan", "count": 12, "url": "#facet", "selected": False}],
}

_VERDICTS = {
    "sell": ("AT BE CZ DE DK EE FI IE LT LU LV NL NO SE CH GB US CN AU", "may be sold"),
    "notice": ("ES IT PT", "may be sold with a notice"),
    "blocked": ("FR PL JP", "may not be sold: 2 findings"),
}
MARKET_MAP = {
    "summary": "Sellable in 22 of 25 markets",
    "allowed": 19,
    "attention": 3,
    "blocked": 3,
    "markets": sorted(
        (
            {"code": code, "name": code, "verdict": verdict, "verdict_label": words, "url": "#market-map"}
            for verdict, (codes, words) in _VERDICTS.items()
            for code in codes.split()
        ),
        key=lambda market: market["code"],
    ),
    "fixes": [
        {"label": "Add the warnings in French", "gain": "+1 market", "url": "#market-map"},
        {"label": "Say where it was made in Japanese", "gain": "+1 market", "url": "#market-map"},
    ],
}

SUMMARY = {
    "title": "Your order",
    "rows": [
        {"label": "Goods", "amount": "€174.22"},
        {"label": "Delivery", "amount": "€11.80", "note": "Norway and China, two parcels"},
        {"label": "Duty", "amount": "€1.34", "note": "2.5 % on the tea bowl"},
        {"label": "VAT", "amount": "€29.89", "note": "19 %, Germany"},
    ],
    "total": {"label": "You pay", "amount": "€217.25", "note": "nothing is added later"},
    "note": "You are charged when you press the button below.",
}
LINES = [
    {
        "name": "Celadon tea bowl",
        "url": "#listing-line",
        "image": _picture("bowl"),
        "options": "Sea green, 240 ml",
        "quantity": "2 ×",
        "amount": "€79.80",
        "each": "€39.90 each",
        "notes": [{"meaning": "allowed", "label": "14 days to withdraw"}],
    },
    {
        "name": "Schreibtischlampe mit besonders langem zusammengesetztem Namen aus gedrechseltem Eschenholz",
        "image": None,
        "options": "Esche natur",
        "quantity": "1 ×",
        "amount": "€1,128.00",
        "notes": [{"meaning": "attention", "label": "Price changed"}],
    },
]

TABLE = {
    "caption": "Deliveries this week",
    "columns": [
        {"label": "Order", "sort_url": "#table", "sorted": "descending"},
        {"label": "Merchant", "sort_url": "#table"},
        {"label": "Parcels", "numeric": True},
        {"label": "Total", "numeric": True, "sort_url": "#table"},
    ],
    "rows": [
        [
            {"text": "R-7Q2K", "url": "#table"},
            "Atelier Morin",
            {"text": "2", "numeric": True},
            _end("€217.25"),
        ],
        [
            {"text": "R-7Q1M", "url": "#table"},
            "Jade Kiln Studio",
            {"text": "1", "numeric": True},
            _end("€39.90"),
        ],
        [
            {"text": "R-7PXV", "url": "#table"},
            "Nordlys Verksted",
            {"text": "11", "numeric": True},
            _end("€1,408.00"),
        ],
    ],
}

IMAGES = [
    {**_picture(name), "id": f"picture-{name}", "alt": alt}
    for name, alt in [
        ("bowl", "A sea-green tea bowl, half full"),
        ("lamp", "A table lamp of turned ash with a pleated shade"),
        ("jar", "A jar of dark honey with a paper label"),
    ]
]


def context() -> dict[str, Any]:
    """Return everything that templates/gallery.html shows."""
    return {
        "nav": [
            {"label": label, "url": "#main", "current": label == "Home"}
            for label in [
                "Home",
                "Kitchen and table",
                "Food",
                "Clothes",
                "Care",
                "Electronics",
                "Toys",
                "Tools",
            ]
        ],
        "form": DemoForm(),
        "wrong": _wrong_form(),
        "cards": CARDS,
        "price": PRICE,
        "price_reduced": PRICE_REDUCED,
        "price_full": PRICE_FULL,
        "rating": RATING,
        "review": REVIEW,
        "review_marked": REVIEW | REVIEW_MARKED,
        "rating_summary": RATING_SUMMARY,
        "question": QUESTION,
        "letters": LETTERS,
        "question_open": QUESTION | {"answers": []},
        "right_card": RIGHT_CARD,
        "right_card_short": RIGHT_CARD_SHORT,
        "rulings": WITHDRAWAL_RULINGS,
        "trader": TRADER,
        "trader_private": TRADER_PRIVATE,
        "disclosures": DISCLOSURES,
        "order_steps": ORDER_STEPS,
        "trouble": STEPS_WITH_TROUBLE,
        "clocks": CLOCKS,
        "facet": FACET,
        "facet_one": FACET_ONE,
        "facet_links": FACET_LINKS,
        "chips": [
            {"label": "France", "remove_url": "#facet"},
            {"label": "under €50", "remove_url": "#facet"},
        ],
        "market_map": MARKET_MAP,
        "summary": SUMMARY,
        "lines": LINES,
        "table": TABLE,
        "images": IMAGES,
        "crumbs": [
            {"label": "Home", "url": "#breadcrumb"},
            {"label": "Kitchen and table", "url": "#breadcrumb"},
            {"label": "Tea", "url": "#breadcrumb"},
        ],
        "checkout_steps": [
            {"label": "Address", "state": "done", "url": "#stepper"},
            {"label": "Delivery", "state": "current", "url": "#stepper"},
            {"label": "Payment", "state": "next"},
            {"label": "Confirm", "state": "next"},
        ],
        "meanings": ["allowed", "attention", "blocked", "information"],
        "address": ["Ana Ruiz", "Sonnenallee 12, c/o Weiß", "12047 Berlin", "Germany"],
        "link": {"url": "#notice", "label": "See what changed"},
        "action": {"url": "#empty-state", "label": "Look around"},
        "swatches": [
            "paper",
            "surface",
            "sunken",
            "slip",
            "ink",
            "ink-soft",
            "ink-faint",
            "edge",
            "brand",
            "brand-strong",
            "brand-tint",
            "allowed",
            "attention",
            "blocked",
            "information",
        ],
    }
