from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.accounts import operations, queries
from marketplace.accounts.models import Address, Merchant, User
from marketplace.kernel.errors import Invalid, NotFound
from marketplace.kernel.models import Event

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BERLIN = {"name": "Ana", "street": "Torstraße 1", "postcode": "10115", "city": "Berlin", "country": "DE"}


def make_user(name: str = "ana") -> User:
    return User.objects.create_user(f"{name}@example.org", "correct horse battery")


def make_merchant(owner: User | None, slug: str = "lamps") -> Merchant:
    return operations.create_merchant(
        owner=owner, slug=slug, name=slug, legal_name="Lamps Ltd", country="DE", street="Weg 1", city="Berlin",
        email="lamps@example.org", currency="EUR",
    )  # fmt: skip


def test_there_is_one_usual_address_at_a_time():
    user = make_user()
    first = operations.save_address(user=user, fields=BERLIN, is_default=True)
    second = operations.save_address(user=user, fields=BERLIN, is_default=True)

    assert list(Address.objects.filter(is_default=True)) == [second]
    assert list(queries.addresses_of(user)) == [second, first]


def test_somebody_else_s_address_can_be_neither_changed_nor_deleted():
    address = operations.save_address(user=make_user("ana"), fields=BERLIN)
    stranger = make_user("eve")

    with pytest.raises(NotFound):
        operations.save_address(user=stranger, fields=BERLIN, address_id=address.pk)
    with pytest.raises(NotFound):
        operations.delete_address(user=stranger, address_id=address.pk)
    assert Address.objects.get().user.email == "ana@example.org"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"postcode": "1011"}, "postcode"),
        ({"country": "XX"}, "country"),
        ({"city": " "}, "city"),
        ({"country": "US", "postcode": "94110"}, "region"),
    ],
)
def test_an_address_that_the_country_s_post_would_not_take_is_refused(change: dict[str, str], field: str):
    with pytest.raises(Invalid) as refused:
        operations.save_address(user=make_user(), fields=BERLIN | change)

    assert (refused.value.field, Address.objects.count()) == (field, 0)


def test_an_e_mail_address_signs_in_one_person_however_it_is_written():
    make_user("ana")

    assert User.objects.get_by_natural_key("ANA@Example.org").email == "ana@example.org"


def test_a_merchant_s_staff_see_their_own_merchant_only():
    mine, other = make_user("mine"), make_user("other")
    lamps = make_merchant(mine, "lamps")
    make_merchant(other, "soaps")

    assert list(queries.merchants_of(mine)) == [lamps]
    assert [queries.may_edit_merchant(user, lamps) for user in (mine, other)] == [True, False]


def test_a_viewer_may_look_and_not_change():
    viewer, lamps = make_user("viewer"), make_merchant(None)
    operations.add_member(merchant=lamps, user=viewer, role="viewer")

    assert list(queries.merchants_of(viewer)) == [lamps]
    assert queries.may_edit_merchant(viewer, lamps) is False


def test_somebody_who_was_switched_off_sees_nothing():
    user = make_user()
    make_merchant(user)
    operations.give_role(user=user, kind="operator")
    user.is_active = False

    assert (queries.has_role(user, "operator"), list(queries.merchants_of(user))) == (False, [])


def test_an_operator_holds_every_role():
    user = make_user()
    operations.give_role(user=user, kind="operator")
    user.refresh_from_db()

    assert [queries.has_role(user, kind) for kind in ("agent", "officer", "operator")] == [True] * 3


def test_an_api_key_is_stored_as_its_digest_only():
    user = make_user()
    row, key = operations.make_api_key(merchant=make_merchant(user), label="till", by=user, now=NOW)

    assert key not in {str(value) for value in vars(row).values()}
    assert key.startswith(f"rf_{row.prefix}_")


def test_a_key_of_another_merchant_cannot_be_withdrawn():
    user = make_user()
    row, _key = operations.make_api_key(merchant=make_merchant(user), label="till", by=user, now=NOW)

    with pytest.raises(NotFound):
        operations.revoke_api_key(merchant=make_merchant(None, "other"), key_id=row.pk, now=NOW)


def test_a_change_of_identity_is_news():
    merchant = make_merchant(None)

    operations.verify_merchant(merchant_id=merchant.pk, evidence="register extract", now=NOW)

    assert list(Event.objects.values_list("name", flat=True)) == ["marketplace.accounts.MerchantChanged"] * 2


@pytest.mark.parametrize(
    ("before", "after"), [("applied", "active"), ("active", "active"), ("suspended", "suspended")]
)
def test_who_is_verified_sells_unless_suspended(before: str, after: str):
    merchant = make_merchant(None)
    Merchant.objects.update(status=before)

    operations.verify_merchant(merchant_id=merchant.pk, evidence="register extract", now=NOW)

    merchant.refresh_from_db()
    assert (merchant.status, merchant.verified_by, merchant.verified_at) == (after, "register extract", NOW)


def test_who_is_verified_is_written_once():
    merchant = make_merchant(None)
    with CaptureQueriesContext(connection) as asked:
        operations.verify_merchant(merchant_id=merchant.pk, evidence="register extract", now=NOW)
    assert [one["sql"].count('UPDATE "accounts_merchant"') for one in asked if 'UPDATE "' in one["sql"]] == [
        1
    ]


def test_an_unknown_part_of_an_identity_is_refused_by_name():
    with pytest.raises(Invalid) as refused:
        operations.update_merchant(merchant_id=make_merchant(None).pk, shoe_size=43)

    assert refused.value.field == "shoe_size"
