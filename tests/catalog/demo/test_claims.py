"""The words of the demo range pass the claim linter: it finds nothing where nothing is."""

from __future__ import annotations

from datetime import date

from catalog.demo.reading import products
from compliance import rulebook
from compliance.rulebook.claims import ClaimFinder


def test_no_text_of_the_demo_range_says_what_it_may_not() -> None:
    book, day = rulebook.default(), date(2026, 11, 28)
    rules = [
        rule for rule in book.rules.values() if rule.kind == "duty" and rule.versions[-1].finds == "claims"
    ]
    finders = [(rule.id, ClaimFinder(rule.versions[-1].params, day, ("DE",), book)) for rule in rules]
    found = []
    for product in products():
        words = {"title": product.title, "subtitle": product.subtitle, "description": product.text}
        said = [(place, pair) for place, texts in words.items() for pair in texts.items()]
        said += [("image", pair) for picture in product.pictures for pair in picture.alt.items()]
        texts = [{"place": place, "language": code, "text": text} for place, (code, text) in said]
        found += [
            (product.code, rule, one) for rule, finder in finders for one in finder.find({"texts": texts})
        ]
    assert (found, len(finders) > 9, len(products()) > 100) == ([], True, True)
