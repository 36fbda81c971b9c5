"""The law in use: the release's rulebook with what officers confirmed, corrected, switched off or added."""
