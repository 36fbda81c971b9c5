"""Tables of complaints."""

from complaints.models.clocks import CalendarVersion, Clock, Escalation, PolicyVersion
from complaints.models.desk import Agent, Draft, Macro, Presence, SavedView
from complaints.models.issues import Issue, IssueTicket
from complaints.models.letters import IncomingLetter, Letter
from complaints.models.redress import Decision, Offer, Rating, Referral, Room, Settlement
from complaints.models.tickets import Attachment, Message, Ticket, TicketEvent, TicketLink

__all__ = [
    "Agent",
    "Attachment",
    "CalendarVersion",
    "Clock",
    "Decision",
    "Draft",
    "Escalation",
    "IncomingLetter",
    "Issue",
    "IssueTicket",
    "Letter",
    "Macro",
    "Message",
    "Offer",
    "PolicyVersion",
    "Presence",
    "Rating",
    "Referral",
    "Room",
    "SavedView",
    "Settlement",
    "Ticket",
    "TicketEvent",
    "TicketLink",
]
