"""Letters about exchanges: each step once, in the shopper's language."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.kernel.money import Money
from orders.operations.mailing import send_once
from returns.documents.exchange_words import because_in_words, exchange_step_in_words, ship_on_in_words
from returns.documents.words import in_words, moment
from returns.models import Exchange
from returns.operations.exchanging import named
from returns.operations.letters import Letter
from returns.queries.withdrawals import is_open_on

# What was agreed says already what waits; the shopper's own doing needs no letter.
SILENT = ("to_pay",)


@transaction.atomic
def send_exchange_news(*, exchange: str, what: str, now: datetime) -> bool:
    """Tell the shopper about a step of an exchange (its public id). Tell whether the letter left now."""
    found = Exchange.objects.select_related("order__group", "line", "merchant", "ret").get(public_id=exchange)
    if what in SILENT or (what == "cancelled" and found.because == "shopper"):
        return False
    group = found.order.group
    with translation.override(group.language):
        letter = Letter(
            subject=_("Your exchange %(number)s") % {"number": found.public_id},
            title=_("Your exchange is agreed") if what == "agreed" else exchange_step_in_words(what),
            lead=_("This is about your order %(number)s.") % {"number": found.order.public_id},
            rows=tuple(_rows(found, what, group.language, group.time_zone)),
            url=settings.SITE_URL + reverse("exchange", args=[found.token]),
            button=_("See the exchange"),
        )
        return send_once(
            key=f"exchange:{found.public_id}:{what}", letter=letter, to=group.email, language=group.language,
            group=group, attachments=[],
            reason=_("You get this letter because you placed an order with this address."), now=now,
        )  # fmt: skip


def _rows(found: Exchange, what: str, language: str, zone: str) -> list[str]:
    rows = [
        _("%(n)s × %(old)s for %(new)s") % {"n": found.quantity, "old": found.line.title, "new": named(found)}
    ]
    amount = Money(abs(found.difference_minor), found.currency).display(language)
    if what == "agreed" and found.pay_by:
        until = moment(found.pay_by, language, zone)
        rows.append(_("Pay the difference of %(amount)s by %(time)s.") % {"amount": amount, "time": until})
    if what == "agreed" and found.difference_minor < 0:
        rows.append(_("You get %(amount)s back when the new one is sent.") % {"amount": amount})
    if what == "waiting" and found.ret and found.ret.send_back_by:
        rows.append(_("Send it back by %(day)s.") % {"day": in_words(found.ret.send_back_by, language)})
    if what in ("agreed", "waiting"):
        rows.append(ship_on_in_words(found.ship_on))
        if is_open_on(
            found.order.group, found.line.public_id, found.agreed_at.astimezone(ZoneInfo(zone)).date()
        ):
            rows.append(_("Your right to withdraw stays as it was; the exchange does not make it shorter."))
    if what == "ready" and found.due_on:
        rows.append(_("The seller sends it by %(day)s.") % {"day": in_words(found.due_on, language)})
        rows.append(_("If it does not, you can end the exchange on its page and get your money back."))
    if what == "shipped":
        rows.append(f"{found.carrier} {found.tracking_number}")
    if found.because and what not in ("agreed", "waiting", "ready", "shipped"):
        rows.append(because_in_words(found.because))
        if found.is_paid:
            rows.append(_("The difference that you paid comes back the way you paid it."))
    return rows
