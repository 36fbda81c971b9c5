"""An answer's deadlines as a calendar's file: held against the lines of RFC 5545."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from compliance.web import ics
from tests.compliance.web.test_rights import CASES

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
DAY = ics.Entry(
    "withdrawal last_day x",
    date(2026, 12, 8),
    "Last day; really, the last",
    "Why\\how\nlook",
    "https://x.example/?a=1",
)
INSTANT = ics.Entry(
    "clock x",
    datetime(2026, 12, 8, 18, 0, tzinfo=timezone(timedelta(hours=1))),
    "Due",
    "Why",
    "https://x.example/",
)
LINE = re.compile(r"[A-Z-]+(;[A-Z-]+=[^;:,]+)*:[^\r\n]*")  # fmt: skip


def read(content: str) -> list[tuple[str, str]]:
    """Return (name with parameters, value) of every line, unfolded; refuses what RFC 5545 does (3.1, 3.6)."""
    assert content.endswith("\r\n")
    raw = content[:-2].split("\r\n")
    assert all(len(line.encode()) <= 75 and "\n" not in line and "\r" not in line for line in raw)
    lines = content[:-2].replace("\r\n ", "").split("\r\n")
    assert all(LINE.fullmatch(line) for line in lines)
    open_ones: list[str] = []
    for line in lines:
        word, _, value = line.partition(":")
        if word == "BEGIN":
            open_ones.append(value)
        elif word == "END":
            assert open_ones.pop() == value
    assert open_ones == []
    return [(line.partition(":")[0], line.partition(":")[2]) for line in lines]


def test_a_day():
    assert read(ics.calendar([DAY], now=NOW)) == [
        ("BEGIN", "VCALENDAR"), ("VERSION", "2.0"), ("PRODID", "-//Rightful//Rights//EN"), ("CALSCALE", "GREGORIAN"),
        ("BEGIN", "VEVENT"), ("UID", "ef04607a2b892c537d9305eb61240c6a@rightful"), ("DTSTAMP", "20261124T100000Z"),
        ("DTSTART;VALUE=DATE", "20261208"), ("DTEND;VALUE=DATE", "20261209"),
        ("SUMMARY", "Last day\\; really\\, the last"), ("DESCRIPTION", "Why\\\\how\\nlook"), ("URL", "https://x.example/?a=1"),
        ("TRANSP", "TRANSPARENT"),
        ("BEGIN", "VALARM"), ("ACTION", "DISPLAY"), ("DESCRIPTION", "Last day\\; really\\, the last"), ("TRIGGER", "-P2D"), ("END", "VALARM"),
        ("END", "VEVENT"), ("END", "VCALENDAR"),
    ]  # fmt: skip


def test_an_instant_has_no_end():
    found = [line for line in read(ics.calendar([INSTANT], now=NOW)) if line[0].startswith("DT")]

    assert found == [("DTSTAMP", "20261124T100000Z"), ("DTSTART", "20261208T170000Z")]


@pytest.mark.parametrize(("hours", "alarms"), [(49, 1), (48, 0), (1, 0), (-100, 0)])
def test_no_alarm_that_has_already_gone_by(hours: int, alarms: int):
    entry = ics.Entry("x", NOW + timedelta(hours=hours), "Due", "Why", "https://x.example/")

    assert ics.calendar([entry], now=NOW).count("BEGIN:VALARM") == alarms


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=300)
)
def test_any_title_comes_through(title: str):
    lines = read(ics.calendar([ics.Entry("x", date(2026, 12, 8), title, "", "https://x.example/")], now=NOW))
    said = dict(lines)["SUMMARY"]
    plain = re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], said)

    assert plain == title


@pytest.mark.django_db
def test_another_language_is_the_same_entry(client: Client):
    def entry(language: str) -> dict[str, str]:
        client.cookies["language"] = language
        return dict(read(client.get(f"/rights/withdrawal.ics?{CASES['withdrawal']}").content.decode()))

    english, german = entry("en"), entry("de")

    assert (english["UID"] == german["UID"], english["SUMMARY"] == german["SUMMARY"]) == (True, False)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ask", "days"),
    [
        ("withdrawal", ["20261208"]), ("return_deadline", ["20261214"]), ("refund_deadline", ["20261218"]), ("delivery", ["20261031"]),
        ("guarantee", ["20301124", "20281124"]), ("deadline", ["20270301"]), ("clock", ["20261124T093000Z"]),
        ("trader_status", ["20261210", "20261220", "20261126"]),
    ],
)  # fmt: skip
def test_every_deadline_of_an_answer(client: Client, ask: str, days: list[str]):
    content = client.get(f"/rights/{ask}.ics?{CASES[ask]}").content.decode()

    assert [value for name, value in read(content) if name.startswith("DTSTART")] == days


@pytest.mark.django_db
def test_one_of_several(client: Client):
    answer = client.get(f"/rights/guarantee.ics?{CASES['guarantee']}&entry=liable_until")
    days = [value for name, value in read(answer.content.decode()) if name.startswith("DTSTART")]

    assert (days, answer["Content-Type"], answer["Content-Disposition"]) == (
        ["20301124"],
        "text/calendar; charset=utf-8",
        'attachment; filename="guarantee.ics"',
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["", "?market=DE", "?market=DE&concluded_on=x", f"?{CASES['withdrawal']}&entry=luck"]
)
def test_no_file_without_a_day(client: Client, query: str):
    assert client.get(f"/rights/withdrawal.ics{query}").status_code == 404
