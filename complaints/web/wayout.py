"""The way out of this house for a complainant: which body, what goes there, yes or no, and how it stands since."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from complaints.models import Referral, Ticket
from complaints.operations.referring import DATA, bodies_for, refer, refuse_referral, withdraw_consent
from complaints.queries import tickets
from complaints.web.complain import user_of
from compliance.checks.queries import language_name
from marketplace.accounts.place import market_name
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError


@never_cache
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether a complaint may go to a body outside, which one, and show what would go there; take yes or no."""
    row = tickets.find_by_token(token, user=user_of(request))
    chosen, error = request.POST.get("body", ""), ""
    if request.method == "POST":
        try:
            said = _answer(request, row, chosen)
        except RightfulError as refused:
            error = refused.in_words(_)
        else:
            messages.success(request, said)
            return redirect("complaint", token=token)
    return render(
        request,
        "complaints/outside.html",
        {"page": _page(row, request, chosen, error)},
        status=422 if error else 200,
    )


def _answer(request: HttpRequest, row: Ticket, body: str) -> str:
    if request.POST.get("answer") == "no":
        refuse_referral(ticket=row.public_id, actor="customer", now=clock.now())
        return _("Nothing leaves this house. You can still choose a body later.")
    refer(
        ticket=row.public_id, body=body, consented=request.POST.get("consent") == "yes", actor="customer", now=clock.now(),
        language=request.place.language,
    )  # fmt: skip
    return _("Thank you. We hand your complaint over, and show here what becomes of it.")


def _page(row: Ticket, request: HttpRequest, chosen: str, error: str) -> dict[str, Any]:
    language = request.place.language
    known = set(row.referrals.exclude(state="withdrawn").values_list("body__name", flat=True))
    return {
        "number": row.public_id, "token": row.token, "title": row.subject, "error": error,
        "bodies": [
            {**body, "where": market_name(body["market"], language), "is_chosen": body["name"] == chosen,
             "is_asked": body["name"] in known, "role_label": role_in_words(body["role"]),
             "speaks": ", ".join(language_name(code) for code in body["languages"])}
            for body in bodies_for(row)
        ],
        "data": [data_in_words(key) for key in DATA],
    }  # fmt: skip


def role_in_words(role: str) -> str:
    """Return what kind of body somebody turns to."""
    return {
        "adr_general": _("settles disputes between consumers and traders, outside the courts"),
        "adr_sector": _("settles disputes of this trade, outside the courts"),
        "online_complaint": _("takes complaints online"),
        "consumer_authority": _("the authority that watches over consumers’ rights"),
        "hotline": _("advises and takes complaints by telephone"),
        "ecc": _("helps when buyer and seller live in different countries, at no cost"),
        "data_protection": _("the authority for the protection of personal data"),
        "product_safety": _("the authority for the safety of products"),
    }.get(role, role)


def data_in_words(key: str) -> str:
    """Return what of a complaint goes to a body outside."""
    return {
        "name": _("your name"),
        "email": _("your e-mail address, so that they can answer you"),
        "complaint": _("what you complained about, when, and what you asked for"),
        "messages": _(
            "what you, the seller and we wrote to each other (our notes among colleagues stay here)"
        ),
        "files": _("the pictures and papers that were added"),
        "order": _("the order: what was bought, from whom, for how much, when it was sent; not your address"),
        "decision": _("what we decided, and why"),
    }[key]


@never_cache
@require_http_methods(["GET", "POST"])
def take_back(request: HttpRequest, token: str, referral: str) -> HttpResponse:
    """Take a consent back; a plain look leads to the complaint."""
    one = _own(request, token, referral)
    if request.method == "GET":
        return redirect("complaint", token=token)
    try:
        withdraw_consent(referral=one.public_id, now=clock.now())
    except RightfulError as refused:
        messages.error(request, refused.in_words(_))
    else:
        messages.success(request, _("Your consent is taken back. Nothing more goes there."))
    return redirect("complaint", token=token)


@never_cache
@require_safe
def dossier(request: HttpRequest, token: str, referral: str) -> HttpResponse:
    """Hand out to the complainant what goes to the body."""
    return hand_out_dossier(_own(request, token, referral))


def _own(request: HttpRequest, token: str, referral: str) -> Referral:
    row = tickets.find_by_token(token, user=user_of(request))
    one = row.referrals.filter(public_id=referral).first()
    if one is None:
        raise Http404
    return one


def hand_out_dossier(one: Referral) -> HttpResponse:
    """Return a dossier as a download; 404 for one that was destroyed."""
    if not one.dossier:
        raise Http404
    with one.dossier.open("rb") as file:
        response = HttpResponse(file.read(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{one.public_id}.zip"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
