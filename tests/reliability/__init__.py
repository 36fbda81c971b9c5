"""The fault table: whatever dies, however often it is told, whatever the clock says, nothing is lost and nothing twice.

Against the real database and broker, with real processes that are really killed. Sizes are for every day;
RIGHTFUL_BACKLOG=50000 asks for the big ones.
"""
