"""Who is on stage with the host: seats, invitations, and whose picture is shown where."""
