"""Measures against listings: every one with a statement of reasons, an appeal, and an end when its cause is gone."""
