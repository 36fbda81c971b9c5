"""The catalogue in the merchants' admin: listings with the law beside them, and files on their way in."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, IntegerField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from catalog import (  # noqa: F401 -- they register brands and shipping rates
    admin_brands,
    admin_shipping,
    operations,
)
from catalog.admin_editor import Editor, every_language, stored_panel
from catalog.admin_forms import (
    ChoicesForm,
    NewListingForm,
    PriceForm,
    StockForm,
    UploadForm,
    category_choices,
    say,
)
from catalog.admin_frame import Page, undo_of
from catalog.admin_officer import send_paper
from catalog.admin_selling import SellingPages, editable, end_many
from catalog.exporting import formats as exporting
from catalog.importing import operations as importing
from catalog.importing.operations import UnreadableFile
from catalog.importing.pictures import progress_of
from catalog.importing.records import Problem
from catalog.models import (
    Document,
    ImportRow,
    ImportRun,
    Listing,
    ListingText,
    Offer,
    PlannedReduction,
    Stock,
)
from catalog.queries.attention import (
    EXPIRES_SOON,
    LOW,
    low_on_stock,
    rated,
    stopped_by,
    with_expiring_papers,
    with_refusals,
)
from compliance import rulebook
from compliance.checks.queries import fixes_of, market_name
from compliance.rulebook.facts import document_kinds
from compliance.rulebook.markets import selling_markets
from marketplace.accounts.models import Merchant
from marketplace.accounts.scoping import MerchantScoped, editable_ids_of, merchant_ids_of
from marketplace.kernel import clock
from marketplace.kernel.errors import RightfulError
from marketplace.kernel.money import Money

REFUSED_SHOWN = 200


class CategoryFilter(admin.SimpleListFilter):
    title, parameter_name = _("category"), "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        used = set(model_admin.get_queryset(request).values_list("category__code", flat=True).distinct())
        return [leaf for _group, leaves in category_choices() for leaf in leaves if leaf[0] in used]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(category__code=self.value()) if self.value() else queryset


class MarketFilter(admin.SimpleListFilter):
    """Where a listing may, or must not, be sold."""

    title, parameter_name = _("market"), "market"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = [(market, market_name(market)) for market in selling_markets()]
        blocked = [(f"-{market}", gettext("not in %(market)s") % {"market": name}) for market, name in names]
        return [*names, *blocked]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        if value.startswith("-"):
            return queryset.exclude(sellable_in__contains=[value[1:]])
        return queryset.filter(sellable_in__contains=[value]) if value else queryset


class FindingsFilter(admin.SimpleListFilter):
    """Listings that some market is closed to."""

    title, parameter_name = _("findings"), "findings"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("blocked", gettext("blocked somewhere")),
            ("nowhere", gettext("blocked everywhere")),
            ("clear", gettext("may be sold everywhere")),
            ("closed", gettext("not where you ship")),
            *self._rule(request),
        ]

    def _rule(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Return the one rule that is asked for, so that the list says what it shows."""
        rule = rulebook.default().rules.get(request.GET.get(self.parameter_name, "").removeprefix("rule:"))
        return [(f"rule:{rule.id}", gettext(rule.title))] if rule else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        every = len(selling_markets())
        match self.value():
            case "blocked":
                return queryset.filter(sellable_in__len__lt=every)
            case "nowhere":
                return queryset.filter(sellable_in__len=0)
            case "clear":
                return queryset.filter(sellable_in__len=every)
            case "closed":
                return queryset.exclude(sellable_in__contains=rated(merchant_ids_of(request)))
            case str() as value if value.startswith("rule:"):
                return stopped_by(queryset, value.removeprefix("rule:"), rated(merchant_ids_of(request)))
        return queryset


