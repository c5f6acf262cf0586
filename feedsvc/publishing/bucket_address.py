"""Where a bucket is, and whether there are credentials for it."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from feedsvc.config import Publish
from feedsvc.errors import ConfigError

_URL = re.compile(r"s3://([A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9])(?:/(.*))?")
_PREFIX = re.compile(r"[A-Za-z0-9!_.*'()-]+(?:/[A-Za-z0-9!_.*'()-]+)*")
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
# One group of these is enough. obstore would ask the machine's own metadata service without
# them, and wait for that on every machine that has none: so that has to be named, too.
_CREDENTIALS = (
    ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI",),
    ("AWS_METADATA_ENDPOINT",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A bucket, a prefix in it ("" for none), and the service that has it."""

    bucket: str
    prefix: str
    endpoint: str
    region: str

    def __str__(self) -> str:
        """Return it as one writes it on the command line."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


def parse_address(
    url: str, settings: Publish, environment: Mapping[str, str] | None = None
) -> Address:
    """Read `s3://bucket/prefix`, with what the settings and the environment say of it.

    Raises:
        ConfigError: it is no such address, or the environment holds no credentials.
    """
    known = os.environ if environment is None else environment
    found = _URL.fullmatch(url)
    prefix = (found[2] or "").strip("/") if found else ""
    if not found or (prefix and not _is_prefix(prefix)):
        raise ConfigError(
            f"cannot publish to {url}: a bucket is named like s3://my-bucket/news; for services"
            " other than Amazon's set publish.endpoint too"
        )
    if not any(all(map(known.get, group)) for group in _CREDENTIALS):
        raise ConfigError(
            f"cannot publish to {url}: there are no credentials; set AWS_ACCESS_KEY_ID and"
            " AWS_SECRET_ACCESS_KEY in the environment (profiles in files are not read)"
        )
    region = settings.region or _first(known, _REGIONS) or "us-east-1"
    own = settings.endpoint or _first(known, _ENDPOINTS)
    endpoint = own or f"https://s3.{region}.amazonaws.com"
    return Address(bucket=found[1], prefix=prefix, endpoint=endpoint.rstrip("/"), region=region)


def _is_prefix(prefix: str) -> bool:
    """Whether every server and every browser reads a prefix the same way."""
    return bool(_PREFIX.fullmatch(prefix)) and not {".", ".."} & set(prefix.split("/"))


def _first(known: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((known[name] for name in names if known.get(name)), "")
