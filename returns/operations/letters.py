"""Letters of what comes after the sale: once each, as text and HTML, with the paper that belongs to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.kernel.money import Money
from orders.operations.mailing import send_once
from returns.documents import receipt_pdf
from returns.documents.words import in_words, loss_title, moment, seal_in_words
from returns.models import OwedRefund, ValueLoss, Withdrawal
from returns.operations.refunding import key_of_end


@dataclass(frozen=True, slots=True)
class Letter:
    """A short letter: what happened, in rows, and where to read on."""

    subject: str
    title: str
    lead: str
    rows: tuple[str, ...]
    url: str
    button: str


@transaction.atomic
def send_receipt(*, withdrawal: str, now: datetime) -> bool:
    """Acknowledge a declaration (its public id) on a durable medium: content, date and time. Tell whether it left now."""
    found = Withdrawal.objects.select_for_update(of=("self",)).get(public_id=withdrawal)
    if found.receipt_sent_at is not None or not found.email:
        return False
    with translation.override(found.language):
        pdf = receipt_pdf(found.content, number=found.public_id, received_at=found.received_at)
        left = send_once(
            key=f"withdrawal-receipt:{found.public_id}",
            letter=_receipt(found),
            to=found.email,
            language=found.language,
            group=found.group,
            attachments=[(f"{found.public_id}.pdf", pdf)],
            reason=_("You get this letter because you declared a withdrawal with this address."),
            now=now,
        )
    found.receipt_sent_at = now
    found.save(update_fields=["receipt_sent_at"])
    return left


def _receipt(found: Withdrawal) -> Letter:
    content = found.content
    when = moment(found.declared_at, found.language, content["time_zone"])
    rows = [_("Declared on %(when)s by %(name)s.") % {"when": when, "name": found.name}]
    for contract in content["contracts"]:
        rows.append(
            _("Order %(order)s from %(seller)s") % {"order": contract["order"], "seller": contract["seller"]}
            + ":"
        )
        rows += [f"{line['quantity']} × {line['title']}" for line in contract["lines"]]
    rows += [text for text in (content["order_said"], content["as_written"]) if text]
    return Letter(
        subject=_("We received your withdrawal %(number)s") % {"number": found.public_id},
        title=_("We received your withdrawal"),
        lead=_("This is your receipt, with date and time. It is also attached as a PDF."),
        rows=tuple(rows),
        url=settings.SITE_URL + reverse("withdrawal", args=[found.token]),
        button=_("See what happens next"),
    )


@transaction.atomic
def send_refund_news(*, owed: str, now: datetime) -> bool:
    """Tell the shopper that money is on its way back, unless the letter of the order's end said so."""
    found = OwedRefund.objects.select_related("order__group").get(public_id=owed)
    if found.key == key_of_end(found.order) and not found.attempts:
        return False
    group = found.order.group
    with translation.override(group.language):
        amount = Money(found.amount_minor, found.currency).display(group.language)
        letter = Letter(
            subject=_("Your refund for order %(number)s") % {"number": found.order.public_id},
            title=_("Your money is on its way"),
            lead=_("%(amount)s goes back the way you paid.") % {"amount": amount},
            rows=(),
            url=settings.SITE_URL + reverse("order", args=[group.token]),
            button=_("See the order"),
        )
        return send_once(
            key=f"refund-owed:{found.public_id}", letter=letter, to=group.email, language=group.language,
            group=group, attachments=[],
            reason=_("You get this letter because you placed an order with this address."), now=now,
        )  # fmt: skip


@transaction.atomic
def send_loss_claimed(*, loss: str, now: datetime) -> bool:
    """Ask the shopper about a loss of value that the merchant claims."""
    found = ValueLoss.objects.select_related("return_line__ret__order__group", "return_line__line").get(
        public_id=loss
    )
    ret = found.return_line.ret
    group = ret.order.group
    with translation.override(group.language):
        letter = Letter(
            subject=_("A question about your return %(number)s") % {"number": ret.public_id},
            title=loss_title(found.kind),
            lead=_("%(seller)s says: %(why)s") % {"seller": ret.order.merchant.name, "why": found.why},
            rows=(
                *seal_in_words(found.kind, found.answer),
                _("It would be %(amount)s for %(title)s. The rest is paid in any case.")
                % {
                    "amount": Money(found.amount_minor, found.currency).display(group.language),
                    "title": found.return_line.line.title,
                },
                _("Please answer by %(day)s. If you do not agree, somebody else decides.")
                % {"day": in_words(found.answer_by, group.language)},
            ),
            url=settings.SITE_URL + reverse("return", args=[ret.token]),
            button=_("Answer"),
        )
        return send_once(
            key=f"loss-claimed:{found.public_id}", letter=letter, to=group.email, language=group.language,
            group=group, attachments=[],
            reason=_("You get this letter because you placed an order with this address."), now=now,
        )  # fmt: skip
