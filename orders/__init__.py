"""From the basket to the delivered parcel: checkout, payment, orders, parcels, documents.

It owns what was agreed and what was paid: baskets, checkouts, order groups, orders, lines, contract
snapshots, payments, invoices, parcels. It does not own what goes back: that is `returns`.
"""
