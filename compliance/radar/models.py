"""One row a day: how many findings were open, for the trend."""

from __future__ import annotations

from django.db import models


class RadarDay(models.Model):
    """What was open at the first count of a day; kept for ever, small."""

    day = models.DateField(primary_key=True)
    block = models.PositiveIntegerField()
    high = models.PositiveIntegerField()
    medium = models.PositiveIntegerField()
    info = models.PositiveIntegerField()
    subjects = models.PositiveIntegerField()  # with a finding that stops a sale somewhere
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.day}: {self.block} + {self.high} + {self.medium}"
