"""What `make bench` runs. Every figure is a ratio inside one run on one machine."""
