"""The marketplace's own promises after the sale, where the law names no number. Legal numbers are not here."""

from datetime import timedelta

ANSWER_LOSS = timedelta(days=7)  # for the shopper, to answer a loss of value that the merchant claims
INSPECT_WITHIN = timedelta(days=3)  # for the merchant, after a return arrived
LABEL_WITHIN = timedelta(days=1)  # for the merchant, to give a label for a return that it pays
IDENTITY_KEPT = timedelta(hours=2)  # how long order number and e-mail open the declaration
GUESSES_PER_HOUR = 20  # tries to name an order, by one address
EVIDENCE_BYTES = 8 * 1024 * 1024
