"""What was judged: one row a subject, one for all that are alike, one a thing to mend, one a sweep."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

MARKET = 6  # longest market code, "US-CA"


class FindingQuerySet(models.QuerySet["Finding"]):
    def open(self) -> FindingQuerySet:
        return self.filter(state=Finding.State.OPEN)

    def to_mend(self) -> FindingQuerySet:
        """What must or should be mended; what is only announced or told is left out."""
        return self.open().exclude(severity=Finding.Severity.INFO)

    def gravest_first(self) -> FindingQuerySet:
        rank = models.Case(
            *(models.When(severity=value, then=at) for at, value in enumerate(Finding.Severity.values)),
            output_field=models.SmallIntegerField(),
        )
        return self.order_by(rank, "rule", "field", "pk")


class Finding(models.Model):
    """A duty not met by a subject in a jurisdiction. Closed when a judgement no longer finds it."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    class Severity(models.TextChoices):
        BLOCK = "block", _("stops the sale")
        HIGH = "high", _("serious")
        MEDIUM = "medium", _("to be mended")
        INFO = "info", _("for information")

    subject = models.CharField(max_length=40)  # "listing:L-7Q2K9F3M"
    jurisdiction = models.CharField(max_length=MARKET)  # whose rule it is: "EU"
    markets = ArrayField(models.CharField(max_length=MARKET), default=list)  # where it is missed
    rule = models.CharField(max_length=120)
    rule_version = models.CharField(max_length=16)  # of the whole rulebook
    severity = models.CharField(max_length=8, choices=Severity)
    confidence = models.CharField(max_length=10)
    field = models.CharField(max_length=80, blank=True)
    owner = models.CharField(max_length=20, blank=True)  # the merchant's public id
    category = models.CharField(max_length=40, blank=True)
    what = models.TextField()  # English msgids with %(names)s; `queries.say` puts them into words
    fix = models.TextField()
    params = models.JSONField(default=dict)
    due_on = models.DateField(null=True)  # the day a coming duty begins to bind
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()  # while it is open, the judgement of the subject is more recent
    closed_at = models.DateTimeField(null=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "rule", "jurisdiction", "field"],
                condition=Q(state="open"),
                name="compliance_finding_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "closed"]), name="compliance_finding_state"
            ),
            models.CheckConstraint(
                condition=Q(severity__in=["block", "high", "medium", "info"]),
                name="compliance_finding_severity",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | Q(state="closed", closed_at__isnull=False),
                name="compliance_finding_closed_at",
            ),
        ]
        indexes = [
            models.Index(fields=["subject"], name="compliance_finding_subject"),
            models.Index(fields=["rule"], condition=Q(state="open"), name="compliance_finding_rule"),
            models.Index(
                fields=["first_seen_at"],
                condition=Q(state="open", due_on=None),
                name="compliance_finding_since",
            ),
            models.Index(
                fields=["owner", "rule"], condition=Q(state="open"), name="compliance_finding_owner"
            ),
            models.Index(
                fields=["due_on"],
                condition=Q(state="open", due_on__isnull=False),
                name="compliance_finding_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.rule} {self.field}".strip()


class LawReading(models.Model):
    """What the duties of some rulebook could tell apart: how far profiles made under it can be trusted."""

    digest = models.CharField(max_length=16, primary_key=True)
    said = models.JSONField()  # {fact: how it was looked at}

    def __str__(self) -> str:
        return self.digest


class Profile(models.Model):
    """What duties can tell apart of the facts of all subjects that are alike to them, and what the law says of it."""

    digest = models.CharField(max_length=32, unique=True)
    reading = models.CharField(max_length=16)  # the `LawReading` it was made under
    groups = ArrayField(models.CharField(max_length=24))
    seen = models.JSONField()  # {fact: what can be seen of it}
    # The same as numbers, by place in `ProfiledLaw.places`: equal where equal is seen. What the database groups by.
    facets = ArrayField(models.BigIntegerField(null=True), default=list)
    outcome = models.CharField(
        max_length=32, blank=True
    )  # of the latest law; "": its subjects are to be read again
    missed = models.JSONField(
        default=dict
    )  # {rule: its findings, as `outcomes.Part`}: what the outcome is made of
    is_current = models.BooleanField(
        default=False
    )  # judged by the law of `ProfiledLaw`, save its unsure rules

    class Meta:
        indexes = [
            GinIndex(fields=["groups"], name="compliance_profile_groups"),
            models.Index(fields=["id"], condition=Q(is_current=False), name="compliance_profile_stale"),
            models.Index(fields=["id"], include=["outcome"], name="compliance_profile_outcome"),
        ]

    def __str__(self) -> str:
        return self.digest


class ProfiledLaw(models.Model):
    """The law that the profiles are judged by: one row, from which a change of law takes what to judge again.

    Who writes outcomes holds it in share, who changes the law holds it alone.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    key = models.CharField(max_length=32)  # of all that outcomes depend on
    base = models.CharField(max_length=64)  # of that part of it that no single rule stands for
    reading = models.CharField(max_length=16)
    lines = models.JSONField(default=dict)  # {duty as it binds: [rule, groups]}
    unsure = models.JSONField(
        default=list
    )  # [rule, groups] that some profiles are not judged by yet; "*": all
    turn = models.PositiveIntegerField(default=0)  # counts the laws
    # Whether all subjects were compared with their profiles since a law was last not followed to its end.
    is_compared = models.BooleanField(default=False, db_default=False)
    places = models.JSONField(default=list)  # facts in the order of `Profile.facets`; only ever added to

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="compliance_profiledlaw_one")]

    def __str__(self) -> str:
        return self.key


class Judgement(models.Model):
    """The latest judgement of a subject as a whole: when, by which rulebook, and where it may be sold.

    The row is also what a judgement locks, so two of the same subject never interleave.
    """

    subject = models.CharField(max_length=40, unique=True)
    sell = ArrayField(models.CharField(max_length=MARKET), default=list)
    notice = ArrayField(models.CharField(max_length=MARKET), default=list)
    blocked = ArrayField(models.CharField(max_length=MARKET), default=list)
    open_findings = models.PositiveSmallIntegerField(default=0)
    rulebook_version = models.CharField(max_length=16, blank=True)
    facts_digest = models.CharField(max_length=32, blank=True)
    judged_for = models.DateField(null=True)  # the day whose law was applied
    judged_at = models.DateTimeField(null=True)
    owner = models.CharField(max_length=20, blank=True)  # the merchant's public id
    category = models.CharField(max_length=40, blank=True)
    # Of the Profile, if the subject is judged by one; without: it is judged by itself (spared duties, own findings).
    profile = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=32, blank=True)  # what its findings and markets amount to
    facts_until = models.DateField(
        null=True
    )  # the first day on which one of its documents counts no more, or does

    class Meta:
        indexes = [
            # Holds all by which a sweep sees who differs from its profile, so that it reads no rows.
            models.Index(
                fields=["profile"], include=["outcome", "judged_for"], name="compliance_judgement_outcome"
            ),
            models.Index(fields=["subject"], condition=Q(profile=None), name="compliance_judgement_lone"),
            models.Index(
                fields=["facts_until"],
                condition=Q(facts_until__isnull=False),
                name="compliance_judgement_until",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {len(self.sellable_in)} markets"

    @property
    def sellable_in(self) -> list[str]:
        """Markets where it may be sold, with or without a notice."""
        return [*self.sell, *self.notice]


class CheckRun(models.Model):
    """One sweep over all subjects of a kind, in chunks; an interrupted one goes on where it stopped."""

    kind = models.CharField(max_length=20)  # "listing"
    day = models.DateField()
    rulebook_version = models.CharField(max_length=16)
    number = models.PositiveSmallIntegerField(
        default=1, db_default=1
    )  # an officer may ask for another the same day
    ladder = models.CharField(
        max_length=16, blank=True, db_default=""
    )  # the steps of enforcement that what stood open was held against
    is_whole = models.BooleanField(
        default=False, db_default=False
    )  # looks at all subjects; else only at what news of the law, the day or new subjects can concern
    expected = models.PositiveIntegerField(null=True)  # about how many there are, counted as it began
    touched_at = models.DateTimeField(null=True)  # the last chunk
    asked_by = models.CharField(max_length=254, blank=True, db_default="")  # "" for the clock
    cursor = models.CharField(max_length=40, blank=True)  # the last id that was looked at
    looked_at = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "day", "rulebook_version", "number"], name="compliance_checkrun_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.day}: {self.looked_at}"
