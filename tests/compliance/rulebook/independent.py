"""A second calculator, written from the acts and the collected law, sharing no code with the product.

Everything here is spelled out the slow way: days are walked one by one, the figures stand beside
their citation, hours are counted minute by minute. It must not import anything of the product.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

ONE = timedelta(days=1)
UNION = [
    "AT",
    "BE",
    "BG",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GR",
    "HR",
    "HU",
    "IE",
    "IT",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
    "PL",
    "PT",
    "RO",
    "SE",
    "SI",
    "SK",
]  # Member States of the European Union


# ---- calendars: public holidays of the country; China's State Council moves weekends to work


@cache
def _holidays(country: str, year: int) -> tuple[frozenset[date], frozenset[date]]:
    name, _, part = country.partition("-")
    if name == "GB":
        part = "ENG"
    found = holidays.country_holidays(name, subdiv=part or None, years=year)
    return frozenset(day for day in found if day.year == year), frozenset(found.weekend_workdays)


def weekend(country: str, day: date) -> bool:
    """Friday and Saturday in Saudi Arabia since 2013, Saturday and Sunday in the other places asked about."""
    return day.isoweekday() in ((5, 6) if country == "SA" else (6, 7))


def holiday(country: str, day: date) -> bool:
    return day in _holidays(country, day.year)[0]


def works(country: str, day: date) -> bool:
    if day in _holidays(country, day.year)[1]:
        return True
    return not weekend(country, day) and not holiday(country, day)


# ---- the regimes


def days_later(day: date, number: int) -> date:
    """The day of the event is not counted; each day after it is."""
    for _ in range(number):
        day += ONE
    return day


def months_later(day: date, number: int) -> date:
    """The same date so many months on; if the month lacks it, its last day (Reg. 1182/71 Art. 3(2)(c))."""
    year, month = day.year, day.month
    for _ in range(number):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def next_working(country: str, day: date) -> date:
    while not works(country, day):
        day += ONE
    return day


def union(country: str, event: date, end: date) -> date:
    """Reg. 1182/71: the end moves off a free day (Art. 3(4)); two working days at least (Art. 3(5))."""
    end = next_working(country, end)
    if (end - event).days >= 2:
        while sum(works(country, event + i * ONE) for i in range(1, (end - event).days + 1)) < 2:
            end = next_working(country, end + ONE)
    return end


def civil(country: str, event: date, end: date) -> date:
    """Civil codes: a last day that is free moves on to the next working day."""
    return next_working(country, end)


def sunday_or_holiday(country: str, event: date, end: date) -> date:
    """South Africa, Interpretation Act s. 4: only a Sunday or public holiday at the end is left out."""
    while end.isoweekday() == 7 or holiday(country, end):
        end += ONE
    return end


def stays(country: str, event: date, end: date) -> date:
    return end


def working_days(country: str, event: date, number: int) -> date:
    day = event
    while number:
        day += ONE
        number -= works(country, day)
    return day


# ---- change of mind


@dataclass(frozen=True)
class Regret:
    """Days, how the end moves, and by how many months a buyer who was not told has longer."""

    days: int
    end: Callable[[str, date, date], date]
    untold_months: int = 0
    extra: tuple[tuple[str, Any], ...] = ()


REGRET: dict[str, Regret] = {
    **dict.fromkeys(UNION, Regret(14, union, 12)),  # Directive 2011/83/EU Arts. 9(1), 10(1)
    "NO": Regret(14, union, 12),  # angrerettloven s. 21
    "IS": Regret(14, union, 12),
    "LI": Regret(14, union, 12),
    "GB": Regret(14, stays, 12),  # Consumer Contracts Regulations 2013 regs. 30, 31: no roll
    "CN": Regret(7, civil),  # CRPL Art. 25, Civil Code Arts. 201, 203
    "KR": Regret(7, civil),  # E-Commerce Act Art. 17(1), Civil Act Arts. 157, 161
    "BR": Regret(7, civil),  # CDC Art. 49
    "TR": Regret(14, civil, 12),  # Law 6502 Art. 48, Distance Contracts Regulation Art. 10
    "ZA": Regret(7, sunday_or_holiday),  # ECTA s. 44
    "SA": Regret(7, stays),  # E-Commerce Law Art. 13
}


def withdrawal(market: str, received: date, *, told: bool) -> date:
    """Return the last day to change one's mind about goods bought online."""
    law = REGRET[market]
    if market == "ZA" and not told:  # ECTA s. 43(3): fourteen days of receipt where disclosures are missing
        return law.end(market, received, days_later(received, 14))
    end = law.end(market, received, days_later(received, law.days))
    if not told and law.untold_months:
        end = law.end(market, end, months_later(end, law.untold_months))
    return end


def withdrawal_jp(received: date) -> date:
    """SCTA Art. 15-3: eight days, the day of receipt is the first."""
    return days_later(received, 7)


def withdrawal_mx(delivered: date) -> date:
    """LFPC Art. 56: five business days."""
    return working_days("MX", delivered, 5)


# ---- money back: market -> (what starts it, days, working days, end)

REFUND: dict[str, tuple[str, int, bool, Callable[[str, date, date], date]]] = {
    **dict.fromkeys(UNION, ("declared_on", 14, False, union)),  # Directive 2011/83/EU Art. 13(1)
    "NO": ("declared_on", 14, False, union),
    "GB": ("goods_back_on", 14, False, stays),  # CCR reg. 34(5)
    "CN": ("goods_back_on", 7, False, stays),  # CRPL Art. 25
    "KR": ("goods_back_on", 3, True, stays),  # E-Commerce Act Art. 18(2)
    "TR": ("goods_back_on", 14, False, stays),  # Distance Contracts Regulation Art. 12
    "ZA": ("cancelled_on", 30, False, stays),  # ECTA s. 44
    "SA": ("declared_on", 14, False, stays),  # Implementing Regulations
}


