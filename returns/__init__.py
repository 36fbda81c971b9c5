"""What goes back: withdrawals, claims, exchanges, return parcels, refunds. It does not own the order itself."""
