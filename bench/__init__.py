"""Measurements of feedsvc beside what else would do its work, as ratios within one run.

`make bench` measures everything and writes a table and plots; `make bench ARGS="requests
--quick"` a part of it. One module is one subject: see `parts`.
"""
