# asyncio: tasks, locks, queues, threads, streams over TCP, subprocesses, signals.
import asyncio, os, signal, sys, time
async def numbers(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield i
class Guard:
    async def __aenter__(self): await asyncio.sleep(0); print("entered"); return self
    async def __aexit__(self, *_): print("left")
async def serve(reader, writer):
    while line := await reader.readline(): writer.write(line.upper()); await writer.drain()
    writer.close()
async def client(port, n):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for i in range(5): writer.write(f"client {n} line {i}\n".encode()); assert await reader.readline() == f"CLIENT {n} LINE {i}\n".encode()
    writer.close(); await writer.wait_closed(); return n
async def main():
    async def later(n): await asyncio.sleep(0.001 * (5 - n)); return n * n
    print("gather", await asyncio.gather(*map(later, range(5))))
    semaphore, running, most = asyncio.Semaphore(3), 0, 0
    async def limited():
        nonlocal running, most
        async with semaphore: running += 1; most = max(most, running); await asyncio.sleep(0.001); running -= 1
    await asyncio.gather(*(limited() for _ in range(20))); print("semaphore", most)
    print("to_thread", await asyncio.gather(*(asyncio.to_thread(sum, range(n)) for n in (10, 100, 1000))))
    async with Guard(): print("async for", [i async for i in numbers(5)])
    queue = asyncio.Queue(2)
    async def produce():
        for i in range(50): await queue.put(i)
        await queue.put(None)
    async def consume():
        total = 0
        while (item := await queue.get()) is not None: total += item
        return total
    print("queue", (await asyncio.gather(produce(), consume()))[1])
    try: await asyncio.wait_for(asyncio.sleep(10), 0.01)
    except TimeoutError: print("timeout")
    try:
        async with asyncio.TaskGroup() as group: group.create_task(asyncio.sleep(10)); group.create_task(asyncio.to_thread(int, "x"))
    except* ValueError as e: print("group", e.exceptions)
    loop, got = asyncio.get_running_loop(), asyncio.Event(); loop.add_signal_handler(signal.SIGUSR1, got.set); os.kill(os.getpid(), signal.SIGUSR1); await got.wait(); print("signal")
    server = await asyncio.start_server(serve, "127.0.0.1", 0); port = server.sockets[0].getsockname()[1]
    async with server: print("tcp", await asyncio.gather(*(client(port, n) for n in range(10))))
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", "import sys, platform; print(sys.stdin.read()[::-1], platform.machine()); sys.exit(3)", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE); print("child", (await child.communicate(b"nalotrop"))[0], child.returncode)
    shells = [await asyncio.create_subprocess_shell(f"echo {n}; exit {n}", stdout=asyncio.subprocess.PIPE) for n in range(5)]; print("shells", [((await s.communicate())[0], s.returncode) for s in shells])
asyncio.run(main())
