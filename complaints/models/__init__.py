"""Tables of complaints."""

from complaints.models.cases import CaseDecision
from complaints.models.clocks import CalendarVersion, Clock, Escalation, PolicyVersion, Sweep
from complaints.models.desk import Agent, Draft, Macro, Presence, SavedView, Undo
from complaints.models.gestures import Gesture
from complaints.models.issues import Issue, IssueTicket
from complaints.models.letters import IncomingLetter, Letter
from complaints.models.notices import Notice
from complaints.models.redress import Decision, Offer, Rating, Referral, Room, Settlement
from complaints.models.suggestions import Suggestion, Vote
from complaints.models.tickets import Attachment, Message, Ticket, TicketEvent, TicketLink

__all__ = [
    "Agent",
    "Attachment",
    "CalendarVersion",
    "CaseDecision",
    "Clock",
    "Decision",
    "Draft",
    "Escalation",
    "Gesture",
    "IncomingLetter",
    "Issue",
    "IssueTicket",
    "Letter",
    "Macro",
    "Message",
    "Notice",
    "Offer",
    "PolicyVersion",
    "Presence",
    "Rating",
    "Referral",
    "Room",
    "SavedView",
    "Settlement",
    "Suggestion",
    "Sweep",
    "Ticket",
    "TicketEvent",
    "TicketLink",
    "Undo",
    "Vote",
]
