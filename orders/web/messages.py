"""Writing to a merchant and reading its answers: by account, or by the secret link of the order or conversation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages as notes
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.throttling import SimpleRateThrottle

from catalog.queries.on_sale import listing_named
from marketplace.kernel import clock, uploads
from marketplace.kernel.errors import NotFound, RightfulError
from orders.documents.message_templates import LISTING_CODES, ORDER_CODES, template_text
from orders.domain.threads import FILE_BYTES, MOST_FILES
from orders.models import MessageFile, Thread
from orders.operations import messages
from orders.operations.messages import AboutListing, Written
from orders.queries import messages as queries
from orders.queries.orders import find_group
from orders.web import message_views as views
from orders.web.basket import user_of
from orders.web.pages import moment
from orders.web.uploads import ManyFiles

ACTS = ("confirm", "block", "unblock", "report")


class MessageThrottle(SimpleRateThrottle):
    """So many messages an hour, by address."""

    scope = "messages"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class MessageForm(forms.Form):
    """A message; somebody without account or order is asked who they are."""

    text = forms.CharField(
        label=gettext_lazy("Your message"), widget=forms.Textarea(attrs={"rows": 5}), max_length=4000,
        help_text=gettext_lazy("E-mail addresses, telephone numbers and links are taken out, on both sides."),
    )  # fmt: skip
    files = ManyFiles(
        label=gettext_lazy("Photos or a paper"),
        help_text=gettext_lazy("Up to four: JPEG, PNG, WebP or PDF, 8 MB each."),
        accept=".jpg,.jpeg,.png,.webp,.pdf",
    )
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy(
            "The seller does not see it. We send a link there that opens the conversation."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    template = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, request: HttpRequest, *, asks_who: bool) -> None:
        code = request.GET.get("template", "")[:20]
        initial = {"text": template_text(code), "template": code}
        super().__init__(request.POST or None, request.FILES or None, initial=initial)
        if not asks_who:
            del self.fields["name"], self.fields["email"]

    def written(self, request: HttpRequest) -> Written:
        """Return what was written."""
        data = self.cleaned_data
        files = uploads.contents(data["files"], most=MOST_FILES, most_bytes=FILE_BYTES)
        return Written(data["text"], data["template"], files, request.user.pk)


def _sent(request: HttpRequest, form: MessageForm, work: Any) -> Any:
    """Return what `work` made of a message that was sent; None, with the form's errors, if it was not."""
    if request.method != "POST" or not form.is_valid():
        return None
    if not MessageThrottle().allow_request(request, None):  # type: ignore[arg-type]
        form.add_error(None, _("That was a lot in a short time. Please go on in an hour."))
        return None
    try:
        return work(form.written(request))
    except RightfulError as error:
        form.add_error(error.field if error.field in form.fields else None, error.in_words(_))
        return None


@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, token: str, order: str) -> HttpResponse:
    """Begin the conversation about an order; if there is one, go on with it."""
    group = find_group(token=token, user=user_of(request))
    found = next((one for one in group.orders.all() if one.public_id == order), None)
    if found is None:
        raise NotFound(field="order")
    known = queries.thread_of_order(found.pk)
    if known is not None and request.method != "POST":  # what was sent goes on with it, see `begin`
        return redirect("thread", token=known.token)
    form = MessageForm(request, asks_who=False)
    name = group.address.get("name", "").split(" ")[0] or _("Buyer")
    thread = _sent(
        request,
        form,
        lambda written: messages.begin(
            about=found, user_id=group.user_id, email=group.email, name=name, language=request.place.language,
            written=written, now=clock.now(),
        ),
    )  # fmt: skip
    if thread is not None:
        notes.success(request, _("Your message is on its way to the seller."))
        return redirect("thread", token=thread.token)
    about = _("Order %(number)s") % {"number": order}
    back = reverse("order", args=[token])
    return _new_page(request, form, found.merchant, about, back, ORDER_CODES)


@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, listing: str) -> HttpResponse:
    """Begin a conversation about a listing."""
    found = listing_named(listing, request.place.language)
    if found is None:
        raise Http404
    user = user_of(request)
    form = MessageForm(request, asks_who=user is None)
    about = AboutListing(found.public_id, found.title, found.merchant.pk)
    thread = _sent(
        request,
        form,
        lambda written: messages.begin(
            about=about, user_id=user.pk if user else None, language=request.place.language,
            email=user.email if user else form.cleaned_data["email"],
            name=(user.name or _("Shopper")) if user else form.cleaned_data["name"],
            written=written, now=clock.now(),
        ),
    )  # fmt: skip
    if thread is not None and user is None:
        return render(request, "orders/message_confirm_sent.html", {"back": found.url})
    if thread is not None:
        notes.success(request, _("Your message is on its way to the seller."))
        return redirect("thread", token=thread.token)
    return _new_page(request, form, found.merchant, found.title, found.url, LISTING_CODES)


