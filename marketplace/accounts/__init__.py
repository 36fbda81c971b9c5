"""Who people are: users and their roles, merchants and their staff, addresses, sign-in, and where they shop from.

It does not own what they do: listings, orders and complaints live in their own apps.
"""
