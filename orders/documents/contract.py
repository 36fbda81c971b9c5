"""The contract as it was concluded, with the withdrawal instructions and the model form."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from catalog.queries.makers import source_in_words
from compliance.presentation import day_in_words
from compliance.rulebook.fields import fields
from orders.documents.paper import (
    Paper,
    buyer_lines,
    country_in_words,
    means_in_words,
    seller_lines,
    sum_rows,
)

FORM_TO = "model_withdrawal_form.to"
BRACKETS = re.compile(r"\s*\[[^\]]*\]:?")


def contract_pdf(content: dict[str, Any], digest: str) -> bytes:
    """Return the PDF of a contract snapshot's content."""
    order = content["order"]
    with translation.override(order["language"]):
        title = _("Contract %(number)s") % {"number": order["public_id"]}
        paper = Paper(
            title=title,
            language=order["language"],
            made_at=datetime.fromisoformat(order["concluded_at"]),
            footer_text=f"{order['public_id']} · {digest[:16]}",
        )
        paper.heading(title)
        _parties(paper, content)
        _goods(paper, content)
        _delivery(paper, content)
        for line in content["lines"]:
            _described(paper, line)
        _rights(paper, content)
        _withdrawal(paper, content)
        _origin(paper, content, digest)
        return paper.bytes()


def _parties(paper: Paper, content: dict[str, Any]) -> None:
    order, seller = content["order"], content["seller"]
    paper.text_block(
        _("Ordered on %(when)s through %(shop)s (%(url)s).")
        % {
            "when": paper.moment(order["concluded_at"], order["time_zone"]),
            "shop": content["marketplace"]["name"],
            "url": content["marketplace"]["url"],
        }
    )
    paper.section(_("Seller"))
    paper.facts(
        [
            (_("Name and address"), ", ".join(seller_lines(seller))),
            (_("Trading as"), seller["name"] if seller["name"] != seller["legal_name"] else ""),
            (_("Kind of seller"), _("Trader") if seller["kind"] == "trader" else _("Private person")),
            (_("E-mail"), seller["email"]),
            (_("Telephone"), seller["phone"]),
            (
                _("Trade register"),
                " ".join(filter(None, [seller["register_name"], seller["register_number"]])),
            ),
            (_("VAT number"), seller["vat_id"]),
            (_("Address for complaints"), seller["complaints_address"]),
        ]
    )
    paper.section(_("Buyer and delivery address"))
    paper.text_block("\n".join(buyer_lines(content["buyer"])))


def _goods(paper: Paper, content: dict[str, Any]) -> None:
    currency = content["order"]["currency"]
    paper.section(_("What you bought"))
    rows = [
        (
            str(line["quantity"]),
            _titled(line),
            paper.money(line["unit_minor"], currency),
            paper.money(line["total_minor"], currency),
        )
        for line in content["lines"]
    ]
    head = (_("Pieces"), _("Product"), _("Price each"), _("With shipping, duty, tax"))
    paper.rows(rows, widths=(2, 10, 4, 6), head=head, right=(2, 3))
    paper.rows(sum_rows(paper, content["totals"], currency), widths=(9, 3), right=(1,), bold_last=True)
    if content["totals"]["border_minor"]:
        paper.text_block(
            _("Not in this total: the carrier is expected to ask for %(amount)s on delivery.")
            % {"amount": paper.money(content["totals"]["border_minor"], currency)},
            bold=True,
        )
    paper.text_block(
        _("Paid by: %(how)s") % {"how": means_in_words(content["payment"]["provider"])}, small=True
    )


def _titled(line: dict[str, Any]) -> str:
    options = ", ".join(f"{name}: {value}" for name, value in line["options"])
    return "\n".join(filter(None, [line["title"], options, line["sku"]]))


def _delivery(paper: Paper, content: dict[str, Any]) -> None:
    told = content["delivery"]
    paper.section(_("Delivery"))
    paper.text_block(
        _("Sent from %(country)s; it arrives between %(first)s and %(last)s.")
        % {
            "country": country_in_words(told["ship_from"]),
            "first": paper.day(told["from"]),
            "last": paper.day(told["by"]),
        }
    )


def _described(paper: Paper, line: dict[str, Any]) -> None:
    promised = line["promised"]
    paper.section(line["title"])
    if promised["description"]:
        paper.text_block(promised["description"])
    rows = [(_label(key), _value(value)) for key, value in promised["disclosures"].items()]
    rows.append((_("Manufacturer"), _party(promised, "manufacturer")))
    rows.append((_("Responsible person in the EU"), _party(promised, "responsible_person")))
    paper.facts(rows)
    for given in line["consent"].values():
        paper.text_block(_("You confirmed: %(text)s") % {"text": given["text"]})


