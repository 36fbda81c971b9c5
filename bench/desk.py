"""The complaints' desk at N tickets: how late the sweep sees, how long "next" takes, what its pages ask.

    bin/bench desk [--tickets 100000] [--open 100000] [--due-rate 200] [--seconds 40] [--agents 20] [--takes 20] [--only lag|next|pages]

Fills a database of its own by SQL: N tickets with messages, events and words to search for, of which `--open` are
live with a running clock (at most half of N). *Lag.* So many clocks become due each second while one process sweeps
without pause; the time from due to seen is read from the rows of the ladder. *Next.* Twenty agents press the key at
once, each on a connection of its own, first again and again without a pause, then as people do; beside it the floor:
as many connections that lock one row each by its key and update it. All are threads of one process. *Pages.* List, search, ticket and floor in process: statements, median time, and every plan is
looked at for a sequential scan over tickets, clocks, messages or events.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

from bench import load

WATCHED = (
    "complaints_ticket",
    "complaints_clock",
    "complaints_message",
    "complaints_ticketevent",
    "complaints_escalation",
)
SCAN = re.compile(rf"Seq Scan on ({'|'.join(WATCHED)})\b")

# Every tenth of a million is another language, topic, market, seller; live ones are spread evenly over all of time.
TICKETS = """
    INSERT INTO complaints_ticket (public_id, token, subject, topic, remedy, about_kind, about, "order", listing, merchant,
        name, email, market, language, time_zone, channel, state, priority, hazards, tags, policy_id, version, is_breached,
        due_at, last_message_at, last_speaker, received_at, reopened, closed_at, decided_at, searchable)
    SELECT 'C-' || lpad(n::text, 8, '0'), 'bench-' || n, words.title || ' ' || n,
        (ARRAY['defective','late','refund','not_delivered','wrong_item','damaged','price','other'])[n %% 8 + 1],
        (ARRAY['refund','repair','replacement',''])[n %% 4 + 1], 'none', '', 'R-' || lpad((n %% 400000)::text, 8, '0'), '',
        'M-' || lpad((n %% 5000)::text, 6, '0'), 'Person ' || n %% 300000, 'person' || n %% 300000 || '@example.com',
        (ARRAY['DE','FR','GB','US','PL','ES'])[n %% 6 + 1], (ARRAY['en','de','fr','es'])[n %% 4 + 1], 'UTC', 'form',
        CASE WHEN live THEN 'new' ELSE 'closed' END, CASE WHEN n %% 97 = 0 THEN 1 ELSE 3 END, '[]', '[]', %(policy)s, 1, false,
        CASE WHEN live THEN now() + (n %% 100000) * interval '2 second' + interval '1 hour' END,
        at, 'customer', at, 0, CASE WHEN NOT live THEN at + interval '3 days' END,
        CASE WHEN NOT live THEN at + interval '2 days' END,
        setweight(to_tsvector('simple', 'C-' || lpad(n::text, 8, '0') || ' person' || n %% 300000 || '@example.com'), 'A')
            || setweight(to_tsvector('english', words.title || ' ' || words.said), 'B')
    FROM generate_series(1, %(count)s) AS n
    CROSS JOIN LATERAL (SELECT n %% %(every)s = 0 AS live, now() - ((%(count)s - n) %% 1000000) * interval '40 second' AS at) AS how
    CROSS JOIN LATERAL (SELECT
        (ARRAY['Lamp','Kettle','Chair','Radio','Jacket','Phone','Drill','Bicycle'])[n %% 8 + 1] AS title,
        (ARRAY['does not work','came broken','is the wrong colour','never arrived','costs more than shown','smells of glue',
            'lost a screw'])[n %% 7 + 1] || ' number' || n %% 5000 AS said) AS words
