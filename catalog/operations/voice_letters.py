"""Letters about what people said: the statement of reasons, an answer, the link that confirms a question."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.domain.voice import SHOWN
from catalog.models import Answer, Moderation, Question, Report, Review
from catalog.operations.law_letters import addresses_of, language_of
from catalog.operations.moderation import Content, find_content
from catalog.queries.voice import address_of_author
from marketplace.accounts.models import Merchant


def ground_in_words(ground: str) -> str:
    """Return why something may not stay, in the active language."""
    return {
        "illegal": _("It is against the law"),
        "personal_data": _("It gives away who somebody is or how to reach them"),
        "insult": _("It insults or threatens somebody"),
        "fake": _("It does not come from whom it seems to come from"),
        "advertising": _("It is advertising"),
        "other_thing": _("It is about another thing"),
        "not_the_goods": _("It is not about the goods"),
    }[ground]


def send_decision(*, subject: str, moderation_id: int, report_ids: list[int], event_id: uuid.UUID) -> int:
    """Tell whoever said something and whoever reported it what was decided and why; return how many letters left."""
    decision, content = Moderation.objects.get(pk=moderation_id), find_content(subject)
    to, language = _author(content)
    for address in to:
        with translation.override(language):
            _send(_to_author(decision), rows_of(decision), _page(content), address, f"moderated-{event_id}")
    reporters = {
        one.email: one.language for one in Report.objects.filter(pk__in=report_ids).exclude(email="")
    }
    for address, tongue in reporters.items():
        with translation.override(tongue):
            _send(_to_reporter(decision), rows_of(decision), _page(content), address, f"reported-{event_id}")
    return len(to) + len(reporters)


def rows_of(decision: Moderation) -> list[str]:
    """Return the statement of reasons: what was done, on which ground, on what facts, by whom, and the way out."""
    done = {
        "keep": _("It stays to be seen."),
        "hide": _("It is not shown any more, anywhere and for as long as this decision stands."),
        "restore": _("It is shown again."),
    }[decision.action]
    rows = [done]
    if decision.ground:
        rows.append(_("Ground: %(ground)s.") % {"ground": ground_in_words(decision.ground)})
    rows += [
        _("Facts and reasons: %(reasons)s") % {"reasons": decision.reasons},
        _("A person decided this. No software did, and none found it."),
        _("You can complain free of charge, and another person decides. You can also go to a certified body for the settlement of disputes, or to a court."),
    ]  # fmt: skip
    return rows


def _to_author(decision: Moderation) -> str:
    if decision.action == Moderation.Action.HIDE:
        return _("What you wrote (%(id)s) is not shown any more") % {"id": decision.subject}
    return _("We looked at what you wrote (%(id)s), and it is shown") % {"id": decision.subject}


def _to_reporter(decision: Moderation) -> str:
    return _("What we decided about your report of %(id)s") % {"id": decision.subject}


def send_reply(*, review: str, event_id: uuid.UUID) -> None:
    """Tell whoever wrote a review that the seller answered it."""
    found = Review.objects.select_related("listing__merchant", "invitation").get(public_id=review)
    with translation.override(found.invitation.language):
        title = _("%(seller)s answered your review") % {"seller": found.listing.merchant.name}
        _send(title, [found.reply], _page(found), found.invitation.email, f"replied-{event_id}")


def send_question(*, question: str, event_id: uuid.UUID) -> None:
    """Ask a guest to confirm a question."""
    found = Question.objects.get(public_id=question)
    with translation.override(found.language):
        url = settings.SITE_URL + reverse("question-confirm", args=[found.token])
        rows = [found.text, _("It is shown when you have opened the link and pressed the button.")]
        _send(_("Please confirm your question"), rows, url, found.email, f"confirm-{event_id}")


def send_gathered(*, merchant_id: int, subjects: Sequence[str], event_id: uuid.UUID) -> int:
    """Tell a merchant in one letter what was said and asked; return how many letters left.

    What is not shown any more is left out; if nothing is left, nobody is written to.
    """
    reviews = Review.objects.filter(public_id__in=subjects, state__in=SHOWN).select_related("listing")
    asked = Question.objects.filter(public_id__in=subjects, state__in=SHOWN).select_related("listing")
    said = [*reviews.order_by("pk"), *asked.order_by("pk")]
    if not said:
        return 0
    merchant = Merchant.objects.get(pk=merchant_id)
    url, addresses = settings.SITE_URL + reverse("merchant-voice"), addresses_of(merchant)
    with translation.override(language_of(merchant)):
        title, rows = _title_of(said), [_row_of(one, is_alone=len(said) == 1) for one in said]
        for n, address in enumerate(addresses):
            _send(title, rows, url, address, f"voice-{n}-{event_id}")
    return len(addresses)


def _title_of(said: Sequence[Review | Question]) -> str:
    if len(said) > 1:
        many = ngettext(
            "%(n)s new review or question about your goods",
            "%(n)s new reviews and questions about your goods",
            len(said),
        )
        return many % {"n": len(said)}
    code = {"code": said[0].listing.code}
    if isinstance(said[0], Review):
        return _("Somebody reviewed %(code)s") % code
    return _("Somebody asks about %(code)s") % code


def _row_of(one: Review | Question, *, is_alone: bool) -> str:
    words = f"{one.stars}/5 · {one.title}\n{one.text}" if isinstance(one, Review) else one.text
    return words if is_alone else f"{one.listing.code}: {words}"


def send_answer(*, answer: str, event_id: uuid.UUID) -> None:
    """Tell whoever asked that somebody answered."""
    found = Answer.objects.select_related("question__listing").get(public_id=answer)
    asked = found.question
    with translation.override(asked.language):
        _send(
            _("Your question was answered"), [found.text], _page(asked), asked.email, f"answered-{event_id}"
        )


def _author(content: Content) -> tuple[list[str], str]:
    address, language = address_of_author(content)
    if address:
        return [address], language
    if isinstance(content, Answer) and content.by == Answer.By.MERCHANT:
        merchant = content.question.listing.merchant
        return addresses_of(merchant), language_of(merchant)
    return [], language


def _page(content: Content) -> str:
    listing = content.question.listing if isinstance(content, Answer) else content.listing
    name = "reviews" if isinstance(content, Review) else "questions"
    return settings.SITE_URL + reverse(name, args=[listing.slug, listing.public_id])


def _send(title: str, rows: list[str], url: str, to: str, key: str) -> None:
    host = settings.SITE_URL.split("//")[-1].split(":")[0]
    context = {"title": title, "rows": rows, "url": url, "site_url": settings.SITE_URL}
    mail = EmailMultiAlternatives(
        title,
        render_to_string("email/catalog/voice.txt", context),
        to=[to],
        headers={"Message-ID": f"<{key}@{host}>", "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(render_to_string("email/catalog/voice.html", context), "text/html")
    mail.send()
