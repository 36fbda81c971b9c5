"""A merchant's listings as files: our own CSV and JSON, which the import takes back, and a Google Merchant feed."""
