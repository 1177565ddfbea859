"""A member's way: transfers, leave, return, retirement, merged duplicates."""
