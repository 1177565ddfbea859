"""Loading the invented district: places and people, a year of scans, and what people did with them."""
