"""What this app does when others announce news. Idempotent: news may come twice."""
