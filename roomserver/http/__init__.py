"""HTTP beside the rooms: health, the platform's calls, the pages, and the development door."""
