"""Pictures and papers of a listing."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from catalog.models.listings import Listing, Variant
from marketplace.kernel.files import private_files
from marketplace.kernel.ids import new_token


def private_name(document: Document, name: str) -> str:
    """Return where a document's file is kept; nothing of the name it came with."""
    return f"documents/{new_token()[:40]}"


class Media(models.Model):
    """A picture, re-encoded on arrival, in several widths, with its alternative text."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="media")
    variant = models.ForeignKey(
        Variant, on_delete=models.SET_NULL, null=True, blank=True, related_name="media"
    )
    name = models.CharField(max_length=120)  # path without width and extension: "ab/abcdef…"
    widths = ArrayField(models.PositiveIntegerField(), default=list)  # ascending
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt = models.JSONField(default=dict, blank=True)  # {"en": "…"}
    digest = models.CharField(max_length=64)
    source_url = models.URLField(max_length=1000, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "media"
        constraints = [models.UniqueConstraint(fields=["listing", "digest"], name="catalog_media_once")]

    def __str__(self) -> str:
        return self.name


class Document(models.Model):
    """A certificate, manual or declaration that belongs to a listing."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=60)  # a document type of the rulebook's facts
    number = models.CharField(max_length=80, blank=True)
    market = models.CharField(max_length=6, blank=True)  # where it counts; empty: everywhere
    language = models.CharField(max_length=10, blank=True)
    file = models.FileField(
        upload_to=private_name, storage=private_files, max_length=120, blank=True
    )  # named by us; whoever sends it only gives it the name below
    file_name = models.CharField(max_length=150, blank=True)  # as it is offered when saved
    file_type = models.CharField(max_length=40, blank=True)  # the media type that was found in it
    url = models.URLField(max_length=1000, blank=True)
    digest = models.CharField(max_length=64, blank=True)  # of the file
    issued_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.kind
