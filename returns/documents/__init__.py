"""Papers after the sale: the receipt of a declaration, the label of a return."""

from returns.documents.label import label_pdf
from returns.documents.receipt import receipt_pdf

__all__ = ["label_pdf", "receipt_pdf"]
