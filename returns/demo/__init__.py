"""The demo's purchases: orders in every stage, what came back, what buyers say."""
