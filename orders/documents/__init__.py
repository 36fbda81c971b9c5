"""Papers on a durable medium: the contract with withdrawal instructions and model form, invoice, credit note.

Drawn with fpdf2 from what was frozen (never from today's catalogue), in the shopper's language, with
fonts of our own. The same content always gives the same bytes.
"""

from orders.documents.contract import contract_pdf
from orders.documents.credit_note import credit_note_pdf
from orders.documents.invoice import invoice_pdf

__all__ = ["contract_pdf", "credit_note_pdf", "invoice_pdf"]
