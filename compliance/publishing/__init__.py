"""The law as pages and feeds for everybody: made from the rulebook alone, without a query, kept by its version."""
