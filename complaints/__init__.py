"""Tickets with clocks, an escalation ladder, a decision and a way out across the border."""
