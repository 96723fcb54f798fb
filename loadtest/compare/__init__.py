"""`python -m loadtest compare`: this server beside what else a team would pick, in one run on one machine."""
