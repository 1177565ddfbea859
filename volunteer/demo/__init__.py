"""An invented district to try everything with: values only, the same for the same seed."""
