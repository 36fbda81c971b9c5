"""The marketplace's own promises after the sale, where the law names no number. Legal numbers are not here."""

from datetime import timedelta

ANSWER_LOSS = timedelta(days=7)  # for the shopper, to answer a loss of value that the merchant claims
INSPECT_WITHIN = timedelta(days=3)  # for the merchant, after a return arrived
LABEL_WITHIN = timedelta(days=1)  # for the merchant, to give a label for a return that it pays
IDENTITY_KEPT = timedelta(hours=2)  # how long order number and e-mail open the declaration
GUESSES_PER_HOUR = 20  # tries to name an order, by one address
EVIDENCE_BYTES = 8 * 1024 * 1024
LABEL_PAID = timedelta(days=3)  # for the price of a label that was paid for and not used
CLAIM_ANSWER = timedelta(days=7)  # for the seller, to answer a claim
CLAIM_DECIDE = timedelta(
    days=5
)  # for the platform, to decide a claim that the seller let lie or that is disputed
CLAIM_REST = timedelta(days=14)  # for the shopper, before an offer or a refusal rests; nothing is lost by it
ARRIVES_WITHIN = timedelta(days=30)  # after a proven sending: a seller that says nothing until then has it
REFUND_SOON = timedelta(days=3)  # after the goods are back, where the law names no number of days
REMEDY_WITHIN = timedelta(days=14)  # for the seller, to repair, replace or send
CLAIM_PAID = timedelta(days=3)  # for money of a claim, where the law names no number of days
ADDITIONAL_PERIOD = timedelta(
    days=10
)  # what the page proposes to the shopper; the law asks for an appropriate one
EXCHANGE_DAYS = 30  # after delivery, where the seller promises nothing else
EXCHANGE_PAY = timedelta(days=2)  # for the shopper, to pay a difference
EXCHANGE_BACK = timedelta(days=14)  # for the shopper, to send the piece back; the new one is held until then
EXCHANGE_ON_THE_WAY = timedelta(days=14)  # how much longer it is held once the piece is on its way
EXCHANGE_SHIP = timedelta(days=3)  # for the seller, to send the new piece
EXCHANGE_OVERDUE = timedelta(days=7)  # after that day, before an exchange that was never sent ends by itself
EXCHANGE_PAID = timedelta(days=3)  # for a difference that comes back
VIDEO_BYTES = 40 * 1024 * 1024
FILES_PER_CLAIM = 6