"""
MESSAGES = """
    INSERT INTO complaints_message (public_id, ticket_id, kind, to_merchant, in_room, author_name, body, language, channel, message_id,
        ingest_key, said_at, recorded_at)
    SELECT 'CM-' || id, id, 'customer', false, false, name, subject || ' does not do what it should.', language, 'form', '',
        'bench:' || id, received_at, received_at FROM complaints_ticket WHERE token LIKE 'bench-%%'
"""
EVENTS = """
    INSERT INTO complaints_ticketevent (ticket_id, kind, state, actor, data, occurred_at, recorded_at, ingest_key)
    SELECT id, 'customer_message', '', 'customer', '{}', received_at, received_at, 'bench:' || id
    FROM complaints_ticket WHERE token LIKE 'bench-%%'
"""
CLOCKS = """
    INSERT INTO complaints_clock (ticket_id, kind, generation, state, started_at, due_at, done_at, next_action_at, next_level,
        told, is_law, attempts, is_quarantined)
    SELECT id, 'resolution', 1, CASE WHEN state = 'new' THEN 'running' ELSE 'met' END, received_at,
        coalesce(due_at, received_at + interval '5 days'), closed_at,
        CASE WHEN state = 'new' THEN due_at END, 0, '{}', false, 0, false
    FROM complaints_ticket WHERE token LIKE 'bench-%%'
