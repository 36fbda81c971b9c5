"""What this app does when others announce news. Nobody lies below compliance, so there is nothing yet."""
