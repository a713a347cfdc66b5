"""Sends a prompt to a language model behind any OpenAI-compatible address; whatever goes wrong is a sentence.

Where to send is read from the environment, and nothing is sent before somebody asks for it:

- WHYMOL_LLM_MODEL names the model.
- WHYMOL_LLM_URL is the server's address, such as http://localhost:11434/v1; without it, OpenAI's own.
- WHYMOL_LLM_KEY is the key. Where the address is OpenAI's, OPENAI_API_KEY serves too; it goes nowhere else. A server on
  this machine needs none.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from concepts.hypotheses.prompt import SCHEMA, Prompt

OPENAI: Final = "https://api.openai.com/v1"
SECONDS: Final = 60.0
"""How long to wait for the server."""
LONGEST_ANSWER: Final = 200_000
"""Characters; a longer answer is none that was asked for."""


class Reason(StrEnum):
    """Why there is no answer."""

    NOT_SET_UP = "not_set_up"
    NO_KEY = "no_key"
    KEY_REFUSED = "key_refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    RATE_LIMIT = "rate_limit"
    NOT_FOUND = "not_found"
    SERVER_ERROR = "server_error"
    REFUSED = "refused"
    CUT_SHORT = "cut_short"
    BAD_JSON = "bad_json"
    MISSING_FIELDS = "missing_fields"


@dataclass(frozen=True, slots=True)
class NoHypothesis:
    """A request that brought no hypothesis, or no other answer that was asked for."""

    reason: Reason
    sentence: str
    """For people. It never holds the key, nor text from the server."""


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """Where prompts are sent."""

    url: str
    """Base address, up to and with /v1 or its like."""
    model: str
    key: str = field(repr=False)
    seconds: float = SECONDS
    """How long to wait."""


def language_model(environment: Mapping[str, str] | None = None) -> LanguageModel | NoHypothesis:
    """The language model that the environment names, or what is missing; nothing is sent.

    Parameters
    ----------
    environment
        Instead of the process's own.
    """
    given = os.environ if environment is None else environment
    url = given.get("WHYMOL_LLM_URL", "").strip() or OPENAI
    model = given.get("WHYMOL_LLM_MODEL", "").strip()
    key = given.get("WHYMOL_LLM_KEY", "").strip()
    host = _host(url)
    if host is None:
        return NoHypothesis(
            Reason.NOT_SET_UP, "WHYMOL_LLM_URL is no address; expected http:// or https://, a host, and no user name."
        )
    if not key and host == _host(OPENAI) and url.startswith("https://"):
        key = given.get("OPENAI_API_KEY", "").strip()
    if not key and not _on_this_machine(host):
        return NoHypothesis(
            Reason.NO_KEY,
            "No key is set, so nothing was sent; expected in WHYMOL_LLM_KEY, or for OpenAI in OPENAI_API_KEY.",
        )
    if not (key.isascii() and key.isprintable()):
        return NoHypothesis(Reason.NO_KEY, "The key holds characters that no key has; nothing was sent.")
    if not model:
        return NoHypothesis(
            Reason.NOT_SET_UP, "No language model is named, so nothing was sent; WHYMOL_LLM_MODEL names it."
        )
    return LanguageModel(url, model, key or "none")


def send(prompt: Prompt, to: LanguageModel, schema: Mapping[str, Any] = SCHEMA) -> str | NoHypothesis:
    """Send a prompt and wait for the answer's text.

    The answer is first asked for in the form of the schema; a server that knows no such forms is asked again without.

    Parameters
    ----------
    prompt
        Sent as it is.
    to
        From `language_model`.
    schema
        JSON schema of the answer, an object that allows no further properties; by default that of a hypothesis. It
        binds no server, so who reads the answer checks it.
    """
    import httpx2
    import openai

    try:
        with openai.OpenAI(api_key=to.key, base_url=to.url, timeout=to.seconds, max_retries=0) as client:
            # The package takes these from the environment; they are no business of another server.
            client.organization = client.project = client.admin_api_key = None
            client._custom_headers = {}
            try:
                answer = _asked(client, prompt, to.model, schema)
            except (openai.BadRequestError, openai.UnprocessableEntityError):
                answer = _asked(client, prompt, to.model, None)
    except openai.APITimeoutError:
        return NoHypothesis(Reason.TIMEOUT, f"The server did not answer within {to.seconds:g} seconds.")
    except openai.APIConnectionError:
        return NoHypothesis(Reason.UNREACHABLE, "The server could not be reached.")
    except (openai.AuthenticationError, openai.PermissionDeniedError):
        return NoHypothesis(Reason.KEY_REFUSED, "The server refused the key.")
    except openai.RateLimitError:
        return NoHypothesis(
            Reason.RATE_LIMIT, "The server takes no more requests for now, or the account has no credit left."
        )
    except openai.NotFoundError:
        return NoHypothesis(Reason.NOT_FOUND, "The server knows no such model or address.")
    except openai.APIStatusError as error:
        return NoHypothesis(Reason.SERVER_ERROR, f"The server answered with an error (status {error.status_code}).")
    except (openai.OpenAIError, httpx2.HTTPError, httpx2.InvalidURL):
        return NoHypothesis(Reason.SERVER_ERROR, "The exchange with the server failed.")
    except (ValueError, TypeError, RecursionError):
        return NoHypothesis(Reason.BAD_JSON, "The server's answer is not what such a server answers.")
    return _text(answer, to)


def _asked(client: Any, prompt: Prompt, model: str, schema: Mapping[str, Any] | None) -> object:
    form: dict[str, Any] = (
        {}
        if schema is None
        else {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": schema},
            }
        }
    )
    answer: object = client.chat.completions.create(
        model=model,
        messages=[{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
        **form,
    )
    return answer


def _text(answer: object, to: LanguageModel) -> str | NoHypothesis:
    """What the model wrote; every attribute may be missing, since servers differ."""
    choices = getattr(answer, "choices", None)
    if not isinstance(choices, list) or not choices:
        return NoHypothesis(Reason.BAD_JSON, "The server's answer is not what such a server answers.")
    ended, message = getattr(choices[0], "finish_reason", None), getattr(choices[0], "message", None)
    if getattr(message, "refusal", None) or ended == "content_filter":
        return NoHypothesis(Reason.REFUSED, "The language model refused to answer.")
    if ended == "length":
        return NoHypothesis(Reason.CUT_SHORT, "The answer was cut short by the server's limit.")
    content = getattr(message, "content", None)
    if not isinstance(content, str) or not content.strip():
        return NoHypothesis(Reason.BAD_JSON, "The language model answered nothing.")
    if len(content) > LONGEST_ANSWER:
        return NoHypothesis(Reason.BAD_JSON, "The language model's answer is far too long.")
    # A server could hand the key back; what is kept must not hold it.
    return content.replace(to.key, "[key]") if to.key != "none" else content


def _host(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and parts.username is None and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return parts.hostname if sound and url.isascii() and url.isprintable() and " " not in url else None


def _on_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