def _label(key: str) -> str:
    known = fields().get(key)
    return _(known.label) if known else key.replace("_", " ")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_value(one) for one in value)
    if isinstance(value, dict):
        if set(value) == {"value", "unit"}:
            return f"{value['value']} {value['unit']}"
        return "; ".join(f"{key}: {_value(one)}" for key, one in value.items())
    return str(value)


def _party(promised: dict[str, Any], name: str) -> str:
    """Return who it is and, if the listing did not say it itself, whose record it came from."""
    source = source_in_words(promised.get("makers_sources", {}).get(name, ""))
    said = _person(promised[name])
    return f"{said} ({source})" if said and source else said


def _person(person: dict[str, Any]) -> str:
    return ", ".join(str(person[key]) for key in ("name", "address", "email", "country") if person.get(key))


def _rights(paper: Paper, content: dict[str, Any]) -> None:
    """Write the right card of each line; lines with the same card share it."""
    groups: dict[str, tuple[list[str], list[dict[str, Any]]]] = {}
    for line in content["lines"]:
        card = line["rights"]["card"]
        titles, _card = groups.setdefault(repr(card), ([], card))
        titles.append(line["title"])
    for titles, card in groups.values():
        paper.section(_("Your rights on this purchase"))
        if len(groups) > 1:
            paper.text_block(", ".join(titles), bold=True)
        for right in card:
            paper.text_block("• " + said(right, content["order"]["language"]))
    paper.text_block(
        _("By the law of the day of the contract. The provisions: %(rules)s")
        % {"rules": _provisions(content)},
        small=True,
    )


def said(right: dict[str, Any], language: str) -> str:
    """Return a frozen right as a sentence in the active language."""
    params = {name: _word(value, language) for name, value in right["params"].items()}
    return _(right["sentence"]) % params if params else _(right["sentence"])


def _word(value: Any, language: str) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return day_in_words(date.fromisoformat(value), language)
    return value


def _provisions(content: dict[str, Any]) -> str:
    return _cited([ruling for line in content["lines"] for ruling in line["rulings"]])


def _cited(rulings: list[dict[str, Any]]) -> str:
    """Return the acts with their articles, each act once."""
    acts: dict[str, dict[str, None]] = {}
    for ruling in rulings:
        for cite in ruling["cites"][:1]:
            acts.setdefault(cite["act"], {}).setdefault(cite["at"])
    return "; ".join(", ".join(filter(None, [act, *places])) for act, places in acts.items())


def _withdrawal(paper: Paper, content: dict[str, Any]) -> None:
    """Write the statutory instructions and the model form, where the law of the market has them."""
    texts = content["law"]["texts"]
    instructions = [text for key, text in texts.items() if key.startswith("withdrawal_instructions.")]
    if not instructions or not _may_withdraw(content):
        return
    url = f"{content['marketplace']['url']}/withdraw"
    paper.add_page()
    paper.heading(_("Withdrawal instructions"))
    for key in ("right", "period_goods", "deadline", "function_sentence"):
        text = texts.get(f"withdrawal_instructions.{key}")
        if text:
            paper.text_block(re.sub(r"\[[^\]]*\]", url, text))
    paper.text_block(
        _("Tell the seller: %(seller)s, %(email)s, or use %(url)s.")
        % {
            "seller": ", ".join(seller_lines(content["seller"])),
            "email": content["seller"]["email"],
            "url": url,
        }
    )
    _form(paper, content, texts)


def _may_withdraw(content: dict[str, Any]) -> bool:
    return any(
        right["key"] == "withdrawal" and right["state"] != "no"
        for line in content["lines"]
        for right in line["rights"]["card"]
    )


def _form(paper: Paper, content: dict[str, Any], texts: dict[str, str]) -> None:
    form = {
        key.partition(".")[2]: text for key, text in texts.items() if key.startswith("model_withdrawal_form.")
    }
    if "title" not in form:
        return
    if paper.will_page_break(120):
        paper.add_page()
    paper.section(form["title"])
    if "instruction" in form:
        paper.text_block(form["instruction"], small=True)
    seller = [*seller_lines(content["seller"]), content["seller"]["email"]]
    paper.text_block(f"{BRACKETS.sub('', form.get('to', ''))}: " + ", ".join(seller))
    for key in ("notice", "ordered_received", "name", "address", "signature", "date"):
        if key in form:
            paper.form_line(form[key])
    if "footnote" in form:
        paper.text_block(form["footnote"], small=True)


def _origin(paper: Paper, content: dict[str, Any], digest: str) -> None:
    paper.section(_("About this paper"))
    provisions = _cited(content["landed"]["rulings"])
    if provisions:
        paper.text_block(_("Tax and duty rest on: %(rules)s") % {"rules": provisions}, small=True)
    paper.text_block(
        _("Terms: %(terms)s. Fingerprint of this contract (SHA-256): %(digest)s")
        % {"terms": content["terms_version"], "digest": digest},
        small=True,
    )
