"""Writes of complaints: what edges may call."""

from complaints.operations.deciding import Verdict, agree, decide, needs_agreement
from complaints.operations.desk import (
    agent_of,
    assign,
    claim,
    look_at,
    next_ticket,
    set_presence,
    spread,
)
from complaints.operations.policies import load_promises, policy_for
from complaints.operations.sweeping import carry_out, database_time, find_drift, sweep_clocks
from complaints.operations.tickets import (
    Complaint,
    acknowledge,
    change_ticket,
    keep_draft,
    link,
    merge,
    open_complaint,
    say,
    split,
    take_step,
    wait,
)

__all__ = [
    "Complaint",
    "Verdict",
    "acknowledge",
    "agent_of",
    "agree",
    "assign",
    "carry_out",
    "change_ticket",
    "claim",
    "database_time",
    "decide",
    "find_drift",
    "keep_draft",
    "link",
    "load_promises",
    "look_at",
    "merge",
    "needs_agreement",
    "next_ticket",
    "open_complaint",
    "policy_for",
    "say",
    "set_presence",
    "split",
    "spread",
    "sweep_clocks",
    "take_step",
    "wait",
]
