"""Reads of what comes after the sale: frozen views for edges and upper apps."""
