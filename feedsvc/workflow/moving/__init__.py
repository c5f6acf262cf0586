"""Moving in and out: other programs' articles are taken over, ours are written out."""
