"""Rows of moving in and out: what came from elsewhere, and everything that goes along."""
