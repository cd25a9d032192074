"""The demo: a throw-away world, its people with keys made on the spot, and a story told with the real commands."""
