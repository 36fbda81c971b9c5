"""What may follow what after the sale. Each table maps (state, action) to the next state; what is not in it is refused."""

from __future__ import annotations

from orders.domain.states import Table, may, next_state

__all__ = ["Table", "may", "next_state"]

WITHDRAWAL_STATES = ("unmatched", "open", "settled", "closed")
WITHDRAWAL: Table = {
    ("unmatched", "match"): "open",  # staff found the order it means
    ("unmatched", "close"): "closed",  # nobody's order; the sender was told
    ("open", "settle"): "settled",  # everything it brings about is done
    ("settled", "reopen"): "open",  # a line was granted after all
}

# A declaration is never refused; each of its lines is judged, and a judgement can be disputed.
DECLARED_STATES = ("unjudged", "effective", "ineffective", "disputed", "granted", "upheld")
DECLARED: Table = {
    ("unjudged", "take_effect"): "effective",
    ("unjudged", "fail"): "ineffective",
    ("effective", "fall"): "ineffective",  # the proof of an exception came with the goods: a seal was broken
    ("ineffective", "dispute"): "disputed",
    ("ineffective", "grant"): "granted",
    ("disputed", "grant"): "granted",
    ("disputed", "uphold"): "upheld",
    ("upheld", "grant"): "granted",
}
BINDING = ("effective", "granted")  # the contract has ended for these pieces

RETURN_STATES = (
    "announced", "label_issued", "in_transit", "received", "inspected", "closed", "cancelled", "lost",
)  # fmt: skip
RETURN: Table = {
    ("announced", "issue_label"): "label_issued",
    ("announced", "dispatch"): "in_transit",  # carried by the shopper's own means
    ("announced", "receive"): "received",
    ("announced", "cancel"): "cancelled",
    ("label_issued", "issue_label"): "label_issued",  # another way to send it
    ("label_issued", "dispatch"): "in_transit",
    ("label_issued", "receive"): "received",
    ("label_issued", "cancel"): "cancelled",
    ("in_transit", "receive"): "received",
    ("in_transit", "lose"): "lost",
    ("received", "receive"): "received",  # the rest came in another parcel
    ("received", "inspect"): "inspected",
    ("inspected", "receive"): "received",
    ("inspected", "close"): "closed",
    ("lost", "receive"): "received",  # it turned up
    ("lost", "close"): "closed",
    ("closed", "receive"): "received",
    ("cancelled", "receive"): "received",  # it was sent all the same
}
RETURN_OPEN = ("announced", "label_issued", "in_transit", "received", "inspected")
RETURN_RANK = {state: rank for rank, state in enumerate(RETURN_STATES)}

# The first axis of a unit: what became of it on the way.
RECEPTION_STATES = (
    "awaiting", "received", "wrong_item", "empty_box", "missing", "lost", "excess", "sent_back", "cancelled",
)  # fmt: skip
RECEPTION: Table = {
    ("awaiting", "receive"): "received",
    ("awaiting", "find_wrong"): "wrong_item",
    ("awaiting", "find_empty"): "empty_box",
    ("awaiting", "miss"): "missing",
    ("awaiting", "lose"): "lost",
    ("awaiting", "cancel"): "cancelled",
    ("missing", "receive"): "received",
    ("missing", "find_wrong"): "wrong_item",
    ("missing", "find_empty"): "empty_box",
    ("lost", "receive"): "received",
    ("cancelled", "receive"): "received",
    ("wrong_item", "receive"): "received",  # the right one came after all
    ("wrong_item", "send_back"): "sent_back",
    ("empty_box", "receive"): "received",
    ("received", "hand_back"): "sent_back",  # the seal was broken: it stays the shopper's
    ("excess", "receive"): "received",  # counted as sent back after all
    ("excess", "send_back"): "sent_back",
}
HERE = ("received",)

# The second axis: what the inspection says.
ACCEPTANCE_STATES = ("pending", "accepted", "rejected", "manual")
ACCEPTANCE: Table = {
    ("pending", "accept"): "accepted",
    ("pending", "reject"): "rejected",
    ("pending", "refer"): "manual",
    ("manual", "accept"): "accepted",
    ("manual", "reject"): "rejected",
    ("rejected", "accept"): "accepted",  # after the shopper's answer
}
GRADES = ("A", "B", "C", "D")  # as new, opened, to be refurbished, scrap
RESELLABLE_GRADES = ("A", "B")

PARCEL_STATES = ("booked", "in_transit", "delivered", "lost", "cancelled")
PARCEL: Table = {
    ("booked", "dispatch"): "in_transit",
    ("booked", "deliver"): "delivered",  # the last scan came before the first
    ("booked", "cancel"): "cancelled",
    ("in_transit", "deliver"): "delivered",
    ("in_transit", "lose"): "lost",
    ("lost", "deliver"): "delivered",
    ("cancelled", "dispatch"): "in_transit",  # used all the same
    ("cancelled", "deliver"): "delivered",
}

OWED_STATES = ("waiting", "held", "due", "requested", "paid", "void")
OWED: Table = {
    ("waiting", "release"): "due",  # the goods or the proof came: nothing may be held back any more
    ("waiting", "void"): "void",
    ("held", "release"): "due",  # a loss of value that was claimed and does not stand
    ("held", "void"): "void",
    ("due", "request"): "requested",
    ("due", "void"): "void",
    ("requested", "pay"): "paid",
    ("requested", "fail"): "due",
    ("paid", "fail"): "due",  # the money came back: the card was closed
}
OWED_LIVE = ("waiting", "held", "due", "requested", "paid")

LOSS_KINDS = ("worn", "seal")  # worth less; or not to be sent back at all, because its seal was broken
LOSS_STATES = ("claimed", "agreed", "contested", "silent", "upheld", "dropped")
LOSS: Table = {
    ("claimed", "agree"): "agreed",
    ("claimed", "contest"): "contested",
    ("claimed", "lapse"): "silent",  # no answer in time: the evidence stands, and can still be disputed
    ("claimed", "drop"): "dropped",
    ("silent", "contest"): "contested",
    ("silent", "uphold"): "upheld",
    ("silent", "drop"): "dropped",
    ("contested", "uphold"): "upheld",
    ("contested", "drop"): "dropped",
}
