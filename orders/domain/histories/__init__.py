"""Orders of other shops, read as history: every row of every file is taken or refused, everything odd is listed.

History binds nobody: there is no contract of ours, no right that runs, no money. It is there to be looked into,
by a merchant who moves here and by whoever checks the numbers.
"""

from orders.domain.histories.olist import read_olist
from orders.domain.histories.shapes import FileCount, History, Oddity, OldLine, OldOrder, Unreadable
from orders.domain.histories.uci import read_uci

__all__ = [
    "FileCount",
    "History",
    "Oddity",
    "OldLine",
    "OldOrder",
    "Unreadable",
    "read_olist",
    "read_uci",
]
