"""Reads of the catalogue: querysets and frozen view objects."""
