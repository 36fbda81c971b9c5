"""Reads of the order's life: frozen views for pages and the API, and lookups for operations."""
