"""Articles in order, for feeds, archives, pages and maps: each list one range of one index."""
