"""The tables of every wing, so that Django finds them."""

from compliance.checks.models import CheckRun, Clearance, Finding, Judgement
from compliance.edition.models import RuleChange
from compliance.radar.models import RadarDay
from compliance.simulator.models import Effect, LawNotice, SalesShare, Simulation

__all__ = [
    "CheckRun",
    "Clearance",
    "Effect",
    "Finding",
    "Judgement",
    "LawNotice",
    "RadarDay",
    "RuleChange",
    "SalesShare",
    "Simulation",
]
