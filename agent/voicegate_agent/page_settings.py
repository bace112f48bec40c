"""The settings of the voice page, and of the figures of the agent that it shows."""

from ipaddress import ip_address

from pydantic import BaseModel, Field, SecretStr


class PageSettings(BaseModel):
    """What can be chosen about the page where a person talks to the agent."""

    figures_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="port of the agent's memory, calls and models as JSON (GET /figures) and for Prometheus (GET /metrics), on the health check's address; "
        "the page reads them there; 0 means none",
    )
    page_host: str = Field(default="127.0.0.1", description="address of the voice page")
    page_port: int = Field(default=8090, ge=0, le=65535, description="its port; 0 means any free one")
    page_origin: str | None = Field(
        default=None,
        pattern=r"^https?://[^/]+$",
        description="address at which others open the page, such as https://voice.example.org, when a proxy stands before it",
    )
    page_secret: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="key that callers must have; needed for a page that other machines can reach",
    )
    page_livekit_url: str | None = Field(
        default=None,
        pattern=r"^wss?://.+",
        description="address of the LiveKit server for browsers, where it is another than the agent's",
    )

    @property
    def page_is_local(self) -> bool:
        """Whether only this machine can reach the page, as far as the settings say."""
        return self.page_origin is None and _is_loopback(self.page_host)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
