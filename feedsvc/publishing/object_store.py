"""A bucket of an S3 service, as `bucket` needs it; obstore lives here.

Every write is conditional: it makes an object that is not there, or replaces exactly the one
that was seen. So two programs that publish to one bucket cannot overwrite each other unseen.
Short failures are tried again by obstore, with back-off and jitter.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import NoReturn

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import S3Store

from feedsvc.errors import ConflictError, UnavailableError
from feedsvc.publishing.bucket_address import Address

_REVISION, _DIGEST = "feedsvc-revision", "feedsvc-digest"
_CODE = re.compile(r"<Code>(\w+)</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
_REDIRECT = "redirect without LOCATION"  # how obstore says what S3 answers for a wrong region
_REMEDIES = {
    "silence": "{endpoint} does not answer; check publish.endpoint and the network",
    "NoSuchBucket": "there is no bucket {bucket}; make it, or correct the name",
    "AccessDenied": (
        "the access key may not do this with the bucket {bucket}; allow it s3:ListBucket on the"
        " bucket and s3:GetObject, s3:PutObject and s3:DeleteObject on what is in it"
    ),
    "InvalidAccessKeyId": "the access key is not known there; correct AWS_ACCESS_KEY_ID",
    "SignatureDoesNotMatch": (
        "the secret does not fit the access key; correct AWS_SECRET_ACCESS_KEY"
    ),
    "ExpiredToken": "the session has expired; get other credentials, and start again",
    "RequestTimeTooSkewed": (
        "the clock of this machine is too far from the server's; set it, as with"
        " 'timedatectl set-ntp true'"
    ),
    "PermanentRedirect": (
        "the bucket {bucket} is in another region than {region}; set publish.region"
    ),
    "NotImplemented": (
        "the server at {endpoint} does not know conditional writes (If-None-Match, If-Match),"
        " without which an old feed could replace a new one; take a newer version, or another"
    ),
}
_SAME_REMEDY = {
    "403": "AccessDenied",
    "AllAccessDisabled": "AccessDenied",
    "InvalidToken": "ExpiredToken",
    "301": "PermanentRedirect",
    "AuthorizationHeaderMalformed": "PermanentRedirect",
    "501": "NotImplemented",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An object as it is in the bucket.

    `tag` is the bucket's own entity tag of it. `digest` says what we wrote, bytes and
    headers; `revision` is the feed's. Both are None where we did not write it.
    """

    tag: str
    digest: str | None = None
    revision: int | None = None

    @property
    def is_ours(self) -> bool:
        """Whether we wrote it."""
        return self.digest is not None and self.revision is not None


class ObjectStore:
    """The objects below a prefix of a bucket. Names are relative to the prefix.

    Every method raises `UnavailableError` where the service cannot be used now, with a
    sentence that says what to do.
    """

    def __init__(self, address: Address, patience: timedelta = timedelta(seconds=30)) -> None:
        self._address = address
        self._store = S3Store(
            address.bucket,
            prefix=address.prefix or None,
            config={"region": address.region, "endpoint": address.endpoint},
            client_options={
                "allow_http": address.endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=5),
                "timeout": timedelta(seconds=30),
            },
            retry_config={
                "max_retries": 8,
                "retry_timeout": patience,
                "backoff": {
                    "init_backoff": timedelta(milliseconds=100),
                    "max_backoff": timedelta(seconds=5),
                    "base": 2,
                },
            },
        )

    def tags(self, folder: str) -> dict[str, str]:
        """Return the entity tag of every object in a folder, by name."""
        found: dict[str, str] = {}
        try:
            for page in obstore.list(self._store, folder):
                found |= {each["path"]: each["e_tag"] or "" for each in page}
        except (BaseError, OSError) as error:
            self._refuse(error)
        return found

    def look(self, name: str) -> Found | None:
        """Return what is known of one object, without its bytes; None if there is none."""
        try:
            seen = obstore.get(self._store, name, options={"head": True})
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            self._refuse(error)
        kept = seen.attributes
        revision = kept.get(_REVISION, "")
        return Found(
            tag=seen.meta["e_tag"] or "",
            digest=kept.get(_DIGEST),
            revision=int(revision) if re.fullmatch("[0-9]{1,18}", revision) else None,
        )

    def write(
        self,
        name: str,
        body: bytes,
        headers: Mapping[str, str],
        now: Found,
        over: Found | None,
    ) -> Found:
        """Make an object, or replace the one that was seen; return it with its new tag.

        Raises:
            ConflictError: something else is there by now.
        """
        attributes = {**headers, _REVISION: str(now.revision), _DIGEST: str(now.digest)}
        try:
            put = obstore.put(
                self._store,
                name,
                body,
                attributes=attributes,
                use_multipart=False,
                mode="create" if over is None else {"e_tag": over.tag},
            )
        except (AlreadyExistsError, PreconditionError) as error:
            raise ConflictError(f"{name} was changed by another program") from error
        except (BaseError, OSError) as error:
            self._refuse(error)
        return Found(tag=put["e_tag"] or "", digest=now.digest, revision=now.revision)

    def remove(self, name: str) -> None:
        """Remove an object; it is no error when there is none."""
        try:
            with suppress(FileNotFoundError):
                obstore.delete(self._store, name)
        except (BaseError, OSError) as error:
            self._refuse(error)

    def _refuse(self, error: Exception) -> NoReturn:
        raise UnavailableError(
            f"cannot publish to {self._address}: {self._reason(str(error))}"
        ) from error

    def _reason(self, message: str) -> str:
        found = [each[1] for each in (_CODE.search(message), _STATUS.search(message)) if each]
        for said in (*found, "301" if _REDIRECT in message else "", "" if found else "silence"):
            if remedy := _REMEDIES.get(_SAME_REMEDY.get(said, said)):
                return remedy.format(
                    bucket=self._address.bucket,
                    region=self._address.region,
                    endpoint=self._address.endpoint,
                )
        return f"{self._address.endpoint} answered {' '.join(found)}; try again later"
