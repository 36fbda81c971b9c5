"""Merchants' listings: what is offered, by whom, at what price, to which markets, and how it is found.

It owns categories, listings with their texts, variants, offers, price history, stock and reservations,
pictures, documents, imports and exports, and the search. It does not own orders or the law.
"""
