"""Rows of hubs: what others are to be told, and who has subscribed to ours."""
