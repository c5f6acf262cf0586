"""How much of a request is read, and how the server tells the application of more than that."""

MAX_BODY = 24 * 2**20  # bytes
# In the environment of a request whose body was longer and has been thrown away: the bytes that
# it was said to have, 0 where nobody said. There is nothing to read, and nothing may be done.
TOO_LARGE = "feedsvc.too_large"
