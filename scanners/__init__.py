"""The station terminal: reads cards, keeps every scan, sends it, shows the answer. It holds no rules."""

__version__ = "1.0.0"