class ShelfFilter(admin.SimpleListFilter):
    """How much is left."""

    title, parameter_name = _("stock"), "shelf"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        few = gettext("few left (%(n)s or fewer of a variant)") % {"n": LOW}
        return [("low", few), ("none", gettext("sold out"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "low":
            return low_on_stock(queryset)
        return queryset.filter(in_stock=False) if self.value() == "none" else queryset


class PapersFilter(admin.SimpleListFilter):
    """Certificates that run out."""

    title, parameter_name = _("documents"), "papers"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("expiring", gettext("expired or expiring soon"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return with_expiring_papers(queryset, clock.now()) if self.value() else queryset


class ReductionFilter(admin.SimpleListFilter):
    """Reductions that run, wait, or could not begin."""

    title, parameter_name = _("reduction"), "reduction"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("running", gettext("running")),
            ("planned", gettext("planned")),
            ("refused", gettext("not begun: it had become unlawful")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        plans = PlannedReduction.objects.filter(refused_at__isnull=self.value() != "refused")
        match self.value():
            case "running":
                reduced = Offer.objects.filter(reduced_from__isnull=False)
                return queryset.filter(pk__in=reduced.values("variant__listing"))
            case "planned" | "refused":
                return queryset.filter(pk__in=plans.values("offer__variant__listing"))
        return queryset


class RefusalsFilter(admin.SimpleListFilter):
    """Imports that finished lately and refused rows."""

    title, parameter_name = _("refused rows"), "refusals"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("recent", gettext("finished lately with refusals"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(with_refusals(clock.now())) if self.value() else queryset


@admin.register(Listing)
class ListingAdmin(SellingPages, MerchantScoped, ModelAdmin):
    """Listings: what each lacks, where it may be sold, and the editor."""

    list_display = ["title", "category_name", "state", "price", "stock", "markets", "fixes"]
    list_filter = [
        "state",
        CategoryFilter,
        MarketFilter,
        FindingsFilter,
        ShelfFilter,
        PapersFilter,
        ReductionFilter,
        "in_stock",
    ]
    search_fields = ["code", "public_id", "texts__title", "variants__sku", "variants__gtin"]
    list_per_page = 50
    show_full_result_count = False
    ordering = ["-changed_at"]
    actions = [
        "publish",
        "archive",
        "change_prices",
        "reduce",
        "end_reductions",
        "set_stock",
        "send_to",
        "name_contact",
    ]
    list_before_template = "admin/catalog/listing_tools.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Listing]:
        own = ListingText.objects.filter(listing=OuterRef("pk"), language=OuterRef("language")).values(
            "title"
        )[:1]
        shelves = Stock.objects.filter(variant__listing=OuterRef("pk"), variant__is_active=True).order_by()
        total = shelves.values("variant__listing").annotate(n=Sum(F("on_hand") - F("reserved"))).values("n")
        rows = super().get_queryset(request).select_related("merchant", "category", "brand")
        left = Coalesce(Subquery(total, output_field=IntegerField()), Value(0))
        return rows.annotate(own_title=Subquery(own), left=left)

    def get_actions(self, request: HttpRequest) -> Any:
        found = super().get_actions(request)
        return found if editable_ids_of(request) else {}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a listing is archived; orders and its price history refer to it

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        more = {
            "undo": undo_of(request),
            "undo_url": reverse("admin:catalog_listing_undo"),
            "here": request.get_full_path(),
        }
        answer = super().changelist_view(request, {**(extra_context or {}), **more})
        shown = getattr(answer, "context_data", None) or {}
        if "cl" in shown:
            rows = shown["cl"].result_list
            subjects = {f"listing:{row.public_id}": f"merchant:{row.merchant.public_id}" for row in rows}
            found = fixes_of(subjects)
            for row in rows:
                row.fixes_left = found.get(f"listing:{row.public_id}")
        return answer

    @admin.display(description=_("title"), ordering="own_title")
    def title(self, row: Any) -> str:
        return row.own_title or row.code

    @admin.display(description=_("category"), ordering="category__code")
    def category_name(self, row: Listing) -> str:
        names = row.category.names
        return names.get((get_language() or "en")[:2], names.get("en", row.category.code))

    @admin.display(description=_("price"), ordering="price_from_minor")
    def price(self, row: Listing) -> str:
        if row.price_from_minor is None:
            return "–"
        return Money(row.price_from_minor, row.price_currency).display(get_language() or "en")

    @admin.display(description=_("stock"), ordering="left")
    def stock(self, row: Any) -> int:
        return row.left

    @admin.display(description=_("may be sold in"))
    def markets(self, row: Listing) -> str:
        every = len(selling_markets())
        return gettext("%(count)s of %(every)s markets") % {"count": len(row.sellable_in), "every": every}

    @admin.display(description=_("open fixes"))
    def fixes(self, row: Any) -> Any:
        return getattr(row, "fixes_left", None)

    # -- the editor

    def get_urls(self) -> list[URLPattern]:
        named = {
            "export/": (self.export, "export"),
            "<path:object_id>/preview/": (self.preview, "preview"),
            "<path:object_id>/pictures/": (self.pictures, "pictures"),
            "<path:object_id>/documents/": (self.documents, "documents"),
            "<path:object_id>/documents/<int:paper>/": (self.paper, "paper"),
            "<path:object_id>/state/": (self.change_state, "state"),
        }
        own = [
            path(route, self.admin_site.admin_view(view), name=f"catalog_listing_{name}")
            for route, (view, name) in named.items()
        ]
        return [*own, *self.selling_urls(), *super().get_urls()]

    def stored_panel(self, request: HttpRequest, listing: Listing) -> dict[str, Any] | None:
        return stored_panel(listing)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the editor, or save what was entered."""
        listing = self.mine(request, object_id, to_change=request.method == "POST")
        editor = Editor.of(request, listing)
        if request.method == "POST" and editor.save(clock.now()):
            messages.success(request, gettext("Saved and judged."))
            return HttpResponseRedirect(request.get_full_path())
        named = {
            name: reverse(f"admin:catalog_listing_{name.removesuffix('_url')}", args=[listing.pk])
            for name in ("preview_url", "pictures_url", "documents_url")
        }
        return self.beside(
            request,
            listing,
            "change",
            editor=editor,
            codes=editor.customs_codes(),
            languages=[(c, n) for c, n in every_language().items() if c not in editor.form.languages],
            pictures=list(listing.media.order_by("position", "pk")),
            papers=[_paper(row) for row in listing.documents.order_by("kind", "pk")],
            kinds=[(kind, gettext(label)) for kind, label in document_kinds().items()],
            **named,
        )

    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Judge what was entered, without saving it, and return the panel."""
        listing = self.mine(request, object_id)
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:catalog_listing_change", args=[listing.pk]))
        panel = Editor.of(request, listing).preview(clock.now())
        return TemplateResponse(request, "admin/catalog/panel.html", {"panel": panel, "is_preview": True})

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Begin a listing."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewListingForm(request.POST or None, merchants=self.merchants(request))
        if request.method == "POST" and form.is_valid():
            try:
                made = operations.create_listing(
                    merchant_id=form.cleaned_data["merchant"].pk, draft=form.draft(), now=clock.now()
                )
                return HttpResponseRedirect(reverse("admin:catalog_listing_change", args=[made.pk]))
            except RightfulError as error:
                form.add_error(error.field if error.field in form.fields else None, say(error))
        title = gettext("New listing")
        return self.page(request, "admin/catalog/form.html", title=title, form=form, button=gettext("Create"))

    def _back(self, listing: Listing) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:catalog_listing_change", args=[listing.pk]))

    def pictures(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Add pictures, describe them, or take one off."""
        listing = self.mine(request, object_id, to_change=True)
        if request.method != "POST":
            return self._back(listing)
        now = clock.now()
        own = {row.pk: row for row in listing.media.all()}
        try:
            for upload in request.FILES.getlist("pictures"):
                words = request.POST.get("alt", "")
                operations.add_media(
                    listing_id=listing.pk, data=upload.read(), alt={listing.language: words}, now=now
                )
            for pk, row in own.items():
                if request.POST.get("remove") == str(pk):
                    operations.remove_media(media_id=pk, now=now)
                elif (text := request.POST.get(f"alt.{pk}")) is not None and text != row.alt.get(
                    listing.language, ""
                ):
                    operations.update_media(media_id=pk, alt={**row.alt, listing.language: text}, now=now)
        except RightfulError as error:
            messages.error(request, say(error))
        return self._back(listing)

    def documents(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Put a paper on file, or take one off."""
        listing = self.mine(request, object_id, to_change=True)
        got, now = request.POST, clock.now()
        try:
            if got.get("remove"):
                own = listing.documents.filter(pk=got["remove"] if got["remove"].isdecimal() else 0)
                for pk in own.values_list("pk", flat=True):
                    operations.remove_document(document_id=pk, now=now)
            elif got.get("kind") in document_kinds():
                operations.set_document(
                    listing_id=listing.pk,
                    kind=got["kind"],
                    number=got.get("number", "")[:80],
                    url=_web(got.get("url", "")),
                    issued_on=_day(got.get("issued_on", "")),
                    expires_on=_day(got.get("expires_on", "")),
                    upload=_upload(request),
                    now=now,
                )
            elif request.method == "POST":
                messages.error(request, gettext("Choose what kind of document it is."))
        except RightfulError as error:
            messages.error(request, say(error))
        return self._back(listing)

    def paper(self, request: HttpRequest, object_id: str, paper: int) -> HttpResponse:
        """Send a document's file to whoever may see the listing here: to be saved, and harmless if it is opened."""
        listing = self.mine(request, object_id)
        return send_paper(listing.documents.filter(pk=paper).exclude(file="").first())

    def change_state(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Publish or archive one listing."""
        listing = self.mine(request, object_id, to_change=True)
        act = {"publish": operations.publish_listing, "archive": operations.archive_listing}.get(
            request.POST.get("action", "")
        )
        if act:
            self._each(request, [listing], act, gettext("Done."))
        return self._back(listing)

    # -- many at once

    def _each(self, request: HttpRequest, rows: list[Listing], act: Any, done: str) -> None:
        refused = 0
        for row in rows:
            try:
                act(listing_id=row.pk, now=clock.now())
            except RightfulError as error:
                refused += 1
                messages.error(request, f"{row.code}: {say(error)}")
        if len(rows) > refused:
            messages.success(request, done)

    @admin.action(description=_("Publish"))
    def publish(self, request: HttpRequest, queryset: QuerySet[Listing]) -> None:
        self._each(request, editable(request, queryset), operations.publish_listing, gettext("Published."))

    @admin.action(description=_("Archive"))
    def archive(self, request: HttpRequest, queryset: QuerySet[Listing]) -> None:
        self._each(request, editable(request, queryset), operations.archive_listing, gettext("Archived."))

    @admin.action(description=_("Change prices"))
    def change_prices(self, request: HttpRequest, queryset: QuerySet[Listing]) -> HttpResponse | None:
        rows = editable(request, queryset)
        form = PriceForm(request.POST if "go" in request.POST else None)
        offers = (
            Offer.objects.filter(variant__listing__in=rows, variant__is_active=True)
            .select_related("variant")
            .order_by("pk")
        )
        changes = (
            [(offer, new) for offer in offers if (new := _new_price(form, offer))] if form.is_valid() else []
        )
        if request.POST.get("go") == "apply" and form.is_valid():
            for offer, new in changes:
                try:
                    operations.set_price(
                        variant_id=offer.variant_id,
                        currency=offer.currency,
                        price_minor=new.minor,
                        now=clock.now(),
                    )
                except RightfulError as error:
                    messages.error(request, f"{offer.variant.sku}: {say(error)}")
            messages.success(
                request,
                ngettext("%(n)s price changed.", "%(n)s prices changed.", len(changes)) % {"n": len(changes)},
            )
            return None
        preview = [
            {"sku": o.variant.sku, "old": str(Money(_regular(o), o.currency)), "new": str(n)}
            for o, n in changes
        ]
        return self.many(request, rows, form, gettext("Change prices"), "change_prices", preview)

    @admin.action(description=_("Announce a reduction"))
    def reduce(self, request: HttpRequest, queryset: QuerySet[Listing]) -> HttpResponse | None:
        return self.reduce_many(request, editable(request, queryset))

    @admin.action(description=_("End reductions"))
    def end_reductions(self, request: HttpRequest, queryset: QuerySet[Listing]) -> None:
        end_many(request, editable(request, queryset))

    @admin.action(description=_("Change where they are sent"))
    def send_to(self, request: HttpRequest, queryset: QuerySet[Listing]) -> HttpResponse | None:
        return self.markets_of_many(request, editable(request, queryset))

    @admin.action(description=_("Name who answers for them"))
    def name_contact(self, request: HttpRequest, queryset: QuerySet[Listing]) -> HttpResponse | None:
        return self.contact_of_many(request, editable(request, queryset))

    @admin.action(description=_("Set stock"))
    def set_stock(self, request: HttpRequest, queryset: QuerySet[Listing]) -> HttpResponse | None:
        rows = editable(request, queryset)
        form = StockForm(request.POST if "go" in request.POST else None)
        if request.POST.get("go") == "apply" and form.is_valid():
            for variant_id, sku in [
                v for row in rows for v in row.variants.filter(is_active=True).values_list("pk", "sku")
            ]:
                try:
                    operations.set_stock(
                        variant_id=variant_id, on_hand=form.cleaned_data["on_hand"], now=clock.now()
                    )
                except RightfulError as error:
                    messages.error(request, f"{sku}: {say(error)}")
            messages.success(request, gettext("The stock is set."))
            return None
        return self.many(request, rows, form, gettext("Set stock"), "set_stock", [])

    def many(
        self,
        request: HttpRequest,
        rows: list[Listing],
        form: Any,
        title: str,
        action: str,
        preview: list[Any],
    ) -> HttpResponse:
        return self.page(
            request,
            "admin/catalog/many.html",
            title=title,
            rows=rows,
            form=form,
            action=action,
            preview=preview,
        )

    def export(self, request: HttpRequest) -> HttpResponse:
        """Send the merchant's listings as a file."""
        ids = merchant_ids_of(request)
        if not ids:
            raise PermissionDenied
        wanted = request.GET.get("merchant", "")
        merchant = (
            Merchant.objects.filter(pk__in=ids, **({"public_id": wanted} if wanted else {}))
            .order_by("pk")
            .first()
        )
        form = exporting.FORMATS.get(request.GET.get("format", "csv"))
        if merchant is None or form is None:
            raise Http404
        answer = HttpResponse(form.write(merchant), content_type=form.content_type)
        answer["Content-Disposition"] = f'attachment; filename="{merchant.slug}.{form.ending}"'
        return answer


def _upload(request: HttpRequest) -> operations.Upload | None:
    file = request.FILES.get("file")
    # One byte more than is taken is enough to refuse it.
    return operations.Upload(file.name or "", file.read(settings.DOCUMENT_MAX_BYTES + 1)) if file else None


def _web(address: str) -> str:
    return address[:1000] if address.startswith(("https://", "http://")) else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _paper(row: Document) -> dict[str, Any]:
    today = clock.now().date()
    soon = row.expires_on is not None and row.expires_on <= today + EXPIRES_SOON
    return {
        "pk": row.pk,
        "label": gettext(document_kinds().get(row.kind, row.kind)),
        "number": row.number,
        "url": row.url,
        "file_name": row.file_name if row.file else "",
        "file_url": reverse("admin:catalog_listing_paper", args=[row.listing_id, row.pk]) if row.file else "",
        "expires_on": row.expires_on,
        "warning": ""
        if not soon
        else gettext("expired")
        if row.expires_on < today
        else gettext("expires soon"),
    }


def _regular(offer: Offer) -> int:
    return offer.regular_minor or offer.price_minor


def _new_price(form: PriceForm, offer: Offer) -> Money | None:
    new = form.new_price(Money(_regular(offer), offer.currency))
    return new if 0 < new.minor != _regular(offer) else None


@admin.register(ImportRun)
class ImportRunAdmin(Page, MerchantScoped, ModelAdmin):
    """Files on their way in: upload, preview, start, progress, result."""

    list_display = [
        "file_name",
        "merchant",
        "format",
        "state",
        "rows_total",
        "rows_taken",
        "rows_refused",
        "created_at",
    ]
    list_filter = ["state", RefusalsFilter, "format"]
    search_fields = ["file_name", "public_id"]
    ordering = ["-created_at"]
    show_full_result_count = False
    actions = None

    def get_urls(self) -> list[URLPattern]:
        views = {"start": self.start, "refused": self.refused}
        own = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"catalog_importrun_{name}",
            )
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Take a file from a merchant; nothing enters the catalogue yet."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None, merchants=self.merchants(request))
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                run = importing.upload(
                    merchant=form.cleaned_data["merchant"],
                    name=file.name,
                    data=file.read(),
                    by=request.user,
                    now=clock.now(),
                )
                return self._to(run)
            except (UnreadableFile, RightfulError) as error:
                form.add_error("file", say(error))
        return self.page(
            request,
            "admin/catalog/form.html",
            title=gettext("Import a file"),
            form=form,
            button=gettext("Upload and look"),
            has_file=True,
        )

    def _to(self, run: ImportRun) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:catalog_importrun_change", args=[run.pk]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show where a file stands: its preview, its progress or its result."""
        run = self.mine(request, object_id, to_change=request.method == "POST")
        if run.state in (ImportRun.State.UPLOADED, ImportRun.State.PREVIEWED):
            return self._preview(request, run)
        rows = ImportRow.objects.filter(run=run, outcome="refused").order_by("line", "pk")[:REFUSED_SHOWN]
        refused = [
            {"line": row.line, "reasons": [Problem.in_words(r, gettext) for r in row.reasons]} for row in rows
        ]
        shown = progress_of(run=run, limit=REFUSED_SHOWN, now=clock.now())
        for one in shown["rows"]:
            one["said"] = one["problem"].said(gettext) if one["problem"] else ""
        return self.page(
            request, "admin/catalog/import_run.html", title=run.file_name, run=run, refused=refused,
            is_running=run.state == ImportRun.State.RUNNING, is_moving=shown["is_moving"],
            may_resume=run.state == ImportRun.State.FAILED, pictures=shown,
        )  # fmt: skip

    def _preview(self, request: HttpRequest, run: ImportRun) -> HttpResponse:
        seen = importing.preview(run=run)
        seen["problems"] = [row | Problem.in_words(row, gettext) for row in seen["problems"]]
        form = ChoicesForm(seen, run.mapping, run.merchant.currency, request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                importing.choose(run_id=run.pk, **form.chosen())
            except RightfulError as error:
                messages.error(request, say(error))
            return self._to(run)
        return self.page(
            request, "admin/catalog/import_preview.html", title=run.file_name, run=run, seen=seen, form=form
        )

    def start(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let a file in, or let one that stopped go on."""
        run = self.mine(request, object_id, to_change=True)
        if request.method == "POST":
            act = importing.resume if run.state == ImportRun.State.FAILED else importing.start
            act(run_id=run.pk, now=clock.now())
        return self._to(run)

    def refused(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send the refused rows as a table that is safe to open in a spreadsheet."""
        run = self.mine(request, object_id)
        rows = ImportRow.objects.filter(run=run, outcome="refused").order_by("line", "pk")
        table = [
            [row.line, *Problem.in_words(reason, gettext).values(), *row.raw.values()]
            for row in rows
            for reason in row.reasons
        ]
        answer = HttpResponse(
            exporting.as_csv([["line", "field", "what", "fix"], *table]),
            content_type="text/csv; charset=utf-8",
        )
        answer["Content-Disposition"] = f'attachment; filename="{run.public_id}-refused.csv"'
        return answer
