"""What the public reports about a site, from the finder and from the door."""
