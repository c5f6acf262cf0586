"""The story of an article, one module a step."""
