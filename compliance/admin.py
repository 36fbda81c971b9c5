"""Findings, judgements and sweeps for compliance officers: to be read, never edited."""

from __future__ import annotations

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from compliance.checks import queries
from compliance.checks.models import CheckRun, Finding, Judgement
from compliance.web.gate import is_officer


class ReadOnlyAdmin(ModelAdmin):
    """Rows that only a judgement writes, for officers to read."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_officer(request.user)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return is_officer(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    list_display = ("subject", "severity", "jurisdiction", "what_in_words", "rule", "due_on", "first_seen_at")
    list_filter = ("state", "severity", "jurisdiction", "confidence")
    search_fields = ("subject", "rule", "field")
    ordering = ("-first_seen_at", "-pk")
    show_full_result_count = False

    @admin.display(description=_("What is missing"))
    def what_in_words(self, finding: Finding) -> str:
        return format_html('<span class="rf-words">{}</span>', queries.say(finding)[0])


@admin.register(Judgement)
class JudgementAdmin(ReadOnlyAdmin):
    list_display = ("subject", "sellable", "blocked", "open_findings", "judged_at", "rulebook_version")
    search_fields = ("subject",)
    ordering = ("-judged_at", "-pk")
    show_full_result_count = False

    @admin.display(description=_("Sellable in"))
    def sellable(self, row: Judgement) -> int:
        return len(row.sellable_in)


@admin.register(CheckRun)
class CheckRunAdmin(ReadOnlyAdmin):
    list_display = ("kind", "day", "looked_at", "changed", "started_at", "finished_at", "rulebook_version")
    list_filter = ("kind",)
    ordering = ("-started_at",)
