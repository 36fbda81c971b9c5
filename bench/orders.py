"""The order command against its own writes as raw SQL, and the whole guest checkout over HTTP.

    bin/bench orders [--size 10000] [--commands 60] [--seconds 8] [--rounds 3] [--threads 1,4,8] [--lines 1,3]
    bin/bench orders --seconds 5 --rounds 2 --commands 30   (under four minutes once the database is filled)
    bin/bench orders --cpu [--orders 60]                    (processor time of one order, by who spends it)

*Command.* Every checkout is placed twice: once with its writes recorded and rolled back, then either by the
command again or by replaying exactly those statements with their values through the driver, in turns. Both
commit. The floor knows the answers beforehand; the command has to find them.

*Checkout.* A fresh guest per order: product page, add, basket, start, checkout page, address, the whole
price, the order button, order page (9 requests), from several threads against two workers. The floor
fetches as many pages of the same sizes from a bare Django view under the same server, in turns.
"""

from __future__ import annotations

import argparse
import itertools
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bench import load, pages, spent
from bench.client import Answer, Browser

# written as they stand, or by a statement that was planned ahead (marketplace.kernel.written and its like)
WRITES = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|WITH)|EXECUTE (insert|update|delete|catalog_(move|hold)|orders_(next|open|post|ask)|kernel_begin)_",
    re.IGNORECASE,
)
KEPT_PRODUCTS = 6  # that are bought in turns where processor time is measured
PEER = 5.5  # orders per second, 4 threads, 1 line: django-oscar 4.2.1 on PostgreSQL 18, two workers
ADDRESS = {
    "email": "ada@example.com",
    "name": "Ada Kowalski",
    "street": "Lindenstraße 1",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
}


@dataclass(slots=True)
class Replay:
    """The writes of one command: statements with their values, and where the sequences stood before."""

    statements: list[tuple[str, Any]] = field(default_factory=list)
    sequences: dict[str, int | None] = field(default_factory=dict)


# ---------------------------------------------------------------- the command


def press_command(size: int, options: argparse.Namespace) -> None:
    """Print the median time of the order command, of its writes alone, and the ratio."""
    url, _ = pages.prepare(size)
    _set_up(url)
    for lines in options.lines:
        ours, floor, writes = [], [], 0
        for turn in range(options.commands):
            command = _ready_order(lines)
            if turn % 2:
                ours.append(_timed(command))
            else:
                replay = _record(command)
                floor.append(_timed(lambda replay=replay: _play(replay)))
                writes = len(replay.statements)
        mine, bare = load.median(ours) * 1000, load.median(floor) * 1000
        print(
            f"order command, {lines} line(s): {mine:6.1f} ms   its {writes} writes as raw SQL: {bare:6.1f} ms"
            f"   ratio {mine / bare:.1f}",
            flush=True,
        )


def _set_up(url: str) -> None:
    os.environ["DATABASE_URL"] = url
    import django

    django.setup()


def _ready_order(lines: int) -> Callable[[], Any]:
    """Return the order command of a fresh checkout whose payment is authorised."""
    from catalog.models import Variant
    from marketplace.accounts.place import Place
    from marketplace.kernel import clock
    from orders import operations
    from orders.models import Payment
    from orders.operations import payments
    from orders.operations.placing import place_order

    now, place = clock.now(), Place("DE", "en", "EUR", "Europe/Berlin")
    basket = operations.get_or_create_basket(token=None, user=None, now=now)
    wanted = Variant.objects.filter(
        listing__sellable_in__contains=["DE"], stock__on_hand__gt=5, listing__code__startswith="bench"
    ).order_by("pk")[:lines]
    for variant in wanted:
        operations.add_to_basket(
            basket_id=basket.pk, variant=variant.public_id, quantity=1, place=place, now=now
        )
    checkout = operations.start_checkout(basket_id=basket.pk, place=place, user=None, now=now)
    address = {name: value for name, value in ADDRESS.items() if name != "email"}
    operations.set_address(checkout_id=checkout.pk, email=ADDRESS["email"], address=address, now=now)
    checkout = operations.show_quote(checkout_id=checkout.pk, now=now)
    payment = payments.start_payment(
        checkout_id=checkout.pk, quote_digest=checkout.quote_digest, provider="offline",
        method={"token": "card_ok"}, return_url="https://example.com/", now=now,
    )  # fmt: skip
    Payment.objects.filter(pk=payment.pk).update(state=Payment.State.CAPTURED)
    return lambda: place_order(
        checkout_id=checkout.pk, quote_digest=checkout.quote_digest, key=payment.idempotency_key, now=now
    )


