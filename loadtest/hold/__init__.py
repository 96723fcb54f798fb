"""`python -m loadtest hold`: what a room still holds for everybody while some attack it, and while it is overloaded."""
