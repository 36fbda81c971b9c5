"""Complaints of another house taken over as history: closed, with their outcomes, without clocks or letters."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO

from django.db import transaction

from complaints.models import Message, Ticket, TicketEvent
from complaints.operations.policies import policy_for

CHUNK = 500
CHANNELS = {
    "web": "form",
    "referral": "import",
    "phone": "phone",
    "postal mail": "import",
    "fax": "import",
    "email": "email",
}
NEEDED = ("Date received", "Product", "Issue", "Company", "Company response to consumer")


@dataclass(slots=True)
class Taken:
    """What became of the rows of a file: taken, known before, and refused with line and reason."""

    rows: int = 0
    taken: int = 0
    known: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def import_history(*, text: str, source: str, market: str, now: datetime) -> Taken:
    """Take over complaints in the table format of the United States' consumer bureau (CFPB).

    `source` names the file; the same row of the same source twice is once. Rows that cannot be read are refused
    with their line; the rest goes on. rows = taken + known + refused.
    """
    result = Taken()
    reader = csv.DictReader(StringIO(text))
    missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        result.refused.append((1, f"Columns are missing: {', '.join(missing)}."))
        return result
    for chunk in _chunks(_checked(reader, result)):
        _write(chunk, source, market, now, result)
    return result


Checked = tuple[int, dict[str, str], datetime, datetime]


def _checked(reader: csv.DictReader[str], result: Taken) -> Iterator[Checked]:
    for row in reader:
        line = reader.line_num
        result.rows += 1
        try:
            received = _day(row["Date received"])
            closed = _day(row.get("Date sent to company") or row["Date received"])
        except ValueError:
            result.refused.append((line, f"{row['Date received']!r} is no day written as month/day/year."))
            continue
        if not (row["Issue"] or "").strip():
            result.refused.append((line, "The issue is empty."))
            continue
        yield line, row, received, max(closed, received)


def _day(text: str) -> datetime:
    return datetime.strptime(text.strip(), "%m/%d/%Y").replace(tzinfo=UTC)


def _chunks(rows: Iterable[Checked]) -> Iterator[list[Checked]]:
    chunk: list[Checked] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


@transaction.atomic
def _write(chunk: list[Checked], source: str, market: str, now: datetime, result: Taken) -> None:
    keys = {f"history:{source}:{line}": one for line, one in ((row[0], row) for row in chunk)}
    known = set(Message.objects.filter(ingest_key__in=keys).values_list("ingest_key", flat=True))
    result.known += len(known)
    policy = policy_for(topic="other", market=market, is_dangerous=False, now=now)
    fresh = {key: row for key, row in keys.items() if key not in known}
    tickets = Ticket.objects.bulk_create([_ticket(row, market, policy) for row in fresh.values()])
    messages, events = [], []
    for ticket, (key, (_line, row, received, closed)) in zip(tickets, fresh.items(), strict=True):
        body = "\n".join(f"{name}: {value}" for name, value in row.items() if name and value)
        messages.append(
            Message(
                ticket=ticket,
                kind="customer",
                body=body,
                channel="import",
                ingest_key=key,
                said_at=received,
                recorded_at=now,
            )
        )
        data = {
            "response": row["Company response to consumer"],
            "digest": hashlib.sha256(body.encode()).hexdigest(),
        }
        for kind, at in (("received", received), ("closed", closed)):
            events.append(
                TicketEvent(
                    ticket=ticket,
                    kind=kind,
                    actor="history",
                    data=data,
                    occurred_at=at,
                    recorded_at=now,
                    ingest_key=f"{kind}:{key}",
                )
            )
    Message.objects.bulk_create(messages)
    TicketEvent.objects.bulk_create(events)
    result.taken += len(tickets)


def _ticket(checked: Checked, market: str, policy: object) -> Ticket:
    _line, row, received, closed = checked
    answers = {
        "response": "Company response to consumer",
        "timely": "Timely response?",
        "disputed": "Consumer disputed?",
    }
    tags = [f"{name}:{(row.get(column) or 'unknown').strip().lower()}" for name, column in answers.items()]
    is_open = row["Company response to consumer"] == "In progress"
    return Ticket(
        subject=f"{row['Issue']} ({row['Product']})"[:200], topic="other", market=market, language="en", channel="import",
        state="closed", tags=[*tags, f"company:{row['Company'][:60]}", *(("was-open",) if is_open else ())],
        policy=policy, received_at=received, last_message_at=received, closed_at=closed,
    )  # fmt: skip