"""


def prepare(options: argparse.Namespace) -> None:
    """Make the database of this size, its tables and its tickets, unless they are there; Django works on it then."""
    base, _, name = os.environ["DATABASE_URL"].rpartition("/")
    own = f"{name}_desk_{options.tickets}"
    import psycopg2

    with closing(psycopg2.connect(os.environ["DATABASE_URL"])) as link:
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [own])
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE DATABASE "{own}"')
    os.environ |= {"DATABASE_URL": f"{base}/{own}", "LOG_LEVEL": "ERROR"}
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(migrate, cwd=load.ROOT, env=os.environ, check=True)
    import django

    django.setup()
    from django.conf import settings

    settings.DEBUG = False  # otherwise every statement is written down
    _fill(options)


def _fill(options: argparse.Namespace) -> None:
    from django.db import connection, transaction

    from complaints import operations
    from complaints.models import PolicyVersion, Ticket
    from marketplace.kernel import clock

    if Ticket.objects.filter(token=f"bench-{options.tickets}").exists():
        return
    began = time.perf_counter()
    operations.load_promises(now=clock.now())
    every = max(options.tickets // min(options.open, options.tickets // 2), 1)
    given = {
        "count": options.tickets,
        "every": every,
        "policy": PolicyVersion.objects.get(name="everybody").pk,
    }
    with transaction.atomic(), connection.cursor() as cursor:  # half a desk would be taken for a whole one
        cursor.execute("SET statement_timeout = 0")
        for statement in (TICKETS, MESSAGES, EVENTS, CLOCKS):
            cursor.execute(statement, given)
        cursor.execute("ANALYZE")
        cursor.execute("RESET statement_timeout")
    live = Ticket.objects.filter(state="new").count()
    print(
        f"{options.tickets:,} tickets, {live:,} open, filled in {time.perf_counter() - began:.0f} s",
        flush=True,
    )


# ---------------------------------------------------------------- how late the sweep sees


def press_lag(options: argparse.Namespace) -> None:
    """Print the percentiles of the time from due to seen while so many clocks become due each second."""
    from django.db import connection

    from complaints import operations
    from complaints.models import Clock, Escalation

    count = options.due_rate * options.seconds
    start = operations.database_time()
    chosen = list(Clock.objects.filter(state="running").order_by("pk").values_list("pk", flat=True)[:count])
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE complaints_clock AS clock SET next_level = 0, due_at = %s + (at.n / %s::float) * interval '1 second',
                   next_action_at = %s + (at.n / %s::float) * interval '1 second'
               FROM unnest(%s::bigint[]) WITH ORDINALITY AS at (id, n) WHERE clock.id = at.id""",
            [start, options.due_rate, start, options.due_rate, chosen],
        )
    before = Escalation.objects.count()
    used = time.process_time()
    while time.time() < start.timestamp() + options.seconds + 2:
        if not operations.sweep_clocks().clocks:
            time.sleep(options.every)
    used = time.process_time() - used
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT percentile_cont(ARRAY[0.5, 0.95, 0.99, 1]) WITHIN GROUP
                   (ORDER BY extract(epoch FROM detected_at - clock.due_at)), count(*)
               FROM complaints_escalation AS step JOIN complaints_clock AS clock ON clock.id = step.clock_id
               WHERE step.clock_id = ANY(%s) AND step.due_at = clock.due_at AND step.detected_at >= %s""",
            [chosen, start],
        )
        shares, seen = cursor.fetchone()
    if seen != len(chosen):
        print(f"LOST OR TWICE: {seen} steps for {len(chosen)} clocks")
    print(
        f"lag at {options.due_rate} due/s for {options.seconds} s: median {shares[0]:.2f} s, p95 {shares[1]:.2f} s, "
        f"p99 {shares[2]:.2f} s, most {shares[3]:.2f} s; {Escalation.objects.count() - before} steps, "
        f"{used:.1f} s of the sweeper's processor",
        flush=True,
    )


# ---------------------------------------------------------------- the next ticket


def press_next(options: argparse.Namespace) -> None:
    """Print the percentiles of "next" with all agents at once, and of the floor."""
    from django.db import connection, transaction

    from complaints import operations
    from complaints.models import Agent, Ticket
    from marketplace.accounts.models import User
    from marketplace.kernel import clock

    agents = []
    for n in range(options.agents):
        user, _ = User.objects.get_or_create(email=f"bench{n}@example.com", defaults={"name": f"Bench {n}"})
        languages = [["en", "de"], ["fr", "en"], ["es"], ["de"]][n % 4]
        agent, _ = Agent.objects.update_or_create(
            user=user, defaults={"languages": languages, "capacity": 30_000}
        )
        agents.append(agent)
    Ticket.objects.filter(agent__in=agents).update(agent=None, state="new")
    free = list(
        Ticket.objects.filter(state="new")
        .order_by("-pk")
        .values_list("pk", flat=True)[: options.agents * options.takes]
    )

    def lock_one(n: int, turn: int) -> None:
        with transaction.atomic():
            row = Ticket.objects.select_for_update().get(pk=free[n * options.takes + turn])
            row.version += 1
            row.save(update_fields=["version"])

    def take(n: int, _turn: int) -> None:
        operations.next_ticket(agent_id=agents[n].pk, now=clock.now())

    floor, rush = _all_at_once(lock_one, options, 0), _all_at_once(take, options, 0)
    calm = _all_at_once(take, options, options.pause)
    doubled = len(rush) + len(calm) - Ticket.objects.filter(agent__in=agents).count()
    for name, times in (
        ("lock one row (floor)", floor),
        ("next, no pause", rush),
        ("next, with pauses", calm),
    ):
        at = [times[int(share * (len(times) - 1))] * 1000 for share in (0.5, 0.95, 1)]
        print(
            f"{name:<22} {len(times)} by {options.agents} agents: median {at[0]:.1f} ms, p95 {at[1]:.1f} ms, most {at[2]:.1f} ms"
        )
    ratio = rush[int(0.95 * (len(rush) - 1))] / floor[int(0.95 * (len(floor) - 1))]
    print(f"ratio of the p95 without pauses: {ratio:.1f}; given twice: {doubled}", flush=True)
    connection.close()


def _all_at_once(work: Callable[[int, int], None], options: argparse.Namespace, pause: float) -> list[float]:
    from django.db import connection

    times: list[float] = []
    gate = threading.Barrier(options.agents)

    def run(n: int) -> None:
        connection.ensure_connection()
        gate.wait()
        for turn in range(options.takes):
            time.sleep(random.uniform(0, 2 * pause))
            began = time.perf_counter()
            work(n, turn)
            times.append(time.perf_counter() - began)
        connection.close()

    threads = [threading.Thread(target=run, args=[n]) for n in range(options.agents)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(times)


# ---------------------------------------------------------------- pages


def press_pages(options: argparse.Namespace) -> None:
    """Print statements, median time and faults in the plans of the desk's pages, beside a bare look-up by key."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from complaints.models import Agent, Ticket
    from marketplace.accounts.models import Role, User

    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
    subprocess.run(command, cwd=load.ROOT, env=os.environ, check=True)
    user, _ = User.objects.get_or_create(email="bench-looks@example.com", defaults={"name": "Looker"})
    Role.objects.get_or_create(user=user, kind="agent")
    Agent.objects.get_or_create(user=user, defaults={"languages": ["en", "de"]})
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    number = Ticket.objects.filter(state="new").order_by("-pk").values_list("public_id", flat=True)[0]
    bare = _median(lambda: Ticket.objects.get(public_id=number))
    print(f"floor: a ticket by its number {bare * 1000:.2f} ms")
    pages = {
        "mine": "/desk/", "free": "/desk/?queue=free", "late": "/desk/?queue=late", "all": "/desk/?queue=all",
        "danger": "/desk/?queue=danger", "waiting": "/desk/?queue=waiting", "agree": "/desk/?queue=agree",
        "closed": "/desk/?queue=closed", "by topic": "/desk/?queue=all&topic=refund",
        "by seller": "/desk/?queue=all&merchant=M-000007", "by person": "/desk/?queue=all&email=person7@example.com",
        "search rare": "/desk/?queue=all&q=number77", "search common": "/desk/?queue=all&q=kettle",
        "far page": f"/desk/?queue=all&after={number}", "ticket": f"/desk/{number}", "floor": "/desk/floor",
        "reports": "/desk/reports?by=topic&days=30",
    }  # fmt: skip
    for name, path in pages.items():
        client.get(path)
        with CaptureQueriesContext(connection) as context:
            answer = client.get(path)
        found = list(context.captured_queries)  # the next request forgets them
        assert answer.status_code == 200, (path, answer.status_code)
        took = _median(lambda path=path: client.get(path))
        faults = sorted({fault for query in found for fault in _scans(query["sql"])})
        told = f"   SEQUENTIAL SCAN: {', '.join(faults)}" if faults else ""
        slow = max(found, key=lambda query: float(query["time"]), default={"time": "0"})
        print(
            f"{name:<15} {len(found):3} statements, {took * 1000:7.1f} ms, slowest statement {float(slow['time']) * 1000:6.0f} ms, "
            f"{took / bare:6.0f} times the floor{told}",
            flush=True,
        )
        if options.explain and (faults or float(slow["time"]) > 0.05):
            print(f"    {slow['sql'][:1500]}\n{_plan(slow['sql'])}")


def _median(work: Callable[[], Any]) -> float:
    times = []
    for _ in range(7):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return load.median(times)


def _plan(statement: str) -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + statement.replace("%", "%%"), [])
        return "\n".join(row[0] for row in cursor.fetchall())


def _scans(statement: str) -> list[str]:
    if not statement.lstrip().upper().startswith(("SELECT", "WITH")):
        return []
    return SCAN.findall(_plan(statement))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--open", type=int, default=100_000)
    parser.add_argument("--due-rate", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=40)
    parser.add_argument("--every", type=float, default=1.0, help="seconds between sweeps that found nothing")
    parser.add_argument("--agents", type=int, default=20)
    parser.add_argument("--takes", type=int, default=20)
    parser.add_argument(
        "--pause", type=float, default=1.0, help="seconds on average between an agent's presses"
    )
    parser.add_argument("--only", choices=["lag", "next", "pages"])
    parser.add_argument("--explain", action="store_true", help="print the plans of what scans or is slow")
    options = parser.parse_args()
    prepare(options)
    for name, press in {"lag": press_lag, "next": press_next, "pages": press_pages}.items():
        if options.only in (None, name):
            press(options)


if __name__ == "__main__":
    main()
