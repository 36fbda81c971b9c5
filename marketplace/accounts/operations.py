"""Writes to accounts: roles, merchants, members, addresses, preferences, API keys."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from compliance.rulebook import lookups
from marketplace.accounts.events import MerchantChanged
from marketplace.accounts.models import Address, ApiKey, Merchant, MerchantMember, Role, User, Verification
from marketplace.kernel import outbox
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.ids import new_public_id

IDENTITY = frozenset(field.name for field in Merchant._meta.concrete_fields) - {
    "id",
    "public_id",
    "created_at",
}
ADDRESS = ("name", "company", "street", "extra", "postcode", "city", "region", "country", "phone")


@transaction.atomic
def give_role(*, user: User, kind: str) -> Role:
    """Give a role; officers and operators may also enter the admin, where operators see everything."""
    role, _ = Role.objects.get_or_create(user=user, kind=Role.Kind(kind))
    if kind in (Role.Kind.OFFICER, Role.Kind.OPERATOR):
        User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=kind == Role.Kind.OPERATOR)
    return role


@transaction.atomic
def create_merchant(*, owner: User | None, **identity: Any) -> Merchant:
    """Make a merchant with its identity; the owner may enter the admin and sees only what is theirs.

    :raises Invalid: for an unknown field.
    """
    _refuse_unknown(identity)
    merchant = Merchant.objects.create(**identity)
    if owner is not None:
        add_member(merchant=merchant, user=owner, role=MerchantMember.Role.OWNER)
    outbox.publish(MerchantChanged(merchant.pk, merchant.public_id))
    return merchant


@transaction.atomic
def update_merchant(*, merchant_id: int, **identity: Any) -> Merchant:
    """Change a merchant's identity; its listings are judged again."""
    _refuse_unknown(identity)
    merchant = Merchant.objects.select_for_update().get(pk=merchant_id)
    for name, value in identity.items():
        setattr(merchant, name, value)
    merchant.save(update_fields=list(identity))
    outbox.publish(MerchantChanged(merchant.pk, merchant.public_id))
    return merchant


def _refuse_unknown(identity: dict[str, Any]) -> None:
    for name in identity.keys() - IDENTITY:
        raise Invalid("A merchant has no detail called %(name)s.", field=name, name=name)


@transaction.atomic
def verify_merchant(*, merchant_id: int, evidence: str, now: datetime, by: User | None = None) -> Merchant:
    """Record that somebody checked who the merchant is, and by what. A suspension lasts until its cause is gone.

    :raises Invalid: without evidence.
    """
    said = _said(
        evidence, "evidence", "Name what the identity was checked against, such as a register extract."
    )
    status = Merchant.objects.select_for_update().values_list("status", flat=True).get(pk=merchant_id)
    status = Merchant.Status.ACTIVE if status == Merchant.Status.APPLIED else status
    merchant = update_merchant(merchant_id=merchant_id, verified_at=now, verified_by=said, status=status)
    Verification.objects.create(merchant=merchant, kind=Verification.Kind.RECORDED, said=said, by=by, at=now)
    return merchant


@transaction.atomic
def withdraw_verification(
    *, merchant_id: int, reason: str, now: datetime, by: User | None = None
) -> Merchant:
    """Record that what a merchant was verified by no longer holds; what the law lets only verified sellers sell stops.

    :raises Invalid: without a reason, or if the merchant is not verified.
    """
    said = _said(reason, "reason", "Say why the verification no longer holds.")
    if Merchant.objects.select_for_update().get(pk=merchant_id).verified_at is None:
        raise Invalid("This seller is not verified.", field="reason")
    merchant = update_merchant(merchant_id=merchant_id, verified_at=None, verified_by="")
    Verification.objects.create(merchant=merchant, kind=Verification.Kind.WITHDRAWN, said=said, by=by, at=now)
    return merchant


def _said(text: str, field: str, otherwise: str) -> str:
    said = " ".join(text.split())[:200]
    if not said:
        raise Invalid(otherwise, field=field)
    return said


