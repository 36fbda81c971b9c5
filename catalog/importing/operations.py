"""A merchant's file on its way into the catalogue: upload, preview, choose, run in the background, resume.

The file is read into items again whenever it is needed; `ImportRun.items_done` says where to go on. Each
batch is one transaction that writes listings, refusals and progress together, so that a run that dies at
any point goes on without losing a row and without taking one twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction

from catalog.importing import writing
from catalog.importing.events import ImportStarted
from catalog.importing.formats import FORMATS, recognise
from catalog.importing.formats.table import guess_columns
from catalog.importing.reading import decode, rows_of
from catalog.importing.records import FileRefused, Item, Options, Problem
from catalog.importing.variants import settle
from catalog.models import ImportRow, ImportRun
from marketplace.accounts.models import Merchant, User
from marketplace.kernel import outbox
from marketplace.kernel.errors import Conflict, Invalid

BATCH = 500
PREVIEWED = 50


class UnreadableFile(Invalid):
    """The whole file cannot be read."""

    code, title = "unreadable_file", "We cannot read this file."


@transaction.atomic
def upload(
    *, merchant: Merchant, name: str, data: bytes, by: User | None, now: datetime, **choices: Any
) -> ImportRun:
    """Keep a merchant's file and recognise its format; nothing enters the catalogue yet.

    :raises UnreadableFile: with the line and a way to fix it.
    """
    if len(data) > settings.IMPORT_MAX_BYTES:
        megabytes = settings.IMPORT_MAX_BYTES // 1024**2
        raise UnreadableFile(
            "The file is larger than %(megabytes)s MB. Split it.", field="file", megabytes=megabytes
        )
    try:
        form = choices.pop("format", "") or recognise(decode(data), name)
        run = ImportRun(
            merchant=merchant,
            started_by=by,
            file_name=name[:200],
            format=form,
            mapping=choices,
            created_at=now,
        )
        _ = FORMATS[form]
        run.file.save(f"{run.public_id}.import", ContentFile(data), save=False)
        run.rows_total = sum(len(item.lines) for item in _items(run))
        if not run.rows_total:
            raise FileRefused("The file holds no products.", "Export it again and check that it has rows.")
    except FileRefused as refused:
        at = "%(what)s Line %(line)s. %(fix)s" if refused.line else "%(what)s %(fix)s"
        raise UnreadableFile(
            at, field="file", line=refused.line, what=refused.what, fix=refused.fix
        ) from refused
    except KeyError:
        raise Invalid("We know no format called %(name)s.", field="format", name=form) from None
    run.save()
    return run


def preview(*, run: ImportRun) -> dict[str, Any]:
    """Return what the file would become, without writing: counts, columns, categories, the first items."""
    counts: Counter[str] = Counter()
    wanted: dict[str, str] = {}
    samples: list[dict[str, Any]] = []
    problems: Counter[Problem] = Counter()
    for item in _items(run):
        counts["rows"] += len(item.lines)
        refused = len(item.lines) if not item.is_taken else len(item.refused_lines)
        counts["refused"] += refused
        counts["listings"] += item.is_taken
        for problem in (*item.problems, *(p for ps in item.refused_lines.values() for p in ps)):
            problems[problem] += 1
        if item.draft is not None:
            wanted.setdefault(item.draft.source_category, item.draft.category)
            if len(samples) < PREVIEWED:
                samples.append(_sample(item))
    return {
        "format": FORMATS[run.format].LABEL,
        "rows": counts["rows"],
        "taken": counts["rows"] - counts["refused"],
        "refused": counts["refused"],
        "listings": counts["listings"],
        "columns": _columns(run),
        "categories": [{"source": source, "category": code} for source, code in sorted(wanted.items())],
        "problems": [problem.as_json() | {"count": count} for problem, count in problems.most_common(20)],
        "samples": samples,
    }


def _sample(item: Item) -> dict[str, Any]:
    draft = item.draft
    text = draft.texts.get(draft.language, {})  # type: ignore[union-attr]
    return {
        "line": item.lines[0] if item.lines else 0,
        "code": draft.code,  # type: ignore[union-attr]
        "title": text.get("title", ""),
        "category": draft.category,  # type: ignore[union-attr]
        "variants": len(draft.variants),  # type: ignore[union-attr]
        "price": next((f"{v.price} {v.currency}" for v in draft.variants), ""),  # type: ignore[union-attr]
        "problems": [problem.as_json() for problem in item.problems],
        "remarks": [problem.as_json() for problem in item.remarks],
    }


def _columns(run: ImportRun) -> dict[str, Any]:
    """Return the file's columns and which of ours each is taken for; only tables are mapped by hand."""
    if run.format != "table":
        return {}
    header = bool(run.mapping.get("header", True))
    _, first = next(rows_of(_text(run), header=header), (0, {}))
    return {"found": list(first), "mapped": run.mapping.get("columns") or guess_columns(list(first))}


