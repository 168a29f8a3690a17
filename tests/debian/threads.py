# Python's threads: with and without locks, queues, conditions, thread-local data, executors, signals meanwhile.
import concurrent.futures, os, queue, signal, sys, threading, time

total = 0; lock = threading.Lock()
def locked():
    global total
    for _ in range(200):
        with lock: total += 1
threads = [threading.Thread(target=locked) for _ in range(100)]
for t in threads: t.start()
for t in threads: t.join()
print("with a lock", total)

sys.setswitchinterval(1e-5)
seen = []
def unlocked(n):
    for i in range(50): seen.append((n, i))  # an append is atomic
threads = [threading.Thread(target=unlocked, args=(n,)) for n in range(100)]
for t in threads: t.start()
for t in threads: t.join()
print("without a lock", len(seen), len(set(seen)), all([i for m, i in seen if m == n] == list(range(50)) for n in (0, 50, 99)))

jobs, results = queue.Queue(10), queue.Queue()
def work():
    while (job := jobs.get()) is not None: results.put(job * job); jobs.task_done()
workers = [threading.Thread(target=work) for _ in range(8)]
for w in workers: w.start()
for i in range(300): jobs.put(i)
jobs.join()
for _ in workers: jobs.put(None)
for w in workers: w.join()
print("queue", sum(results.get() for _ in range(300)))

condition = threading.Condition(); turn = 0; order = []
def take_turns(me):
    global turn
    for _ in range(20):
        with condition:
            condition.wait_for(lambda: turn % 4 == me); order.append(me); turn += 1; condition.notify_all()
threads = [threading.Thread(target=take_turns, args=(n,)) for n in range(4)]
for t in threads: t.start()
for t in threads: t.join()
print("condition", order == [0, 1, 2, 3] * 20)

barrier = threading.Barrier(10); local = threading.local(); marks = []
def meet(n):
    local.mine = n; barrier.wait(); marks.append(local.mine == n); barrier.wait()
threads = [threading.Thread(target=meet, args=(n,)) for n in range(10)]
for t in threads: t.start()
for t in threads: t.join()
print("barrier", len(marks), all(marks), hasattr(local, "mine"))

event, semaphore, most, now = threading.Event(), threading.Semaphore(3), 0, 0
def limited():
    global most, now
    with semaphore:
        with lock: now += 1; most = max(most, now)
        time.sleep(0.005)
        with lock: now -= 1
threads = [threading.Thread(target=limited) for _ in range(12)]
for t in threads: t.start()
for t in threads: t.join()
print("semaphore", most <= 3, now, "timeout", event.wait(0.02), lock.acquire(timeout=0.01), lock.acquire(timeout=0.01)); lock.release()
timer = threading.Timer(0.01, event.set); timer.start(); print("timer", event.wait(20))
recursive = threading.RLock()
with recursive, recursive: print("recursive")

with concurrent.futures.ThreadPoolExecutor(8) as pool:
    print("executor", sum(pool.map(lambda n: sum(range(n)), range(200))), sorted(f.result() for f in concurrent.futures.as_completed([pool.submit(pow, 2, n) for n in range(5)])))
    failed = pool.submit(lambda: 1 / 0); print(repr(failed.exception()))

caught = []
signal.signal(signal.SIGUSR1, lambda number, frame: caught.append(threading.current_thread() is threading.main_thread()))
def annoy():
    for _ in range(20): os.kill(os.getpid(), signal.SIGUSR1); time.sleep(0.001)
t = threading.Thread(target=annoy); t.start(); t.join(); print("signals", len(caught) > 0, all(caught))
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
t = threading.Thread(target=lambda: print("sigwait", signal.sigwait([signal.SIGUSR2]) == signal.SIGUSR2)); t.start(); signal.pthread_kill(t.ident, signal.SIGUSR2); t.join()

# A fork while other threads run and hold locks.
stop = False
def spin():
    n = 0
    while not stop: n += 1
threads = [threading.Thread(target=spin) for _ in range(3)]
for t in threads: t.start()
import warnings; warnings.simplefilter("ignore")
codes = []
for n in range(5):
    pid = os.fork()
    if pid == 0:
        t = threading.Thread(target=lambda: None); t.start(); t.join(); os._exit(threading.active_count() + n)
    codes.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
stop = True
for t in threads: t.join()
print("fork", codes)
def fail(): raise ValueError("in a thread")
threading.excepthook = lambda a: print("hook", a.exc_type.__name__, a.exc_value)
t = threading.Thread(target=fail); t.start(); t.join()
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
t = threading.Thread(target=lambda: (time.sleep(0.02), print("outlives main", flush=True))); t.start()
