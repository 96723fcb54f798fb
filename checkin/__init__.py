"""Daily check-in: a credited day, the streak that days make, and what they earn."""
