# multiprocessing: Process, Queue, Pipe, Pool, shared memory and locks, with both ways to start.
import multiprocessing as mp, os, sys, time
from multiprocessing import shared_memory
def square(n): return n * n
def child(queue, n): queue.put((n, n * n))
def talk(end): end.send([1, {"two": 2.5}]); end.send(end.recv() + 1); end.close()
def count(counter, n):
    for _ in range(n):
        with counter.get_lock(): counter.value += 1
def fail(): raise SystemExit(7)
def fill(name): m = shared_memory.SharedMemory(name); m.buf[0:5] = b"chart"; m.close()
def meet(barrier, event, array, n): barrier.wait(); array[n] = n * 1.5; event.wait()
def main():
    for method in ("fork", "spawn"):
        c = mp.get_context(method); few = 8 if method == "fork" else 2
        queue = c.Queue(); ps = [c.Process(target=child, args=(queue, n)) for n in range(few)]
        for p in ps: p.start()
        print(method, "queue", sorted(queue.get() for _ in ps), end=" "); [p.join() for p in ps]; print([p.exitcode for p in ps])
        ours, theirs = c.Pipe(); p = c.Process(target=talk, args=(theirs,)); p.start(); print("pipe", ours.recv()); ours.send(41); print(ours.recv()); p.join()
        with c.Pool(2) as pool:
            print("pool", pool.map(square, range(10)), pool.apply_async(square, (12,)).get(20), sum(pool.imap_unordered(square, range(50), chunksize=7)))
            try: pool.apply(int, ("x",))
            except ValueError as e: print(e)
        counter = c.Value("i", 0); ps = [c.Process(target=count, args=(counter, 100)) for _ in range(2)]; [p.start() for p in ps]; [p.join() for p in ps]; print("value", counter.value)
        p = c.Process(target=fail); p.start(); p.join(); print("exit code", p.exitcode)
        p = c.Process(target=time.sleep, args=(60,)); p.start(); p.terminate(); p.join(); print("terminated", p.exitcode)
    c = mp.get_context("fork")
    barrier, event, array = c.Barrier(4), c.Event(), c.Array("d", 4); ps = [c.Process(target=meet, args=(barrier, event, array, n)) for n in range(4)]; [p.start() for p in ps]; event.set(); [p.join() for p in ps]; print("array", list(array))
    m = shared_memory.SharedMemory(create=True, size=100); p = c.Process(target=fill, args=(m.name,)); p.start(); p.join(); print("shared", bytes(m.buf[:5])); m.close(); m.unlink()
if __name__ == "__main__": main()