@transaction.atomic
def set_suspended(*, public_id: str, is_suspended: Callable[[], bool]) -> Merchant | None:
    """Suspend a merchant that sells, or let a suspended one sell again; None if there is no such merchant.

    Whether it is suspended is asked once its row is locked: an answer from before may be out of date by then.
    """
    merchant = Merchant.objects.select_for_update().filter(public_id=public_id).first()
    before, after = Merchant.Status.ACTIVE, Merchant.Status.SUSPENDED
    if not is_suspended():
        before, after = after, before
    if merchant is None or merchant.status != before:
        return merchant
    return update_merchant(merchant_id=merchant.pk, status=after)


@transaction.atomic
def add_member(*, merchant: Merchant, user: User, role: str) -> MerchantMember:
    """Make a user a member of a merchant, or change the role of one who is."""
    member, _ = MerchantMember.objects.update_or_create(merchant=merchant, user=user, defaults={"role": role})
    if not user.is_staff:
        User.objects.filter(pk=user.pk).update(is_staff=True)
    return member


@transaction.atomic
def save_address(
    *, user: User, fields: dict[str, str], address_id: int | None = None, is_default: bool = False
) -> Address:
    """Save a new address or change one of the user's own.

    :raises Invalid: if the postcode or the country is not one we know.
    :raises NotFound: if the address is somebody else's.
    """
    User.objects.select_for_update().get(pk=user.pk)
    address = _own_address(user, address_id) if address_id else Address(user=user)
    for name in ADDRESS:
        setattr(address, name, fields.get(name, "").strip())
    check_address(fields)
    if is_default:
        Address.objects.filter(user=user, is_default=True).exclude(pk=address.pk).update(is_default=False)
    address.is_default = is_default
    address.save()
    return address


def check_address(fields: dict[str, str]) -> None:
    """Refuse an address that the country's post would not take.

    :raises Invalid: naming the field, with an example of how it is written there.
    """
    for name in ("name", "street", "city", "country"):
        if not fields.get(name, "").strip():
            raise Invalid("This is needed to deliver to you.", field=name)
    country = fields["country"].strip().upper()
    locale = lookups.locale(country)
    if locale is None:
        raise Invalid("We do not know this country.", field="country")
    postcode = fields.get("postcode", "").strip().upper()
    if locale.postcode_regex and not re.fullmatch(locale.postcode_regex, postcode):
        raise Invalid(
            "A postcode there looks like %(example)s.", field="postcode", example=locale.postcode_example
        )
    if locale.state_required and not fields.get("region", "").strip():
        raise Invalid("The state or province is needed there.", field="region")


@transaction.atomic
def delete_address(*, user: User, address_id: int) -> None:
    """Delete one of the user's own addresses."""
    _own_address(user, address_id).delete()


def _own_address(user: User, address_id: int) -> Address:
    address = Address.objects.select_for_update().filter(pk=address_id, user=user).first()
    if address is None:
        raise NotFound("This address is not among yours.")
    return address


@transaction.atomic
def update_profile(*, user: User, name: str) -> User:
    """Change the name a user is addressed by."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    locked.name = name.strip()
    locked.save(update_fields=["name"])
    return locked


@transaction.atomic
def make_api_key(*, merchant: Merchant, label: str, by: User, now: datetime) -> tuple[ApiKey, str]:
    """Return a new key's row and the key itself, which is shown once and never stored."""
    prefix = new_public_id("k", length=8).removeprefix("k-").lower()
    key = f"rf_{prefix}_{secrets.token_urlsafe(32)}"
    row = ApiKey.objects.create(
        merchant=merchant,
        label=label,
        prefix=prefix,
        digest=hashlib.sha256(key.encode()).hexdigest(),
        created_by=by,
        created_at=now,
    )
    return row, key


@transaction.atomic
def revoke_api_key(*, merchant: Merchant, key_id: int, now: datetime) -> None:
    """Make a key useless from now on."""
    if not ApiKey.objects.filter(pk=key_id, merchant=merchant, revoked_at=None).update(revoked_at=now):
        raise NotFound("This key is not among yours.")
