# NumPy: its loops for each level, OpenBLAS's, and libm's. One line for all results of a kind: what they hash to.
import hashlib
import warnings

try:
    import numpy as np
except RuntimeError as error:  # it needs SSE3
    print(" ".join(str(error).split()))
    raise SystemExit

warnings.simplefilter("ignore")
random = np.random.default_rng(42)


class Results:
    """Collects results, and prints what they come to."""

    def __init__(self, title):
        self.title, self.hash, self.count = title, hashlib.sha256(), 0

    def add(self, result):
        for array in result if isinstance(result, (tuple, list)) else (result,):
            array = np.array(array)
            if array.dtype.kind in "fc":  # NaNs are alike
                array[np.isnan(array)] = np.nan
            self.hash.update(np.ascontiguousarray(array).tobytes())
            self.count += 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        print(self.title, self.count, self.hash.hexdigest()[:24])


UNARY = """sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh exp exp2 expm1 log log2 log10 log1p sqrt
    cbrt square reciprocal rint floor ceil trunc sign signbit isnan isfinite negative spacing absolute conjugate modf frexp
    invert bitwise_count""".split()
BINARY = """add subtract multiply divide floor_divide power remainder fmod maximum minimum fmax fmin arctan2 hypot copysign
    nextafter logaddexp greater less equal not_equal less_equal heaviside logical_and divmod bitwise_and bitwise_xor gcd
    left_shift right_shift""".split()
WHOLE = "sum prod cumsum mean std argmax argmin max min argsort sort ptp count_nonzero unique median".split()

numbers = random.normal(size=501) * 10.0 ** random.integers(-8, 8, 501)
numbers = np.concatenate([numbers, [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 5e-324, 1e-310, 1e308, 0.5]])
others = random.permutation(numbers)
for name in ["float16", "float32", "float64", "complex64", "complex128", "int8", "uint8", "int16", "uint16", "int32", "uint32",
             "int64", "uint64"]:
    kind = np.dtype(name)
    if kind.kind in "iu":
        limits = np.iinfo(kind)
        a = random.integers(limits.min, limits.max, 503, dtype=kind, endpoint=True)
        b = random.permutation(a)
    else:
        a, b = numbers.astype(kind), others.astype(kind)
        if kind.kind == "c":
            a = a + kind.type(1j) * b
    for title, names, operands in [("of one", UNARY, [a]), ("of two", BINARY, [a, b])]:
        with Results(f"{name} {title}") as results:
            for function in names:
                shifts = [a, b & kind.type(7)] if function in ("left_shift", "right_shift", "power") and kind.kind in "iu" else None
                try:
                    results.add(getattr(np, function)(*(shifts or operands)))
                except (TypeError, ValueError):  # not of this kind
                    pass
    finite = a[np.isfinite(a)]
    with Results(f"{name} of all") as results:
        for function in WHOLE:
            results.add(getattr(np, function)(finite))
        results.add([np.partition(finite, 50)[50], finite[::3] * finite[::3], np.where(a > 0, a, b), np.convolve(finite[:50], finite[9:19])])
        if kind.kind != "c":
            results.add([finite.clip(0, 9).astype(to) for to in "bBhHiIlLefd"])

for kind in (np.float32, np.float64):
    with Results(f"Fourier transforms of {kind.__name__}") as results:
        for size in (8, 31, 64, 100, 257):
            x = random.normal(size=size).astype(kind)
            results.add([np.fft.fft(x), np.fft.rfft(x), np.fft.ifft(x + 1j * x[::-1]), np.fft.irfft(np.fft.rfft(x))])
for name in ("float32", "float64", "complex64", "complex128"):
    with Results(f"linear algebra of {name}") as results:
        a, b = random.normal(size=(50, 50)).astype(name), random.normal(size=(50, 7)).astype(name)
        if name.startswith("complex"):
            a = a + np.dtype(name).type(1j) * a.T[::-1]
        positive = a @ a.conj().T + 60 * np.eye(50, dtype=name)
        results.add([a @ b, a.T @ a, np.linalg.solve(a, b), np.linalg.inv(a), np.linalg.det(a / 8), np.linalg.cholesky(positive)])
        for several in (np.linalg.svd(a), np.linalg.qr(a), np.linalg.eigh(positive), np.linalg.eig(a)):
            results.add(list(several))
with Results("distributions") as results:
    results.add([random.gamma(2.5, size=500), random.binomial(50, 0.3, 500), random.poisson(9.1, 500), random.beta(0.5, 2, 300)])
    for generator in (np.random.MT19937, np.random.Philox, np.random.SFC64):
        results.add(np.random.Generator(generator(3)).standard_normal(300))
with Results("texts") as results:
    texts = np.array([f"mark {n}" for n in random.integers(0, 999, 300)])
    results.add([np.sort(texts), texts > texts[::-1], np.strings.upper(texts), np.strings.find(texts, "9")])
print(np.array2string(numbers[:12]), [float(number) for number in numbers[:9]])
