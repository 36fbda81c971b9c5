"""Pages under load, alternating with a bare Django view of the same size under the same server.

    bin/bench pages [--sizes 10000,100000] [--seconds 3] [--rounds 3] [--connections 1,8,32]

For every catalogue size a database of its own is filled once and kept for the next run. Prints, per page and
number of connections: requests per second (median of the rounds), latencies, the floor, and the ratio; then
searches that nobody asked for before, from four threads; then the ratio between the sizes.

Short: bin/bench pages --seconds 1 --rounds 2 takes under four minutes once the databases are filled.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from bench import load

PEER = {  # requests per second at 8 connections and 100,000 products: django-oscar 4.2.1 with Xapian
    "category": 6.5,
    "search": 4.0,
    "product": 55.0,
    "list": 2.5,
}
FRESH_THREADS = 4
COOKIES = {"Cookie": "market=DE; language=en; currency=EUR"}


def prepare(size: int) -> tuple[str, dict[str, str]]:
    """Fill a database with `size` listings if it is not filled yet; return its URL and the pages to press."""
    base, _, name = os.environ["DATABASE_URL"].rpartition("/")
    url = f"{base}/{name}_bench_{size}"
    environment = os.environ | {"DATABASE_URL": url, "REDIS_URL": store_of(size)}
    command = [sys.executable, "manage.py", "make_listings", str(size), "--fresh-database", "--print-pages"]
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"],
        cwd=load.ROOT, env=environment, check=True,
    )  # fmt: skip
    done = subprocess.run(command, cwd=load.ROOT, env=environment, check=True, capture_output=True, text=True)
    pages = dict(
        line.split(" ", 1)
        for line in done.stdout.splitlines()
        if line.startswith(("home", "category", "list", "search", "product"))
    )
    return url, pages


def store_of(size: int) -> str:
    """Return a numbered store of the broker's server, so that caches of two sizes never meet."""
    base = os.environ["REDIS_URL"].rpartition("/")[0]
    return f"{base}/{14 if size > 20_000 else 13}"


def press(size: int, options: argparse.Namespace) -> dict[tuple[str, int], float]:
    """Measure every page at every number of connections; return requests per second."""
    url, pages = prepare(size)
    found: dict[tuple[str, int], float] = {}
    environment = {"DATABASE_URL": url, "REDIS_URL": store_of(size), "LOG_LEVEL": "ERROR"}
    with (
        load.gunicorn("marketplace.wsgi:application", **environment) as shop,
        load.gunicorn("bench.floor:application") as floor,
    ):
        for page, path in pages.items():
            bytes_of_page = len(load.fetch(shop + path, **COOKIES))
            for connections in options.connections:
                found[page, connections] = _compare(
                    f"{size:>7}", page, shop + path, f"{floor}/floor/{bytes_of_page}", connections, options
                )
        _fresh_searches(f"{size:>7}", shop, _words(url), options)
    return found


def _words(url: str) -> list[str]:
    """Return the single words by which most listings are found."""
    import psycopg2

    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.word FROM ts_stat('SELECT vector FROM catalog_listingwords ORDER BY listing_id LIMIT 5000') s"
            " JOIN catalog_searchword ON lower(catalog_searchword.word) = s.word WHERE length(s.word) > 3"
            " ORDER BY ndoc DESC LIMIT 40"
        )
        return [word for (word,) in cursor.fetchall()]


def _fresh_searches(size: str, shop: str, words: list[str], options: argparse.Namespace) -> None:
    """Search for one word, every address another one (a highest price that excludes nothing makes it so)."""
    turns = itertools.count(random.randrange(1_000_000))

    def search(_: int) -> list[float]:
        times, until = [], time.perf_counter() + options.seconds * options.rounds
        while time.perf_counter() < until:
            n, started = next(turns), time.perf_counter()
            load.fetch(f"{shop}/search?q={words[n % len(words)]}&max={1_000_000 + n}", **COOKIES)
            times.append(time.perf_counter() - started)
        return times

    with ThreadPoolExecutor(FRESH_THREADS) as pool:
        times = sorted(one for many in pool.map(search, range(FRESH_THREADS)) for one in many)
    rate = len(times) / (options.seconds * options.rounds)
    print(
        f"{size}  fresh search of one word, {FRESH_THREADS} threads: {rate:.1f} req/s"
        f"  p50 {times[len(times) // 2] * 1000:.0f} ms  p95 {times[int(len(times) * 0.95)] * 1000:.0f} ms"
        f"  {rate / PEER['search']:.1f} × peer (its search at 100,000)",
        flush=True,
    )


def _compare(
    size: str, page: str, ours: str, floor: str, connections: int, options: argparse.Namespace
) -> float:
    load.wrk(ours, connections=connections, seconds=1, headers=COOKIES)
    rounds = [
        (
            load.wrk(ours, connections=connections, seconds=options.seconds, headers=COOKIES),
            load.wrk(floor, connections=connections, seconds=options.seconds),
        )
        for _ in range(options.rounds)
    ]
    rps = load.median([mine.rps for mine, _ in rounds])
    bare = load.median([floor.rps for _, floor in rounds])
    p50, p99 = (load.median([getattr(mine, name) for mine, _ in rounds]) for name in ("p50", "p99"))
    errors = sum(mine.errors for mine, _ in rounds)
    peer = (
        f"  {rps / PEER[page]:5.1f} × peer" if page in PEER and connections == 8 and "100000" in size else ""
    )
    print(
        f"{size}  {page:9} c={connections:<3} {rps:8.1f} req/s  p50 {p50:7.1f} ms  p99 {p99:7.1f} ms"
        f"  floor {bare:8.1f}  {rps / bare:5.1%} of floor  errors {errors}{peer}",
        flush=True,
    )
    return rps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", default="1,8,32")
    options = parser.parse_args()
    options.connections = [int(number) for number in options.connections.split(",")]
    results = {int(size): press(int(size), options) for size in options.sizes.split(",")}
    small, large = min(results), max(results)
    if small != large:
        print(f"\nslower at {large:,} than at {small:,} by a factor of:")
        for (page, connections), rps in results[large].items():
            print(f"  {page:9} c={connections:<3} {results[small][page, connections] / rps:.2f}")


if __name__ == "__main__":
    main()
