"""A desk that is not empty: agents with their languages, and complaints as people write them, in every state."""