def _new_page(
    request: HttpRequest, form: MessageForm, merchant: Any, about: str, back: str, codes: tuple[str, ...]
) -> HttpResponse:
    page = {
        "merchant": merchant.name,
        "about": about,
        "back": back,
        "answer_time": views.answer_time(queries.median_answer(merchant.pk, now=clock.now())),
        "templates": views.templates_of(codes),
    }
    status = 422 if form.errors else 200
    return render(request, "orders/message_new.html", {"page": page, "form": form}, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Show a conversation to its shopper, and take what they write."""
    thread = queries.find_thread(token, user=user_of(request))
    form = MessageForm(request, asks_who=False)
    sent = _sent(
        request,
        form,
        lambda written: messages.write(thread_id=thread.pk, by="shopper", written=written, now=clock.now()),
    )
    if sent is not None:
        notes.success(request, _("Your message is on its way to the seller."))
        return redirect("thread", token=token)
    if thread.unread_by_shopper:
        messages.mark_read(thread_id=thread.pk, by="shopper", seen=queries.last_of(thread))
    page = _thread_page(thread, request)
    status = 422 if form.errors else 200
    return render(request, "orders/thread.html", {"page": page, "form": form}, status=status)


def _thread_page(thread: Thread, request: HttpRequest) -> dict[str, Any]:
    def file_url(file: MessageFile) -> str:
        return reverse("message-file", args=[thread.token, file.public_id])

    is_order = thread.order is not None
    return {
        "number": thread.public_id,
        "token": thread.token,
        "subject": _("Order %(number)s") % {"number": thread.subject} if is_order else thread.subject,
        "merchant": thread.merchant.name,
        "state": thread.state,
        "may_unblock": thread.blocked_by == "shopper",
        "messages": views.messages_of(thread, request.place.language, file_url, mine="shopper"),
        "answer_time": views.answer_time(queries.median_answer(thread.merchant_id, now=clock.now())),
        "templates": views.templates_of(ORDER_CODES if is_order else LISTING_CODES),
        "onwards": views.onwards(thread),
        "order_url": reverse("order", args=[thread.order.group.token]) if thread.order else "",
    }


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, token: str, action: str) -> HttpResponse:
    """Confirm, block, unblock or report a conversation, as its shopper."""
    thread = queries.find_thread(token, user=user_of(request))
    if action not in ACTS:
        raise Http404
    if request.method == "GET":
        return redirect("thread", token=token)
    try:
        if action == "report":
            messages.report_thread(
                thread_id=thread.pk, by="shopper", text=request.POST.get("text", ""), now=clock.now()
            )
            notes.success(request, _("Thank you. A person looks at it."))
        else:
            messages.act(thread_id=thread.pk, by="shopper", action=action, now=clock.now())
            notes.success(request, _("Recorded."))
    except RightfulError as error:
        notes.error(request, error.in_words(_))
    return redirect("thread", token=token)


@never_cache
@require_safe
def file(request: HttpRequest, token: str, file: str) -> HttpResponse:
    """Hand out a file of a conversation to its shopper."""
    return hand_out(queries.find_thread(token, user=user_of(request)), file)


def hand_out(thread: Thread, public_id: str) -> HttpResponse:
    """Return a file of a conversation as a download that no browser runs."""
    files = [file for message in thread.messages.all() for file in message.files.all()]
    found = next((file for file in files if file.public_id == public_id), None)
    if found is None:
        raise Http404
    reply = FileResponse(
        found.file.open("rb"), as_attachment=True, filename=found.name, content_type=found.kind
    )
    reply["X-Content-Type-Options"] = "nosniff"
    reply["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return reply


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """List a person's conversations, those with something unread first."""
    page = page_number(request)
    threads, has_more = queries.threads_of(request.user, page=page)
    rows = [
        {
            "url": reverse("thread", args=[one.token]),
            "subject": one.subject,
            "merchant": one.merchant.name,
            "unread": one.unread_by_shopper,
            "when": moment(one.last_at, request.place.language, request.place.time_zone),
        }
        for one in threads
    ]
    context = {
        "rows": rows,
        "unread": queries.unread_of(request.user),
        **pages_around(page, has_more=has_more),
    }
    return render(request, "orders/messages_mine.html", context)


def page_number(request: HttpRequest) -> int:
    """Return which page of a list is asked for; what is no number is the first."""
    asked = request.GET.get("page", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1


def pages_around(page: int, *, has_more: bool) -> dict[str, str]:
    """Return the addresses of the pages before and after; "" where there is none."""
    return {
        "previous_url": f"?page={page - 1}" if page > 1 else "",
        "next_url": f"?page={page + 1}" if has_more else "",
    }