def _timed(command: Callable[[], Any]) -> float:
    started = time.perf_counter()
    command()
    return time.perf_counter() - started


def _record(command: Callable[[], Any]) -> Replay:
    """Run a command, keep its writes and take everything back."""
    from django.db import connection, transaction

    replay = Replay(sequences=_sequences())

    def keep(execute: Any, statement: str, values: Any, many: bool, context: Any) -> Any:
        if WRITES.match(statement):
            replay.statements.append((statement, values))
        return execute(statement, values, many, context)

    with connection.execute_wrapper(keep), transaction.atomic():
        command()
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        for name, value in replay.sequences.items():
            cursor.execute("SELECT setval(%s, %s, %s)", [name, value or 1, value is not None])
    return replay


def _sequences() -> dict[str, int | None]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname || '.' || sequencename, last_value FROM pg_sequences")
        return dict(cursor.fetchall())


def _play(replay: Replay) -> None:
    """Send the recorded writes in one transaction through the driver."""
    from django.db import connection

    raw = connection.connection
    raw.autocommit = False
    try:
        with raw.cursor() as cursor:
            for statement, values in replay.statements:
                cursor.execute(statement, values)
        raw.commit()
    finally:
        raw.autocommit = True


# ---------------------------------------------------------------- the checkout


@contextmanager
def _served(size: int) -> Iterator[tuple[str, str, str]]:
    """Serve the shop of this size and the floor; yield the database and both addresses."""
    url, _ = pages.prepare(size)
    environment = {"DATABASE_URL": url, "REDIS_URL": pages.store_of(size), "LOG_LEVEL": "ERROR"}
    with (
        load.gunicorn("marketplace.wsgi:application", **environment) as shop,
        load.gunicorn("bench.floor:application") as floor,
    ):
        yield url, shop, floor


def press_checkout(size: int, options: argparse.Namespace) -> None:
    """Print orders per second of the whole guest checkout, its latencies, the floor and the ratio."""
    with _served(size) as (url, shop, floor):
        products = _products(url)
        for lines in options.lines:
            guest = Guest(shop, products)
            guest.buy(lines)
            sizes = guest.sizes
            for threads in options.threads:
                _compare(shop, floor, products, lines, threads, sizes, options)


def _compare(
    shop: str, floor: str, products: Any, lines: int, threads: int, sizes: list[int], options: Any
) -> None:
    bought, bare, seconds = [], [], []
    for _ in range(options.rounds):
        times = _together(threads, options.seconds, lambda: Guest(shop, products).buy(lines))
        bought.append(len(times) / options.seconds)
        seconds += times
        bare.append(
            len(_together(threads, max(options.seconds / 4, 1), lambda: _fetch_all(floor, sizes)))
            / max(options.seconds / 4, 1)
        )
    rate, most = load.median(bought), load.median(bare)
    seconds.sort()
    peer = f"   {rate / PEER:.1f} × peer" if threads == 4 and lines == 1 else ""
    print(
        f"guest checkout, {lines} line(s), {len(sizes)} requests, {threads} thread(s): {rate:5.1f} orders/s"
        f"  p50 {seconds[len(seconds) // 2] * 1000:.0f} ms  p95 {seconds[int(len(seconds) * 0.95)] * 1000:.0f} ms"
        f"   floor {most:6.1f}/s  {rate / most:.1%} of floor{peer}",
        flush=True,
    )


def _together(threads: int, seconds: float, work: Callable[[], Any]) -> list[float]:
    """Repeat some work from several threads for a time; return how long each turn took."""
    until = time.perf_counter() + seconds

    def again(_: int) -> list[float]:
        times = []
        while time.perf_counter() < until:
            times.append(_timed(work))
        return times

    with ThreadPoolExecutor(threads) as pool:
        return [one for many in pool.map(again, range(threads)) for one in many]


def _fetch_all(floor: str, sizes: Sequence[int]) -> None:
    browser = Browser(floor)
    for size in sizes:
        browser.get(f"/floor/{size}")
    browser.close()


