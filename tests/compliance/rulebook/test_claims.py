"""The claim linter: what it finds in seven languages, what it leaves alone, and from which day."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from compliance import rulebook
from compliance.rulebook import duties
from compliance.rulebook.claims import BadPhrase, ClaimFinder, compile_phrase
from compliance.rulebook.types import Finding
from tests.compliance.samples import honey, listing, scarf

TODAY = date(2026, 11, 28)
BEFORE_THE_GREEN_LAW = date(2026, 5, 1)


def judged(text: str, language: str = "en", on: date = TODAY, **facts: Any) -> list[Finding]:
    said = [{"place": "description", "language": language, "text": text}]
    record = scarf(texts=said, **facts)
    found = duties.judge(record, rulebook.default(), on=on).findings
    return [one for one in found if one.rule.startswith("eu.claims.")]


def names(text: str, language: str = "en", **facts: Any) -> set[str]:
    return {one.rule.rsplit(".", 1)[1] for one in judged(text, language, **facts)}


SAID = [
    ("scarcity", "en", "Hurry, only 3 left!"),
    ("scarcity", "de", "Nur noch wenige auf Lager, letzte Chance."),
    ("scarcity", "fr", "Plus que 2 en stock, dernière chance"),
    ("scarcity", "es", "¡Solo quedan 5! Última oportunidad."),
    ("scarcity", "it", "Ultimi pezzi, offerta a tempo limitato"),
    ("scarcity", "nl", "Op is op: laatste kans"),
    ("scarcity", "pl", "Ostatnie sztuki, tylko dziś"),
    ("reductions", "en", "Save up to 50 % now"),
    ("reductions", "de", "Jetzt 30% Rabatt"),
    ("reductions", "fr", "20 % de réduction"),
    ("reductions", "es", "Con 15% de descuento"),
    ("reductions", "it", "Il 40% di sconto"),
    ("reductions", "nl", "25% korting"),
    ("reductions", "pl", "10% taniej"),
    ("unfair_terms", "en", "All sales are final. No refunds."),
    ("unfair_terms", "de", "Keine Rücknahme, vom Umtausch ausgeschlossen."),
    ("unfair_terms", "fr", "Ni repris ni échangé, vendu en l’état."),
    ("unfair_terms", "es", "No se admiten devoluciones."),
    ("unfair_terms", "it", "Non si accettano resi."),
    ("unfair_terms", "nl", "Geen retour mogelijk."),
    ("unfair_terms", "pl", "Bez możliwości zwrotu."),
    ("green_generic", "en", "An eco-friendly scarf, good for the planet."),
    ("green_generic", "de", "Ein umweltfreundliches Tuch."),
    ("green_generic", "fr", "Une écharpe respectueuse de l'environnement"),
    ("green_generic", "es", "Respetuoso con el medio ambiente"),
    ("green_generic", "it", "Una sciarpa rispettosa dell’ambiente"),
    ("green_generic", "nl", "Een milieuvriendelijke sjaal"),
    ("green_generic", "pl", "Szalik przyjazny dla środowiska"),
    ("offset_neutral", "en", "Carbon-neutral wool"),
    ("offset_neutral", "de", "Klimaneutral hergestellt"),
    ("offset_neutral", "fr", "Neutre en carbone"),
    ("offset_neutral", "es", "Climáticamente neutro"),
    ("offset_neutral", "it", "A impatto zero"),
    ("offset_neutral", "nl", "CO2-neutraal gemaakt"),
    ("offset_neutral", "pl", "Neutralny dla klimatu"),
    ("green_future", "en", "Climate-neutral by 2030"),
    ("legal_rights", "de", "Nur bei uns: 14 Tage Widerrufsrecht"),
    ("legal_rights", "en", "Exclusive: two years of legal guarantee"),
    ("free", "en", "Get it absolutely free"),
]


@pytest.mark.parametrize(("rule", "language", "text"), SAID)
def test_a_claim_is_found(rule: str, language: str, text: str) -> None:
    assert rule in names(text, language)


HARMLESS = [
    ("en", "If you crash in it, we replace it at half price."),
    ("en", "30 % less sugar and 20 % less weight than our first jar."),
    ("en", "Easy returns: no returns label needed, we collect it."),
    ("en", "This lamp is not environmentally friendly, it is beautiful."),
    ("en", "Free of nickel. Limited edition of 300 prints. Made in sustained heat. Green wool."),
    ("en", "It returns to its dock. The guarantee of the maker runs for five years."),
    ("en", "The last piece of the puzzle. Only 3 ingredients. 100 % wool, 2 % elastane."),
    ("de", "Das ist nicht klimaneutral: Wolle braucht Energie."),
    ("de", "Rückgabe ohne Begründung. Keine Garantieansprüche nötig."),
    ("de", "Ein Schal aus 100 % Wolle, ohne Nickel, in Grün."),
    ("fr", "Sans nickel, 100 % laine. Retour gratuit."),
    ("es", "Verde oliva, 100 % lana."),
    ("it", "Lana verde, 100 % lana."),
    ("nl", "Groene sjaal, 100 % wol."),
    ("pl", "Zielony szalik, 100 % wełny."),
    ("ja", "Hurry, only 3 left!"),
]


@pytest.mark.parametrize(("language", "text"), HARMLESS)
def test_what_is_harmless_is_left_alone(language: str, text: str) -> None:
    assert names(text, language) == set()


def test_a_finding_names_words_place_and_language() -> None:
    [found] = judged("Light. A Carbon-Neutral scarf. Warm.")
    assert (found.field, found.params["words"], found.params["languages"]) == (
        "texts.description.en",
        "“Carbon-Neutral”",
        ["en"],
    )
    assert "“Carbon-Neutral”" in duties.say(found)[0]


def test_green_claims_are_announced_before_their_day_and_bind_from_it() -> None:
    days = BEFORE_THE_GREEN_LAW, date(2026, 7, 1), date(2026, 9, 27)
    found = [judged("Climate-neutral wool", on=day) for day in days]
    assert [[(str(one.severity), one.due_on) for one in some] for some in found] == [
        [],
        [("info", date(2026, 9, 27))],
        [("high", None)],
    ]


def test_a_certificate_on_file_proves_a_green_claim_but_no_neutrality() -> None:
    licence = [{"kind": "ecolabel_licence", "issued_on": "2026-01-01", "expires_on": "2027-01-01"}]
    assert names("Eco-friendly", documents=licence) == set()
    assert names("Eco-friendly", documents=[licence[0] | {"expires_on": "2026-02-01"}]) == {"green_generic"}
    assert names("Climate-neutral", documents=licence) == {"offset_neutral"}


def test_a_reduction_of_the_price_is_the_basis_of_a_percentage() -> None:
    price = {"currency": "EUR", "minor": 890, "available": True, "reduced": True, "prior_price": True}
    assert names("50 % off", price=price) == set()


def test_law_from_knowledge_only_warns_and_nothing_here_stops_a_sale() -> None:
    rules = [
        r for r in rulebook.default().rules.values() if r.kind == "duty" and r.name.startswith("claims.")
    ]
    said = {(one.name, str(one.versions[0].severity)) for one in rules}
    assert ("claims.scarcity", "medium") in said
    assert {severity for _, severity in said} == {"high", "medium"}


def test_health_claims_about_food_and_the_words_of_the_register() -> None:
    def of(text: str) -> list[str]:
        said = [{"place": "title", "language": "en", "text": text}]
        found = duties.judge(honey(texts=said), rulebook.default(), on=TODAY).findings
        return [one.rule for one in found if one.rule.startswith("eu.claims.")]

    assert of("Lowers your cholesterol and boosts the immune system") == ["eu.claims.health_food"]
    assert of("Vitamin C contributes to the normal function: supports your immune system") == []


def test_a_cosmetic_is_no_medicine() -> None:
    said = [{"place": "title", "language": "de", "text": "Parabenfrei, heilt Akne"}]
    found = duties.judge(listing("cos.skin_care", texts=said), rulebook.default(), on=TODAY).findings
    assert [one.params["words"] for one in found if "medicinal" in one.rule] == [
        "“heilt Akne”, “Parabenfrei”"
    ]


@pytest.mark.parametrize("phrase", ["", ".. left", "only ..", "(a|b", "cli*mat", "(a|)"])
def test_a_phrase_that_cannot_be_read_is_refused(phrase: str) -> None:
    with pytest.raises(BadPhrase):
        compile_phrase(phrase)


def said_plainly(phrase: str) -> str:
    """Return the shortest text of a phrase: the first of every choice, numbers filled in."""
    tokens = re.findall(r"\([^()]*\)|\S+", phrase)
    first = [next((o for o in token.strip("()").split("|") if o), "") for token in tokens if token != ".."]
    return " ".join(first).replace("#", "5").replace("*", "")


def test_every_phrase_of_every_rule_finds_itself_in_its_shortest_form() -> None:
    """What is looked at first may never hide a hit."""
    lost = []
    for rule in rulebook.default().rules.values():
        for version in rule.versions if rule.kind == "duty" and rule.versions[0].finds == "claims" else ():
            for language, phrases in version.params["patterns"].items():
                for phrase in phrases:
                    params = {"patterns": {language: [phrase]}}
                    text = {"place": "title", "language": language, "text": f"Ah: {said_plainly(phrase)} oh."}
                    finder = ClaimFinder(params, TODAY, ("DE",), rulebook.default())
                    if not list(finder.find({"texts": [text]})):
                        lost.append((rule.id, phrase))
    assert lost == []
