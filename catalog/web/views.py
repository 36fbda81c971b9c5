"""The storefront's pages. Each makes one call for what it shows."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils._os import safe_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog import operations
from catalog.models import Category, Listing, WishItem
from catalog.pages import generation_of, state_of_category, state_of_merchant, state_of_product
from catalog.queries import shop
from catalog.web import pages, product_page
from catalog.web.kept import kept
from marketplace.kernel import clock, ids
from marketplace.kernel.errors import NotFound, RightfulError

WISH_COOKIE, WISH_SALT = "wishes", "catalog.wishes"
A_YEAR = 60 * 60 * 24 * 365


def filters_of(request: HttpRequest, **fixed: object) -> shop.Filters:
    """Return what the address narrows the list down to; nonsense is left out."""
    given = request.GET
    query = given.get("q", "")[:200].strip()
    sort = given.get("sort", "")
    return shop.Filters(
        query=query,
        sort=sort if sort in shop.SORTS else "relevance",
        values={name: given[name][:120] for name in shop.FACETS if given.get(name)},
        flags=frozenset(name for name in shop.FLAGS if given.get(name) == "1"),
        least=_amount(given.get("min", "")),
        most=_amount(given.get("max", "")),
        currency=request.place.currency,
        after=given.get("after", "")[:200],
        **fixed,  # type: ignore[arg-type]
    )


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.replace(",", ".").strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < 10**9 else None


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front door."""
    now = clock.now()
    state = generation_of(["all", "rates", "tree"])
    return kept(
        request, "catalog/home.html", lambda: {"page": pages.home_page(request.place, now=now)},
        state=state, on=shop.now_in(request.place, now),
    )  # fmt: skip


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Search, and everything there is when nothing is asked for."""
    filters, now = filters_of(request), clock.now()

    def build() -> dict[str, Any]:
        page = pages.list_page(filters, request.place, path=request.path, given=request.GET, now=now)
        found = _("Results for “%(words)s”") % {"words": filters.query} if filters.query else _("Everything")
        return {"page": page | {"title": found}, "search_query": filters.query}

    state = generation_of(["all", "rates", "tree"])
    return kept(request, "catalog/list.html", build, state=state, on=shop.now_in(request.place, now))


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    """A category, or a group of them."""
    state, now = state_of_category(slug), clock.now()
    if state is None:
        raise Http404

    def build() -> dict[str, Any]:
        found = get_object_or_404(Category.objects.select_related("parent"), slug=slug)
        filters = filters_of(request, category=found.code)
        page = pages.list_page(filters, request.place, path=request.path, given=request.GET, now=now)
        return {"page": page | pages.category_head(found, request.place)}

    return kept(request, "catalog/list.html", build, state=state, on=shop.now_in(request.place, now))


@require_safe
def product(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """A listing, with its whole price and the rights that come with it."""
    found, now = state_of_product(public_id), clock.now()
    if found is None:
        raise Http404
    if slug != found.slug:
        return redirect("product", slug=found.slug, public_id=public_id, permanent=slug != "-")

    def build() -> dict[str, Any]:
        chosen = request.GET.get("v", "")
        return {
            "page": product_page.build(
                shop.full_listing(public_id), request.place, chosen=chosen, now=now, state=found.around
            )
        }

    return kept(
        request, "catalog/product.html", build,
        state=found.own, on=shop.now_in(request.place, now), marks=product_page.marks_of(found.left),
    )  # fmt: skip


@require_safe
def merchant(request: HttpRequest, slug: str) -> HttpResponse:
    """A merchant: who they are, what they sell here, how they deliver."""
    state, now = state_of_merchant(slug), clock.now()
    if state is None:
        raise NotFound("There is no merchant of this name.", field="merchant")

    def build() -> dict[str, Any]:
        found = shop.merchant_by_slug(slug)
        filters = filters_of(request, merchant=found.pk)
        where = {"path": request.path, "given": request.GET, "now": now}
        return {"page": pages.merchant_page(found, filters, request.place, **where)}

    return kept(request, "catalog/merchant.html", build, state=state, on=shop.now_in(request.place, now))


def guest_of(request: HttpRequest) -> str:
    """Return the owner that a guest's signed cookie names; "" without one."""
    try:
        return signing.loads(request.COOKIES.get(WISH_COOKIE, ""), salt=WISH_SALT)
    except signing.BadSignature:
        return ""


def owner_of(request: HttpRequest) -> str:
    """Return whose wish list it is: an account's, or a guest's by a signed cookie; "" for a new guest.

    What a guest wished for follows into the account.
    """
    guest = guest_of(request)
    if not request.user.is_authenticated:
        return guest
    owner = f"user:{request.user.pk}"
    if guest:
        operations.merge_wishes(guest=guest, owner=owner)
    return owner


def _remember(request: HttpRequest, response: HttpResponse, owner: str) -> HttpResponse:
    """Keep a guest's wish list in their cookie; an account needs none."""
    if owner.startswith("guest:"):
        response.set_cookie(
            WISH_COOKIE, signing.dumps(owner, salt=WISH_SALT), max_age=A_YEAR, httponly=True, samesite="Lax",
            secure=request.is_secure(),
        )  # fmt: skip
    elif WISH_COOKIE in request.COOKIES and owner:
        response.delete_cookie(WISH_COOKIE, samesite="Lax")
    return response


@require_safe
def wishes(request: HttpRequest) -> HttpResponse:
    """What the visitor wants to remember."""
    owner = owner_of(request)
    listing_ids = list(
        WishItem.objects.filter(owner=owner).order_by("-added_at").values_list("listing_id", flat=True)
    )
    page = pages.wish_page(listing_ids if owner else [], request.place, now=clock.now())
    return _remember(request, render(request, "catalog/wishes.html", {"page": page}), owner)


@require_POST
def toggle_wish(request: HttpRequest, public_id: str) -> HttpResponse:
    """Put a listing on the wish list, or take it off."""
    owner = owner_of(request) or f"guest:{ids.new_token()}"
    listing = get_object_or_404(Listing, public_id=public_id)
    try:
        if operations.remove_wish(owner=owner, listing=public_id):
            messages.success(request, _("It is off your wish list."))
        else:
            operations.add_wish(owner=owner, listing=public_id, now=clock.now())
            messages.success(request, _("It is on your wish list."))
    except RightfulError as error:
        messages.error(request, error.in_words(_))
    return _remember(request, redirect("product", slug=listing.slug, public_id=public_id), owner)


@require_safe
def picture(request: HttpRequest, path: str) -> HttpResponse:
    """A picture of a listing. Production lets the front server do this; see docs/deployment.md."""
    try:
        file = open(safe_join(settings.MEDIA_ROOT, "pictures", path), "rb")  # noqa: SIM115 -- the response closes it
    except (OSError, ValueError):
        raise Http404 from None
    return FileResponse(
        file, content_type="image/webp", headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every page a search engine may know."""
    urls = pages.sitemap_urls()
    return render(request, "catalog/sitemap.xml", {"urls": urls}, content_type="application/xml")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What robots may fetch."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /checkout",
        "Disallow: /orders/",
        "Disallow: /basket",
    ]
    maps = [f"Sitemap: {settings.SITE_URL}/{name}" for name in ("sitemap.xml", "law/sitemap.xml")]
    return HttpResponse("\n".join([*lines, *maps, ""]), content_type="text/plain")
