"""zstd (RFC 8878), of Python itself from 3.14 on, before that of its twin in the registry."""

import sys

if sys.version_info >= (3, 14):  # pragma: no cover - one of the two, by Python's version
    from compression.zstd import (
        CompressionParameter,
        DecompressionParameter,
        Strategy,
        ZstdDict,
        ZstdError,
        compress,
        decompress,
    )
else:  # pragma: no cover
    from backports.zstd import (
        CompressionParameter,
        DecompressionParameter,
        Strategy,
        ZstdDict,
        ZstdError,
        compress,
        decompress,
    )

__all__ = [
    "CompressionParameter",
    "DecompressionParameter",
    "Strategy",
    "ZstdDict",
    "ZstdError",
    "compress",
    "decompress",
]
