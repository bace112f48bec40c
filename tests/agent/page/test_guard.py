"""Who may have the page and its tokens."""

from voicegate_agent.page.guard import RateLimit, has_key, is_own, own_origins, page_headers


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now_s


def test_a_burst_goes_through_and_then_one_each_interval() -> None:
    """The eleventh call of a minute waits; what it is told to wait is enough."""
    clock = Clock()
    rate = RateLimit(burst=10, refill_s=6.0, clock=clock)
    assert [rate.wait_s() for _ in range(10)] == [0.0] * 10
    assert rate.wait_s() == 6.0
    clock.now_s += 5.9
    assert 0 < rate.wait_s() < 0.2
    clock.now_s += 0.1
    assert rate.wait_s() == 0.0
    assert rate.wait_s() > 0


def test_after_a_pause_there_is_a_whole_burst_and_no_more() -> None:
    """Places that nobody took do not add up."""
    clock = Clock()
    rate = RateLimit(burst=3, refill_s=1.0, clock=clock)
    clock.now_s += 3600
    assert [rate.wait_s() for _ in range(4)] == [0.0, 0.0, 0.0, 1.0]


def test_the_page_is_at_home_on_this_machine_and_where_the_settings_say() -> None:
    """Another port, another scheme and a missing origin are strangers; so is a name that only points here."""
    origins = own_origins(8090, "https://voice.example.org")
    assert all(is_own(f"http://{name}:8090", origins) for name in ("127.0.0.1", "localhost", "[::1]"))
    assert is_own("https://voice.example.org", origins)
    for stranger in (
        None,
        "null",
        "http://127.0.0.1:8091",
        "https://127.0.0.1:8090",
        "http://rebound.example:8090",
    ):
        assert not is_own(stranger, origins)


def test_a_key_must_be_shown_whole_where_there_is_one() -> None:
    """Without one, everybody on this machine may call."""
    assert has_key(None, None)
    assert has_key("Bearer a-key-of-letters", "a-key-of-letters")
    for shown in (None, "", "a-key-of-letters", "Bearer a-key", "Bearer a-key-of-letters-and", "Bearer ä"):
        assert not has_key(shown, "a-key-of-letters")


def test_the_policy_lets_the_page_talk_to_us_and_to_livekit_only() -> None:
    """No inline script, no frame, no other address; LiveKit Cloud sends browsers to servers near them."""
    policy = page_headers("ws://127.0.0.1:7880")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "connect-src 'self' ws://127.0.0.1:7880 http://127.0.0.1:7880;" in policy
    assert "unsafe" not in policy
    for scheme in ("wss", "https"):
        cloud = page_headers(f"{scheme}://ours.livekit.cloud")["Content-Security-Policy"]
        assert "connect-src 'self' wss://*.livekit.cloud https://*.livekit.cloud;" in cloud