def _products(url: str, *, most: int = 400) -> Any:
    """Return an endless turn of product pages that Germany may buy: address and variant."""
    import psycopg2

    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT '/p/' || l.slug || '/' || l.public_id, v.public_id FROM catalog_listing l"
            " JOIN catalog_variant v ON v.listing_id = l.id JOIN catalog_stock s ON s.variant_id = v.id"
            " WHERE l.sellable_in @> ARRAY['DE']::varchar[] AND l.code LIKE 'bench%%' AND s.on_hand > 20"
            " ORDER BY l.id LIMIT %s",
            [most],
        )
        return _Turn(cursor.fetchall())


class _Turn:
    """An endless round over some things, for several threads."""

    def __init__(self, things: list[tuple[str, str]]) -> None:
        self._things = itertools.cycle(things)
        self._lock = threading.Lock()

    def next(self) -> tuple[str, str]:
        with self._lock:
            return next(self._things)


class Guest:
    """Somebody new who buys a few things."""

    def __init__(self, shop: str, products: Any) -> None:
        self.browser = Browser(shop, {"market": "DE", "language": "en", "currency": "EUR"})
        self.products = products

    @property
    def sizes(self) -> list[int]:
        """Return the bytes of every answer so far."""
        return self.browser.sizes

    def buy(self, lines: int) -> None:
        """Walk from the product page to the order page; raise if no order came of it."""
        for _ in range(lines):
            address, variant = self.products.next()
            page = self.browser.get(address)
            basket = self._post("/basket/add", page, variant=variant, quantity="1")
        checkout = self._post("/checkout", basket)
        offered = dict(re.findall(r'name="(service-[^"]+)" value="([^"]+)"', checkout.text))
        filled = {**ADDRESS, **offered, "method": "offline", "card": "card_ok"}
        priced = self._post(_path(checkout), checkout, **filled, action="quote")
        quote = re.search(r'name="quote" value="([^"]+)"', priced.text)[1]  # type: ignore[index]
        key = re.search(r'name="key" value="([^"]+)"', priced.text)[1]  # type: ignore[index]
        done = self._post(_path(checkout), priced, **filled, quote=quote, key=key, action="pay")
        self.browser.close()
        if "/orders/" not in done.path:
            raise RuntimeError(f"No order came of it: {done.path}")

    def _post(self, path: str, page: Answer, **fields: str) -> Answer:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        fields["csrfmiddlewaretoken"] = token[1] if token else self.browser.cookies.get("csrftoken", "")
        return self.browser.post(path, fields, referer=page.path)


def _path(answer: Answer) -> str:
    return answer.path.split("?")[0]


# ---------------------------------------------------------------- processor time


def press_cpu(size: int, options: argparse.Namespace) -> None:
    """Print the processor time that a guest checkout costs each of those who take part in it, from one thread."""
    with _served(size) as (url, shop, floor):
        products = _products(url, most=KEPT_PRODUCTS)
        for lines in options.lines:
            for _ in range(3 * KEPT_PRODUCTS):  # until both workers have seen every product
                Guest(shop, products).buy(lines)
            guest = Guest(shop, products)
            guest.buy(lines)
            spent_each = spent.spent_by(
                lambda lines=lines: Guest(shop, products).buy(lines), options.orders, _others(shop, url)
            )
            bare = spent.spent_by(
                lambda sizes=tuple(guest.sizes): _fetch_all(floor, sizes), options.orders, _others(floor, url)
            )
            for name, each in (("guest checkout", spent_each), ("floor", bare)):
                told = "   ".join(f"{who} {one:6.2f}" for who, one in each.items())
                print(f"{name}, {lines} line(s), ms each: {told}   all {sum(each.values()):6.2f}", flush=True)


def _others(server: str, url: str) -> dict[str, Callable[[], float]]:
    """Return how to read the processor time of a web server and of the database behind `url`."""
    import psycopg2

    web = spent.processes_of(server.removeprefix("http://"))
    with psycopg2.connect(url) as connection:
        postmaster = spent.parent_of(connection.info.backend_pid)
    return {
        "web": lambda: spent.milliseconds(web),
        "database": lambda: spent.milliseconds(spent.with_children(postmaster)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--commands", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", default="1,4,8")
    parser.add_argument("--lines", default="1,3")
    parser.add_argument("--cpu", action="store_true", help="processor time of a checkout, and no more")
    parser.add_argument("--orders", type=int, default=60)
    options = parser.parse_args()
    options.threads = [int(number) for number in options.threads.split(",")]
    options.lines = [int(number) for number in options.lines.split(",")]
    if options.cpu:
        press_cpu(options.size, options)
        return
    press_checkout(options.size, options)
    press_command(options.size, options)


if __name__ == "__main__":
    main()
