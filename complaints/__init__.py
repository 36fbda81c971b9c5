"""Complaints: tickets with clocks, the agents' desk, escalation, decisions, referral and feedback.

Owns what a complainant says and what becomes of it. Knows orders, listings and merchants only by their public
ids and asks the lower apps about them; moves money and goods only through their operations.
"""
