"""Secrets are written nowhere."""

import io
import json
from pathlib import Path

import pytest
from voicegate.redaction import Secrets, hiding, names_a_secret, secrets_among, secrets_in


@pytest.mark.parametrize(
    "name",
    [
        *("LIVEKIT_API_SECRET", "LIVEKIT_API_KEY", "OPENAI_API_KEY", "HF_TOKEN", "DB_PASSWORD", "PGPASSWD"),
        *("APIKEY", "AWS_SECRET_ACCESS_KEY", "SENTRY_DSN", "BASIC_AUTH", "MY_CREDENTIALS", "github_token"),
        *("DB_PASS", "PGPWD", "AUTHORIZATION", "SESSION_COOKIE", "BEARER"),
    ],
)
def test_names_of_secrets(name: str) -> None:
    """What is called so is hidden."""
    assert names_a_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "PATH",
        "TOKENIZERS_PARALLELISM",
        "KEYBOARD",
        "AUTHOR",
        "XAUTHORITY",
        "LIVEKIT_URL",
        "PASSED",
        "COMPASS",
        "BYPASS",
    ],
)
def test_names_of_other_things(name: str) -> None:
    """A log in which every common word is hidden says nothing."""
    assert not names_a_secret(name)


def test_values_of_secrets_are_hidden(tmp_path: Path) -> None:
    """But for flags, numbers and paths, which stand in a log for other reasons."""
    key_file = tmp_path / "key.json"
    key_file.touch()
    secrets = secrets_in(
        {
            "LIVEKIT_API_SECRET": "s3cr3t-value",
            "LANG": "en_US.UTF-8",
            "USE_AUTH": "true",
            "MAX_TOKENS": "100000",
        },
        {"GOOGLE_APPLICATION_CREDENTIALS": str(key_file), "SHORT_TOKEN": "s3cr3t"},
    )
    text = f"a s3cr3t-value, s3cr3t; true en_US.UTF-8 100000 {key_file}"
    assert secrets.hide(text) == f"a ***, ***; true en_US.UTF-8 100000 {key_file}"
    assert secrets.hide_in_bytes(text.encode()) == secrets.hide(text).encode()
    assert secrets.longest_bytes == len("s3cr3t-value")


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("ws://user:pass@host:7880/rtc", "ws://***@host:7880/rtc"),
        ("https://token@git.example/x and b@c", "https://***@git.example/x and b@c"),
        ("postgres://u:p%40ss@db/x", "postgres://***@db/x"),
        ("ws://127.0.0.1:7880", "ws://127.0.0.1:7880"),
        ('{"a":"http://x","b":"c@d"}', '{"a":"http://x","b":"c@d"}'),
        ("see http://x:80 or mail me@example.org", "see http://x:80 or mail me@example.org"),
    ],
)
def test_credentials_in_addresses_are_hidden(text: str, hidden: str) -> None:
    """Whoever they belong to."""
    assert Secrets().hide(text) == hidden
    assert Secrets().hide_in_bytes(text.encode()) == hidden.encode()


def test_a_secret_is_hidden_as_json_writes_it() -> None:
    """Quotes, backslashes and umlauts in it have other forms there."""
    secret = 'a"b\\c-ü-d'
    secrets = Secrets([secret])
    for ascii_only in (True, False):
        line = json.dumps({"said": f"it is {secret}"}, ensure_ascii=ascii_only)
        assert json.loads(secrets.hide(line)) == {"said": "it is ***"}
        assert json.loads(secrets.hide_in_bytes(line.encode())) == {"said": "it is ***"}


def test_values_keep_their_shape() -> None:
    """Names of fields and the kind of an event stay, also where a secret is a common word."""
    value = {"kind": "memory", "memory": ["memory", {"x": ("memory of", 1, None)}]}
    assert Secrets(["memory"]).hide_in_value(value) == {
        "kind": "memory",
        "memory": ["***", {"x": ["*** of", 1, None]}],
    }


def test_files_of_other_programs_are_cleaned(tmp_path: Path) -> None:
    """Those that hold a secret; what cannot be read is passed over."""
    told, clean = tmp_path / "told.log", tmp_path / "clean.log"
    told.write_bytes(b"key=s3cr3t-value \xff\n")
    clean.write_bytes(b"nothing \xff\n")
    (tmp_path / "folder.log").mkdir()
    Secrets(["s3cr3t-value"]).hide_in_files(tmp_path, "*.log")
    assert told.read_bytes() == b"key=*** \xff\n"
    assert clean.read_bytes() == b"nothing \xff\n"


def test_a_stream_in_front_of_the_terminal_hides_them() -> None:
    """And is otherwise the terminal."""
    terminal = io.StringIO()
    stream = hiding(terminal, Secrets(["s3cr3t-value"]))
    print("the key is s3cr3t-value", file=stream)
    assert terminal.getvalue() == "the key is ***\n"
    assert not stream.isatty()


def test_values_of_options_are_secrets() -> None:
    """Of those that are called like secrets, in both ways of giving them."""
    words = ["agent", "--api-key", "s3cr3t-1", "--token=s3cr3t-2", "--port", "1234567", "--secret", "--auth"]
    assert list(secrets_among(words)) == ["s3cr3t-1", "s3cr3t-2"]
