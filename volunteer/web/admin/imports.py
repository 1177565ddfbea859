"""Workbooks read in, step by step."""
