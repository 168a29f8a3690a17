# Python by itself, and its library: data, text, numbers, compression, files, a database.
import collections, contextlib, csv, dataclasses, datetime, decimal, enum, fractions, functools, gc, hashlib, heapq, io, itertools, json, math, mmap, os, pathlib, pickle, platform, random, re, shutil, sqlite3, statistics, string, struct, sys, tempfile, textwrap, time, traceback, uuid, weakref, zlib, gzip, bz2, lzma, base64, binascii, hmac, tarfile, zipfile, ctypes, array, bisect, glob, stat

print("hello", sys.version_info >= (3, 11), platform.machine(), sys.byteorder, struct.calcsize("P") == ctypes.sizeof(ctypes.c_void_p), os.uname().machine)
print(json.dumps({"b": [1, 2.5, None, True], "a": "é", "n": {"x": 1e300}}, sort_keys=True), json.loads('{"k": [1, {"z": "\\u263a"}]}'))
for name in ("md5", "sha1", "sha256", "sha3_512", "blake2b"):
    print(name, hashlib.new(name, b"portolan" * 1000).hexdigest()[:32])
print(hmac.new(b"key", b"text", "sha256").hexdigest(), base64.b85encode(b"chart").decode(), binascii.crc32(b"x" * 999), hashlib.pbkdf2_hmac("sha256", b"p", b"s", 1000).hex()[:16])
text = ("the quick brown fox jumps over the lazy dog " * 200).encode()
for module in (zlib, gzip, bz2, lzma):
    packed = module.compress(text)
    print(module.__name__, len(packed) < len(text), module.decompress(packed) == text)
decimal.getcontext().prec = 50
print(decimal.Decimal(2).sqrt(), decimal.Decimal(1) / 7, fractions.Fraction(355, 113) + fractions.Fraction(1, 3), 2**200 % 1000007, math.factorial(30), math.isqrt(10**40))
print(math.sin(1), math.exp(1), math.gamma(5.5), math.fsum([0.1] * 10), round(2.675, 2), float("1e-310"), 7 // -2, -7 % 3, (-8) ** (1 / 3), math.hypot(3, 4), 0.1 + 0.2, float.hex(0.1), complex(1, 2) ** 2)
print(re.findall(r"(\d{4})-(\d\d)", "2024-02 and 1999-12"), re.sub(r"(?P<a>\w+) (?P<b>\w+)", r"\g<b> \g<a>", "hello world again then"), re.split(r"[,;]\s*", "a, b;c"), bool(re.fullmatch(r"(a+)+b", "a" * 18 + "b")))
print(datetime.datetime.fromtimestamp(10**9, datetime.UTC).isoformat(), datetime.date(2024, 2, 29) + datetime.timedelta(days=366), time.strftime("%A %j", time.gmtime(0)))
random.seed(42)
print(random.random(), random.sample(range(100), 5), random.gauss(0, 1), statistics.stdev([1, 2, 3, 4.5]), uuid.uuid5(uuid.NAMESPACE_DNS, "example.org"))

@dataclasses.dataclass(order=True)
class Port:
    name: str
    depth: float = 1.5
    tags: list = dataclasses.field(default_factory=list)

class Kind(enum.Flag):
    RED = enum.auto(); GREEN = enum.auto()

print(sorted([Port("b"), Port("a", 2)]), Kind.RED | Kind.GREEN, pickle.loads(pickle.dumps(Port("c", 3, [1]))), collections.Counter("mississippi").most_common(2))
print(list(itertools.islice(itertools.permutations("abc"), 4)), functools.reduce(lambda a, b: a * b, range(1, 11)), heapq.nsmallest(3, [5, 1, 4, 2]), bisect.bisect([1, 3, 5], 4), textwrap.fill("the quick brown fox jumps", 12), string.Template("$x").substitute(x=1))
match {"kind": "circle", "r": 2}:
    case {"kind": "circle", "r": r}: print(f"{math.pi * r * r:.3f} {r!r:>4} {1234567:,} {255:#x} {0.00012:.2e}")
def generator():
    got = yield 1
    try: yield got * 2
    finally: print("closed")
g = generator(); print(next(g), g.send(21)); g.close()
try:
    try: 1 / 0
    except ZeroDivisionError as error: raise KeyError("x") from error
except KeyError as error: print(repr(error), repr(error.__cause__), traceback.format_exc().count("Traceback"))
try: eval("(" * 300 + ")" * 300)
except (SyntaxError, MemoryError) as error: print(type(error).__name__)
def deep(n): return deep(n + 1)
try: deep(0)
except RecursionError: print("recursion ends")

with tempfile.TemporaryDirectory() as directory:
    path = pathlib.Path(directory, "file"); path.write_bytes(bytes(range(256)) * 64)
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        memory[100:105] = b"CHART"; print(memory.find(b"CHART"), memory[16383], len(memory)); memory.flush(); memory.resize(20000); print(len(memory))
    print(path.stat().st_size, path.read_bytes()[98:107], oct(path.stat().st_mode)); os.chmod(path, 0o600); os.symlink("file", path.with_name("link")); os.link(path, path.with_name("hard"))
    print(sorted(os.listdir(directory)), os.readlink(path.with_name("link")), path.stat().st_nlink, os.path.samefile(path, path.with_name("hard"))); os.truncate(path, 10); os.utime(path, (5, 6)); print(path.stat().st_mtime, os.access(path, os.X_OK))
    with tarfile.open(path.with_name("t.tgz"), "w:gz") as tar: tar.add(path, "inside")
    with zipfile.ZipFile(path.with_name("z.zip"), "w", zipfile.ZIP_DEFLATED) as z: z.writestr("name", text); print(z.infolist()[0].file_size)
    print(tarfile.open(path.with_name("t.tgz")).getnames(), len(glob.glob(directory + "/*"))); shutil.copytree(directory, directory + ".copy"); shutil.rmtree(directory + ".copy")
    database = sqlite3.connect(path.with_name("data.db")); database.execute("create table t (a integer, b text)")
    with database: database.executemany("insert into t values (?, ?)", ((i, str(i * i)) for i in range(1000)))
    with contextlib.suppress(RuntimeError), database:
        database.execute("delete from t"); raise RuntimeError
    print(database.execute("select count(*), sum(a), max(b) from t").fetchone()); database.create_function("twice", 1, lambda x: 2 * x); print(database.execute("select twice(21)").fetchone())
anonymous = mmap.mmap(-1, 8192); anonymous.write(b"shared"); anonymous.seek(0); print(anonymous.read(6))
out = io.StringIO(); csv.writer(out).writerows([["a,b", 'c"d'], [1, 2.5]]); print(repr(out.getvalue()))
libc = ctypes.CDLL(None); libc.strlen.argtypes = [ctypes.c_char_p]; print(libc.strlen(b"portolan"))
compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))(lambda a, b: a[0] > b[0]) # libffi loses the sign of such a number on MIPS
numbers = (ctypes.c_int * 5)(5, 3, 1, 4, 2); libc.qsort(numbers, 5, 4, compare); print(list(numbers)); print(ctypes.CDLL("libm.so.6").abs(-5))
class Node: pass
a, b = Node(), Node(); a.b, b.a = b, a; gone = weakref.ref(a); del a, b; print(gone() is None, gc.collect() > 0, gone() is None)
print(array.array("d", [1.5, 2.5]).tobytes().hex(), sum(i * i % 7 for i in range(100000)), "wörter".encode().decode(errors="replace"), sys.getrecursionlimit(), stat.filemode(os.stat("/").st_mode)[0])
sys.exit(5)
