"""The tables of every wing, so that Django finds them."""

from compliance.checks.models import CheckRun, Clearance, Finding, Judgement
from compliance.edition.models import RuleChange
from compliance.enforcement.models import Appeal, Exemption, Measure, Suspension
from compliance.radar.models import RadarDay
from compliance.simulator.models import Effect, LawNotice, SalesShare, Simulation

__all__ = [
    "Appeal",
    "CheckRun",
    "Clearance",
    "Effect",
    "Exemption",
    "Finding",
    "Judgement",
    "LawNotice",
    "Measure",
    "RadarDay",
    "RuleChange",
    "SalesShare",
    "Simulation",
    "Suspension",
]
