"""Another program hears of each result: a JSON message by HTTP, signed, and sent until it says yes."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from pathlib import Path

from deepvein.node.parcel import Accepted, Parcel
from deepvein.node.secret import read_secret
from deepvein.node.unreachable import why

TIMESTAMP, SIGNATURE = "X-Deepvein-Timestamp", "X-Deepvein-Signature"


@dataclass(frozen=True)
class WebhookSettings:
    """Who hears of results.

    secret_file: holds the secret that both sides know. ca: PEM file in place of the system's authorities.
    """

    name: str
    url: str
    secret_file: Path
    ca: Path | None = None
    timeout_s: float = 30.0


@dataclass(frozen=True)
class Webhook:
    """Tells one program."""

    settings: WebhookSettings

    @property
    def name(self) -> str:
        """The destination's name in the settings."""
        return self.settings.name

    @property
    def takes_objects(self) -> bool:
        """It only hears of them."""
        return False

    @property
    def commits(self) -> bool:
        """It keeps nothing."""
        return False

    def send(self, parcel: Parcel, accepted: Accepted) -> str:
        """Post the message; see `Destination`. The same result carries the same `result`, however often."""
        import requests

        del accepted
        body = json.dumps(
            {
                "event": "result",
                "result": parcel.result,
                "study_uid": parcel.study_uid,
                "accession_number": parcel.accession_number,
                "verdict": parcel.verdict,
                "probability": parcel.probability,
                "findings": parcel.findings,
            }
        ).encode()
        moment = str(int(time.time()))
        secret = read_secret(self.settings.secret_file)
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP: moment,
            SIGNATURE: signature(secret, moment, body),
        }
        try:
            answer = requests.post(
                self.settings.url,
                data=body,
                headers=headers,
                timeout=self.settings.timeout_s,
                verify=True if self.settings.ca is None else str(self.settings.ca),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            return f"{self.name} could not be reached ({why(error)})"
        said_yes = 200 <= answer.status_code < 300
        return "" if said_yes else f"{self.name} answered {answer.status_code}"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What a receiver computes too: HMAC-SHA-256 over timestamp, a dot and the body, as "sha256=<hex>"."""
    message = timestamp.encode() + b"." + body
    return f"sha256={hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()}"