@transaction.atomic
def choose(*, run_id: int, **choices: Any) -> ImportRun:
    """Set currency, language, columns, categories, default price and stock of a file that has not started.

    :raises Conflict: if it is already running or done.
    """
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    if run.state not in (ImportRun.State.UPLOADED, ImportRun.State.PREVIEWED):
        raise Conflict("This import has started; upload the file again to change how it is read.")
    run.mapping = {**run.mapping, **choices}
    run.state = ImportRun.State.PREVIEWED
    run.rows_total = sum(len(item.lines) for item in _items(run))
    run.save(update_fields=["mapping", "state", "rows_total"])
    return run


@transaction.atomic
def start(*, run_id: int, now: datetime) -> ImportRun:
    """Let the file in: the work goes on in the background. Starting twice changes nothing."""
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    if run.state in (ImportRun.State.UPLOADED, ImportRun.State.PREVIEWED):
        run.state = ImportRun.State.RUNNING
        run.save(update_fields=["state"])
        outbox.publish(ImportStarted(run.pk, run.public_id))
    return run


@transaction.atomic
def resume(*, run_id: int, now: datetime) -> ImportRun:
    """Set a run going again that stopped on the way; what it has taken stays taken.

    :raises Conflict: if it has not started, or is done.
    """
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    if run.state not in (ImportRun.State.RUNNING, ImportRun.State.FAILED):
        raise Conflict("Only an import that stopped on the way can go on.")
    run.state, run.problem = ImportRun.State.RUNNING, ""
    run.save(update_fields=["state", "problem"])
    outbox.publish(ImportStarted(run.pk, run.public_id))
    return run


@transaction.atomic
def stop(*, run_id: int, problem: str) -> ImportRun:
    """Say on a running import why it cannot go on by itself; it can be resumed."""
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    if run.state == ImportRun.State.RUNNING:
        run.state, run.problem = ImportRun.State.FAILED, problem[:500]
        run.save(update_fields=["state", "problem"])
    return run


def carry_on(*, run_id: int, now: datetime) -> ImportRun:
    """Take the file in from where it stands to its end. Safe to call again after any interruption."""
    items = list(_items(ImportRun.objects.select_related("merchant").get(pk=run_id)))
    while True:
        run, is_finished = take_batch(run_id=run_id, items=items, now=now)
        if is_finished:
            return run


@transaction.atomic
def take_batch(*, run_id: int, items: list[Item], now: datetime) -> tuple[ImportRun, bool]:
    """Take the next of a running file's items, with their refusals and the progress; return whether that was all."""
    run = ImportRun.objects.select_for_update(of=("self",)).select_related("merchant").get(pk=run_id)
    if run.state != ImportRun.State.RUNNING:
        return run, True
    batch = items[run.items_done : run.items_done + BATCH]
    if batch:
        writing.write_items(merchant=run.merchant, items=batch, now=now)
        ImportRow.objects.bulk_create(_rows_of(run, batch))
    refused = sum(len(i.lines) if not i.is_taken else len(i.refused_lines) for i in batch)
    run.items_done += len(batch)
    run.rows_done += sum(len(item.lines) for item in batch)
    run.rows_refused += refused
    run.rows_taken = run.rows_done - run.rows_refused
    is_finished = run.items_done >= len(items)
    if is_finished:
        run.state, run.finished_at = ImportRun.State.DONE, now
    run.save()
    return run, is_finished


def _rows_of(run: ImportRun, batch: list[Item]) -> Iterator[ImportRow]:
    for item in batch:
        refused = dict.fromkeys(item.lines, item.problems) if not item.is_taken else item.refused_lines
        for line, problems in refused.items():
            yield _row(run, line, "refused", problems, item)
        if item.is_taken and item.remarks:
            yield _row(run, item.lines[0] if item.lines else 0, "remark", item.remarks, item)


def _row(run: ImportRun, line: int, outcome: str, problems: list[Problem], item: Item) -> ImportRow:
    raw = {key: str(value)[:300] for key, value in list(item.raw.items())[:60] if value}
    return ImportRow(run=run, line=line, outcome=outcome, reasons=[p.as_json() for p in problems], raw=raw)


def _text(run: ImportRun) -> str:
    with run.file.open("rb") as file:
        return decode(file.read())


def _items(run: ImportRun) -> Iterator[Item]:
    """Yield every item of the file, with its category decided and what is wrong with it said."""
    options = _options(run)
    seen: set[str] = set()
    for item in FORMATS[run.format].read(_text(run), options):
        settle(item)
        if item.draft is not None:
            writing.check(item, options, seen)
        yield item


def _options(run: ImportRun) -> Options:
    chosen = run.mapping
    price = chosen.get("default_price")
    return Options(
        currency=chosen.get("currency") or run.merchant.currency,
        language=chosen.get("language") or "en",
        columns=chosen.get("columns") or {},
        categories=chosen.get("categories") or {},
        default_category=chosen.get("default_category") or "",
        default_price=Decimal(str(price)) if price else None,
        default_stock=chosen.get("default_stock"),
        header=bool(chosen.get("header", True)),
    )
