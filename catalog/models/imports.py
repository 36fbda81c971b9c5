"""Merchants' files on their way into the catalogue."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q
from django.db.models.functions import MD5
from django.utils import timezone

from marketplace.kernel.ids import new_public_id


class ImportRun(models.Model):
    """One file of a merchant on its way into the catalogue: previewed, run, resumed, finished."""

    class State(models.TextChoices):
        UPLOADED = "uploaded"
        PREVIEWED = "previewed"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "I"), editable=False
    )
    merchant = models.ForeignKey("accounts.Merchant", on_delete=models.CASCADE, related_name="imports")
    started_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    file = models.FileField(upload_to="imports/%Y/%m")
    file_name = models.CharField(max_length=200)
    format = models.CharField(max_length=30)  # a key of catalog.importing.formats.FORMATS
    mapping = models.JSONField(default=dict, blank=True)  # column → field, default values, category map
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    rows_total = models.PositiveIntegerField(default=0)
    rows_taken = models.PositiveIntegerField(default=0)
    rows_refused = models.PositiveIntegerField(default=0)
    items_done = models.PositiveIntegerField(default=0)  # the place to resume from
    rows_done = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.public_id} {self.file_name}"


class ImportRow(models.Model):
    """A row that was refused, or taken with a remark: what, where, and how to fix it."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8)  # refused, remark
    reasons = models.JSONField(default=list)  # [{"field", "what", "fix"}]
    raw = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["run", "line"], name="catalog_importrow_line")]

    def __str__(self) -> str:
        return f"line {self.line}: {self.outcome}"


class ImportPicture(models.Model):
    """A picture that a file named, on its way to its listing: waiting, there, or why not."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="pictures")
    listing = models.ForeignKey("catalog.Listing", on_delete=models.CASCADE, related_name="+")
    line = models.PositiveIntegerField()
    url = models.TextField()
    alt = models.JSONField(default=dict)  # {"en": "…"}
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()  # the next try; while one is under way, when it counts as lost
    problem = models.JSONField(default=dict, blank=True)  # {"message", "params"}: a msgid and its values
    media = models.ForeignKey("catalog.Media", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "run", "listing", MD5("url"), name="catalog_importpicture_once"
            ),  # an address may be too long for an index
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "done", "failed"]), name="catalog_importpicture_state"
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"], condition=Q(state="waiting"), name="catalog_importpicture_due"
            ),
            models.Index(fields=["run", "line"], name="catalog_importpicture_of_run"),
        ]

    def __str__(self) -> str:
        return f"line {self.line}: {self.state}"
