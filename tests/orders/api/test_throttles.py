"""Too many calls, under the rates of the settings: told with a problem document and when to come again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.test import Client
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle

from marketplace.accounts.models import User
from tests.orders import factories as make

RATES = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]


def limit_of(scope: str) -> int:
    """Return how many calls a minute a scope allows."""
    number, per = RATES[scope].split("/")
    assert per == "min"
    return int(number)


def until_refused(call: Callable[[], Any], at_most: int) -> tuple[int, Any]:
    """Call until it is refused; how often it was not, and the refusal."""
    for number in range(at_most + 1):
        answer = call()
        if answer.status_code == 429:
            return number, answer
    raise AssertionError(f"not refused in {at_most + 1} calls")


def already_called(throttle: type, ident: str | int, times: int) -> None:
    """Write down calls of this minute, as the throttle itself would have."""
    key = throttle.cache_format % {"scope": throttle.scope, "ident": ident}
    cache.set(key, [time.time()] * times, 60)


def told(answer: Any) -> tuple[int, str, str, bool]:
    body, wait = answer.json(), int(answer.headers["Retry-After"])
    return answer.status_code, answer.headers["Content-Type"], body["type"], 0 < wait <= 60


REFUSED = (429, "application/problem+json", "urn:rightful:throttled", True)


def test_whoever_tries_checkouts_is_stopped_after_a_minute_s_worth(client: Client):
    def begin() -> Any:
        return client.post("/api/v1/checkouts", {"basket": "forged"}, content_type="application/json")

    number, answer = until_refused(begin, limit_of("checkout"))

    assert (number, told(answer)) == (limit_of("checkout"), REFUSED)


def test_a_stranger_is_stopped_after_the_strangers_rate(client: Client):
    already_called(AnonRateThrottle, "127.0.0.1", limit_of("anon") - 3)

    number, answer = until_refused(lambda: client.get("/api/v1/categories"), 4)

    assert (number, told(answer)) == (3, REFUSED)


def test_one_stranger_s_calls_do_not_count_for_another(client: Client):
    already_called(AnonRateThrottle, "127.0.0.1", limit_of("anon"))

    answers = [
        client.get("/api/v1/categories", REMOTE_ADDR=address) for address in ("127.0.0.1", "192.0.2.7")
    ]

    assert [answer.status_code for answer in answers] == [429, 200]


def test_an_address_that_the_caller_makes_up_does_not_help(client: Client):
    already_called(AnonRateThrottle, "127.0.0.1", limit_of("anon"))

    answers = [
        client.get("/api/v1/categories", headers={"X-Forwarded-For": f"198.51.100.{n}"}) for n in range(3)
    ]

    assert [answer.status_code for answer in answers] == [429] * 3


def test_somebody_signed_in_has_the_rate_of_people(client: Client):
    user = User.objects.create_user("ana@example.org", "correct horse battery")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    already_called(AnonRateThrottle, "127.0.0.1", limit_of("anon"))
    already_called(UserRateThrottle, user.pk, limit_of("user") - 2)

    number, answer = until_refused(lambda: client.get("/api/v1/orders/forged"), 3)

    assert (number, told(answer)) == (2, REFUSED)


def test_a_merchant_s_key_has_the_rate_of_who_made_it(client: Client, key_of: Any):
    merchant = make.make_merchant()
    headers = key_of(merchant)
    already_called(UserRateThrottle, merchant.members.get().user_id, limit_of("user") - 2)

    number, answer = until_refused(lambda: client.get("/api/v1/merchant/orders", headers=headers), 3)

    assert (number, told(answer)) == (2, REFUSED)


def test_time_lets_the_next_call_through(client: Client):
    key = AnonRateThrottle.cache_format % {"scope": "anon", "ident": "127.0.0.1"}
    cache.set(key, [time.time() - 61] * limit_of("anon"), 60)

    assert client.get("/api/v1/categories").status_code == 200
