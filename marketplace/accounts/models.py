"""Users, roles, merchants with their staff, addresses, API keys."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketplace.kernel.ids import new_public_id


class UserManager(BaseUserManager["User"]):
    """Make users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> User:
        return self.get(email=(email or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by e-mail. What they may do follows from their roles and memberships."""

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "U"), editable=False
    )
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(max_length=10, blank=True)
    market = models.CharField(max_length=6, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    time_zone = models.CharField(max_length=40, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_user_email_once")]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email


class Role(models.Model):
    """A role given to a user. Shoppers need none; merchants' staff are members of a merchant."""

    class Kind(models.TextChoices):
        AGENT = "agent", _("support agent")
        OFFICER = "officer", _("compliance officer")
        AUTHORITY = "authority", _("authority")
        OPERATOR = "operator", _("operator")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles")
    kind = models.CharField(max_length=12, choices=Kind)
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="accounts_role_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.kind}"


class Merchant(models.Model):
    """Who sells: a trader or a private seller, with the identity the law asks to be shown."""

    class Kind(models.TextChoices):
        TRADER = "trader", _("trader")
        PRIVATE = "private", _("private seller")

    class Status(models.TextChoices):
        APPLIED = "applied", _("applied")
        ACTIVE = "active", _("active")
        SUSPENDED = "suspended", _("suspended")

    public_id = models.CharField(
        max_length=16, unique=True, default=partial(new_public_id, "M"), editable=False
    )
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(_("trading name"), max_length=120)
    legal_name = models.CharField(_("legal name"), max_length=200)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.TRADER)
    status = models.CharField(max_length=10, choices=Status, default=Status.APPLIED)
    country = models.CharField(_("country"), max_length=2)
    street = models.CharField(_("street and number"), max_length=200)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=120)
    region = models.CharField(_("state or province"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail address"))
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    website = models.URLField(blank=True)
    complaints_address = models.CharField(max_length=300, blank=True)
    register_name = models.CharField(_("trade register"), max_length=120, blank=True)
    register_number = models.CharField(_("register number"), max_length=80, blank=True)
    vat_id = models.CharField(_("VAT number"), max_length=20, blank=True)
    eori = models.CharField(_("EORI number"), max_length=20, blank=True)
    ioss_number = models.CharField(_("IOSS number"), max_length=20, blank=True)
    numbers = models.JSONField(
        _("other register numbers"), default=dict, blank=True
    )  # e.g. {"epr_de": "DE…"}
    self_certified_at = models.DateTimeField(null=True, blank=True)  # declares to offer only lawful goods
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.CharField(max_length=200, blank=True)  # "commercial register extract of 2026-10-02"
    currency = models.CharField(max_length=3)
    # Whether its offers contain the VAT/GST of its own country. The net price is the same for every market;
    # the tax of the market where the goods go is added to it.
    prices_include_tax = models.BooleanField(default=True)
    time_zone = models.CharField(max_length=40, default="UTC")
    story = models.JSONField(default=dict, blank=True)  # {"en": "…", "de": "…"}
    voluntary_days = models.PositiveSmallIntegerField(
        null=True, blank=True
    )  # its own promise to take goods back
    free_returns = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["trader", "private"]), name="accounts_merchant_kind"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["applied", "active", "suspended"]), name="accounts_merchant_status"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Verification(models.Model):
    """One check of who a merchant is, or its withdrawal, as it was recorded; rows are never changed."""

    class Kind(models.TextChoices):
        RECORDED = "recorded", _("verified")
        WITHDRAWN = "withdrawn", _("verification withdrawn")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="verifications")
    kind = models.CharField(max_length=9, choices=Kind)
    said = models.CharField(max_length=200)  # the evidence, or why it no longer holds
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["recorded", "withdrawn"]), name="accounts_verification_kind"
            ),
            models.CheckConstraint(condition=~Q(said=""), name="accounts_verification_said"),
        ]

    def __str__(self) -> str:
        return f"{self.merchant_id}: {self.kind} {self.at:%Y-%m-%d}"


class MerchantMember(models.Model):
    """A user who works for a merchant."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        EDITOR = "editor", _("editor")
        VIEWER = "viewer", _("viewer")

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role, default=Role.EDITOR)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "user"], name="accounts_member_once")]

    def __str__(self) -> str:
        return f"{self.user} at {self.merchant}"


class Address(models.Model):
    """A shopper's saved address. Orders hold copies, never references."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    name = models.CharField(max_length=120)
    company = models.CharField(max_length=120, blank=True)
    street = models.CharField(max_length=200)
    extra = models.CharField(max_length=200, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=120)
    region = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=2)
    phone = models.CharField(max_length=40, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "addresses"
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(is_default=True), name="accounts_address_default"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.city}"


class ApiKey(models.Model):
    """A merchant's key for the API. Only its digest is stored; the key itself is shown once."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="api_keys")
    label = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.label} ({self.prefix}…)"
