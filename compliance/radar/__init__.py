"""The radar: open findings by law, market, merchant, category, severity and age, with the sales at risk."""
