"""What peers run: the least applications that do a feed service's work in other ways.

Each is a program of its own, for an environment without feedsvc; `BENCH_FOLDER` has its data.
"""
