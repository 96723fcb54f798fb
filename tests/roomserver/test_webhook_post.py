"""One attempt over a real socket: what counts as taken, and where it must not go."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from roomserver.webhook_address import LOOPBACK, Network
from roomserver.webhook_post import Attempt, NoAnswer, Post, asked_wait


@asynccontextmanager
async def answering(answer: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that says the same to everybody; its URL, and what it was sent."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(next(line for line in head.lower().split(b"\r\n") if b"content-length" in line).split(b":")[1])
        heard.append(head + await reader.readexactly(size))
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield f"{'https' if tls else 'http'}://localhost:{server.sockets[0].getsockname()[1]}/hook?a=b", heard


def answer(status: str, *more: str, body: str = "") -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", *more, f"Content-Length: {len(body)}", "Connection: close"])
    return f"{head}\r\n\r\n{body}".encode()


@pytest.mark.parametrize(
    ("status", "became"),
    [
        ("200 OK", Attempt.DONE),
        ("204 No Content", Attempt.DONE),
        ("410 Gone", Attempt.GONE),
        ("400 Bad Request", Attempt.FAILED),
        ("404 Not Found", Attempt.FAILED),
        ("429 Too Many Requests", Attempt.FAILED),
        ("500 Internal Server Error", Attempt.FAILED),
    ],
)
async def test_what_an_answer_means(status: str, became: Attempt) -> None:
    async with answering(answer(status, body="x" * 200_000 if status == "200 OK" else "")) as (url, heard):
        post = Post(url, listed=LOOPBACK)
        assert (await post.attempt(b'{"a":1}', {"webhook-id": "x"}))[0] is became
        await post.close()
    [request] = heard
    assert request.startswith(b"POST /hook?a=b HTTP/1.1\r\n")
    assert request.endswith(b'\r\n\r\n{"a":1}')
    assert b"\r\nwebhook-id: x\r\n" in request
    assert b"\r\nHost: localhost:" in request


@pytest.mark.parametrize("end", [True, False])
async def test_what_was_taken_is_taken_though_the_answer_breaks_off_or_does_not_end(*, end: bool) -> None:
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nwell, ")
        if not end:
            await over.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        post = Post(f"http://localhost:{server.sockets[0].getsockname()[1]}/", listed=LOOPBACK)
        assert (await post.attempt(b"{}", {}))[0] is Attempt.DONE
        over.set()
        await post.close()


async def test_nobody_is_followed() -> None:
    async with answering(answer("200 OK")) as (other, heard):
        for status in ("301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"):
            async with answering(answer(status, f"Location: {other}")) as (url, _):
                post = Post(url, listed=LOOPBACK)
                assert (await post.attempt(b"{}", {}))[0] is Attempt.FAILED
                await post.close()
        assert heard == []


async def test_an_address_that_is_not_listed_is_not_even_connected_to() -> None:
    async with answering(answer("200 OK")) as (url, heard):
        post = Post(url)
        became, why, _ = await post.attempt(b"{}", {})
        await post.close()
        assert became is Attempt.FAILED
        assert why.startswith("the address is not allowed: localhost is ")
        assert heard == []


async def test_the_address_that_was_checked_is_connected_to_and_none_is_looked_up_again() -> None:
    asked: list[str] = []

    async def look_up(host: str, port: int, listed: Sequence[Network]) -> str:
        asked.append(host)
        return "127.0.0.1"

    async with answering(answer("200 OK")) as (url, heard):
        post = Post(url.replace("localhost", "shop.invalid"), look_up=look_up)
        assert (await post.attempt(b"{}", {}))[0] is Attempt.DONE
        await post.close()
    assert asked == ["shop.invalid"]
    assert b"\r\nHost: shop.invalid:" in heard[0]


async def test_an_endpoint_that_is_not_there_is_a_failure() -> None:
    async with answering(answer("200 OK")) as (url, _):
        pass
    post = Post(url, listed=LOOPBACK)
    assert (await post.attempt(b"{}", {}))[0] is Attempt.FAILED
    await post.close()


async def test_what_is_no_http_is_a_failure() -> None:
    async with answering(b"SSH-2.0-OpenSSH\r\n\r\n") as (url, _):
        post = Post(url, listed=LOOPBACK)
        assert (await post.attempt(b"{}", {}))[0] is Attempt.FAILED
        await post.close()


def certified(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's side with a certificate of that name, and a client's that believes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(pem + secret)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(folder / "both.pem")
    return serving, ssl.create_default_context(cadata=pem.decode())


@pytest.mark.parametrize(("name", "became"), [("localhost", Attempt.DONE), ("other.example", Attempt.FAILED)])
async def test_the_certificate_must_be_the_names_though_the_address_is_dialled(
    name: str, became: Attempt, tmp_path: Path
) -> None:
    serving, trust = certified(name, tmp_path)
    async with answering(answer("200 OK"), serving) as (url, heard):
        post = Post(url, listed=LOOPBACK, trust=trust)
        assert (await post.attempt(b"{}", {}))[0] is became
        await post.close()
        assert len(heard) == (became is Attempt.DONE)


async def test_a_certificate_that_nobody_vouches_for_is_not_believed(tmp_path: Path) -> None:
    serving, _ = certified("localhost", tmp_path)
    async with answering(answer("200 OK"), serving) as (url, heard):
        post = Post(url, listed=LOOPBACK)
        became, why, _ = await post.attempt(b"{}", {})
        await post.close()
        assert became is Attempt.FAILED
        assert "CERTIFICATE_VERIFY_FAILED" in why
        assert heard == []


# --- questions


async def test_the_answer_to_a_question_is_its_body() -> None:
    async with answering(answer("200 OK", body="yes")) as (url, heard):
        post = Post(url, listed=LOOPBACK)
        assert await post.asked(b"{}", {"webhook-id": "x"}, most=3) == b"yes"
        await post.close()
    assert b"\r\nAccept-Encoding: identity\r\n" in heard[0]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (answer("200 OK", body="yes!"), "an answer of more than 3 bytes"),
        (answer("204 No Content"), "status 204"),
        (answer("302 Found", "Location: https://other.example/"), "status 302"),
        (answer("500 Oh"), "status 500"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nno", "peer closed"),
        (b"what?\r\n\r\n", "illegal"),
    ],
)
async def test_what_else_comes_is_no_answer(said: bytes, why: str) -> None:
    async with answering(said) as (url, _):
        post = Post(url, listed=LOOPBACK)
        with pytest.raises(NoAnswer, match=why):
            await post.asked(b"{}", {}, most=3)
        await post.close()


async def test_a_question_goes_to_no_address_that_is_not_allowed_and_to_none_where_nobody_is() -> None:
    async with answering(answer("200 OK", body="yes")) as (url, heard):
        post = Post(url)
        with pytest.raises(NoAnswer, match="the address is not allowed"):
            await post.asked(b"{}", {}, most=3)
        await post.close()
        assert heard == []
    post = Post(url, listed=LOOPBACK)
    with pytest.raises(NoAnswer):
        await post.asked(b"{}", {}, most=3)
    await post.close()


@pytest.mark.parametrize(
    ("asked", "wait"),
    [("120", 120.0), ("0", 0.0), ("", 0.0), ("-5", 0.0), ("soon", 0.0), ("9" * 400, 999_999_999.0), ("\u0663", 0.0)],
)
async def test_an_endpoint_may_ask_for_time(asked: str, wait: float) -> None:
    assert asked_wait(asked) == wait
    if asked.isascii() and asked:
        async with answering(answer("503 Service Unavailable", f"Retry-After: {asked}")) as (url, _):
            post = Post(url, listed=LOOPBACK)
            assert (await post.attempt(b"{}", {}))[2] == wait
            await post.close()


def test_a_date_is_time_too() -> None:
    ahead = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 80 < asked_wait(ahead) <= 90
    assert asked_wait("Wed, 21 Oct 2015 07:28:00 GMT") == 0


@given(st.text() | st.dates().map(str) | st.datetimes().map(format_datetime))
def test_whatever_an_endpoint_asks_for_is_a_time(text: str) -> None:
    assert asked_wait(text) >= 0
