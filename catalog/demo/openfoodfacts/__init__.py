"""Real foods from Open Food Facts, kept apart under their own licence; see LICENCE.md."""
