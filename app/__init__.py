"""What the platform's own back end shows in a room: product cards, order notices; shown, never stored."""