def refund(market: str, start: date) -> date:
    """Return the day by which the seller pays back, the goods being back in time."""
    _, number, working, end = REFUND[market]
    if working:
        return working_days(market, start, number)
    return end(market, start, days_later(start, number))


def send_back(market: str, declared: date) -> date:
    """Return the day by which the goods go back."""
    if market == "GB":  # CCR reg. 35
        return days_later(declared, 14)
    if market == "TR":  # Distance Contracts Regulation Art. 13
        return civil(market, declared, days_later(declared, 10))
    return union(market, declared, days_later(declared, 14))  # Directive 2011/83/EU Art. 14(1)


def deliver_by(market: str, concluded: date) -> date:
    """Return the day by which goods arrive if no day was agreed."""
    if market in UNION:  # Directive 2011/83/EU Art. 18(1); its recital 41
        return union(market, concluded, days_later(concluded, 30))
    return days_later(
        concluded, 15 if market == "SA" else 30
    )  # CRA s. 28, ECTA s. 46, TR Reg. Art. 16; SA Art. 14


# ---- faults: years that the seller answers for new goods

LIABLE = {
    **dict.fromkeys(UNION, 2),  # Directive (EU) 2019/771 Art. 10(1)
    "ES": 3,
    "PT": 3,
    "SE": 3,  # TRLGDCU 120, DL 84/2021, SFS 2022:260
    "NO": 2,
    "CH": 2,
    "TR": 2,
}
for _open in ("FI", "NL", "IE"):  # no fixed end, or a limitation period
    del LIABLE[_open]


def liable_until(market: str, delivered: date) -> date:
    """Return the last day of the guarantee; it does not roll."""
    return months_later(delivered, 12 * LIABLE[market])


# ---- duties of traders, platforms and authorities, by the row of the collected law

DEADLINES: dict[str, Callable[[str, date], date]] = {
    "eu.gdpr.request.deadline": lambda m, d: union(m, d, months_later(d, 1)),
    "eu.gpsr.marketplace.order": lambda m, d: working_days(m, d, 2),
    "eu.gpsr.marketplace.notice": lambda m, d: working_days(m, d, 3),
    "eu.dsa.ods.decision": lambda m, d: union(m, d, days_later(d, 90)),
    "eu.p2b.terms.change": lambda m, d: union(m, d, days_later(d, 15)),
    "eu.p2b.termination": lambda m, d: union(m, d, days_later(d, 30)),
}
NATIONAL: dict[tuple[str, str], Callable[[date], date]] = {
    ("US-CA", "us-ca.ccpa.optout"): lambda d: working_days("US-CA", d, 15),
    ("US", "us.inform.suspend"): lambda d: days_later(d, 10),
    ("KR", "kr.ecom.broker"): lambda d: working_days("KR", d, 3),
    ("CN", "cn.12315.complaint"): lambda d: working_days("CN", d, 7),
    ("CN", "cn.ecl.ip_notice"): lambda d: days_later(d, 15),
    ("CN", "cn.livestream"): lambda d: working_days("CN", d, 5),
    ("CN", "cn.pipl.requests"): lambda d: working_days("CN", d, 15),
    ("NZ", "nz.fta.recall"): lambda d: working_days("NZ", d, 2),
    ("NZ", "nz.privacy"): lambda d: working_days("NZ", d, 20),
    ("BR", "br.ecom.response"): lambda d: days_later(d, 5),
    ("BR", "br.consumidor"): lambda d: days_later(d, 10),
    ("JP", "jp.ps.accident"): lambda d: days_later(d, 10),
    ("GB", "uk.duaa.complaint"): lambda d: days_later(d, 30),
}
HOURS = {  # by the clock, through weekends
    "DE": ("eu.gdpr.breach.notice", 72),
    "IE": ("eu.gdpr.breach.notice", 72),
    "IN": ("in.ecom.grievance", 48),
    "TR": ("tr.privacy.breach_notice", 72),
    "VN": ("vn.pdp", 72),
}


def hours_later(start: datetime, hours: int) -> datetime:
    return datetime.fromtimestamp(start.timestamp() + hours * 3600, UTC)


def us_hours_later(start: datetime, hours: int) -> datetime:
    """16 CFR 1115.14(a): weekends and holidays stand outside; minute by minute."""
    place, left, now = ZoneInfo("America/New_York"), hours * 60, start.astimezone(UTC)
    while left:
        left -= works("US", now.astimezone(place).date())
        now += timedelta(minutes=1)
    return now


def clock_due(
    zone: str, weekly: dict[int, list[tuple[int, int]]], start: datetime, minutes: int,
    pauses: list[tuple[datetime, datetime]],
) -> datetime:  # fmt: skip
    """A promise in open minutes: walk minute by minute, count those in a window and in no pause."""
    place, now, left = ZoneInfo(zone), start.astimezone(UTC), minutes
    while left:
        local = now.astimezone(place)
        at = local.hour * 60 + local.minute
        is_open = any(begins <= at < ends for begins, ends in weekly.get(local.weekday(), []))
        left -= is_open and not any(begins <= now < ends for begins, ends in pauses)
        now += timedelta(minutes=1)
    return now
