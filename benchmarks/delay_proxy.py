"""A proxy that makes a server on this machine seem far away: bytes arrive half a round trip late, each way."""

import asyncio
import threading


class DelayProxy:
    """A context manager that passes on connections to ``server_port``; ``round_trip``, in seconds, can be changed."""

    def __init__(self, server_port, round_trip=0.0):
        self.server_port, self.round_trip = server_port, round_trip
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def __enter__(self):
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self):
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()  # connections that are still open end with the loop

    async def _connect(self, reader, writer):
        server_writer = writer
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.server_port)
            await asyncio.gather(*self._one_way(reader, server_writer), *self._one_way(server_reader, writer))
        except (OSError, asyncio.CancelledError):
            pass  # one side hung up, or the proxy stops
        finally:
            writer.close(), server_writer.close()

    def _one_way(self, reader, writer):
        on_the_way = asyncio.Queue()  # pairs: when it is due, and what; nothing means that no more will come
        return self._collect(reader, on_the_way), self._deliver(on_the_way, writer)

    async def _collect(self, reader, on_the_way):
        while data := await reader.read(2**16):
            on_the_way.put_nowait((self._loop.time() + self.round_trip / 2, data))
        on_the_way.put_nowait((self._loop.time() + self.round_trip / 2, b""))

    async def _deliver(self, on_the_way, writer):
        while True:
            due, data = await on_the_way.get()
            await asyncio.sleep(due - self._loop.time())
            if not data:
                return writer.write_eof()
            writer.write(data)
            await writer.drain()
