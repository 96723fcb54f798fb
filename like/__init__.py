"""Likes: hearts by the handful, told as one sum a few times a second."""
