"""What changes on day X: the live catalogue judged by another day's law, or by law that is only drafted."""
