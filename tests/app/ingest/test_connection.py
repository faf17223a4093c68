"""The connection of the ingest to a broker that dies in the middle of a word."""

import socket
import struct
import threading

from app.ingest.broker.connection import Connection
from app.ingest.broker.inbox import Delivery, Inbox
from app.settings import Settings
from tests.app.ingest.broker import until

COUNT = 200


def _packet(peer: socket.socket) -> tuple[int, bytes]:
    kind, length = peer.recv(2, socket.MSG_WAITALL)
    return kind, peer.recv(length, socket.MSG_WAITALL) if length else b""


def _publish(number: int) -> bytes:
    body = struct.pack("!H", 1) + b"t" + struct.pack("!H", number) + str(number).encode()
    return bytes([0x32, len(body)]) + body


def broker_that_dies(listening: socket.socket, closed: threading.Event) -> None:
    """Answers the log-in and the subscription, says `COUNT` messages at once, and is reset."""
    peer, _ = listening.accept()
    assert _packet(peer)[0] == 0x10
    peer.sendall(b"\x20\x02\x00\x00")
    kind, body = _packet(peer)
    while kind != 0x82:
        peer.sendall(b"\xb0\x02" + body[:2])
        kind, body = _packet(peer)
    peer.sendall(b"\x90\x03" + body[:2] + b"\x01" + b"".join(_publish(one) for one in range(1, COUNT + 1)))
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
    closed.set()


def test_what_a_dying_broker_still_said_is_read_even_when_we_find_it_dead_while_writing(tmp_path):
    closed = threading.Event()

    class AnswersAtOnce(Inbox):
        def put(self, delivery: Delivery) -> None:
            super().put(delivery)
            closed.wait()
            link.acknowledge([delivery])

    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"mqtt://127.0.0.1:{listening.getsockname()[1]}"
        inbox = AnswersAtOnce(threading.Event())
        link = Connection(Settings(home=tmp_path, mqtt_url=url, mqtt_version="3.1.1"), ["t"], inbox)
        thread = threading.Thread(target=broker_that_dies, args=(listening, closed))
        thread.start()
        link.start()
        try:
            until(lambda: "lost" in link.problem, "the loss is noticed")
            drawn = inbox.draw(COUNT, 0)
            assert [int(one.payload) for one in drawn] == list(range(1, COUNT + 1))
        finally:
            thread.join()
            link.stop()
