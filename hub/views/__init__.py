"""The pages of hub."""
