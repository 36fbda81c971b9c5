"""The pages of what was bought."""
