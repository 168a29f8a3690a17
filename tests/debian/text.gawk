# gawk: arrays, regular expressions, functions, children through pipes, a coprocess.
function factorial(n) { return n < 2 ? 1 : n * factorial(n - 1) }
function by_value(i1, v1, i2, v2) { return v1 - v2 }
BEGIN {
    printf "%d %s %.10f %x %c %5.2e\n", factorial(15), factorial(25), atan2(0, -1), 255, 65, 12345.678
    split("the quick brown fox jumps over the lazy dog the end", words)
    for (i in words) count[words[i]]++
    n = asorti(count, names)
    for (i = 1; i <= n; i++) printf "%s=%d ", names[i], count[names[i]]
    print ""
    text = "2024-02-29 and 1999-12-31"
    while (match(text, /([0-9]+)-([0-9]+)-([0-9]+)/, part)) { print part[3] "." part[2] "." part[1]; text = substr(text, RSTART + RLENGTH) }
    print gensub(/(a)(b)/, "<\\2\\1>", "g", "abxabyab"), toupper("shout"), length("wörter"), index("portolan", "tol")
    print strftime("%Y-%m-%d %H:%M:%S", 1000000000, 1), mktime("2001 09 09 01 46 40")
    "uname -m" | getline machine; close("uname -m"); print machine
    for (i = 20; i > 0; i -= 3) print i, i ^ 2 | "sort -n"
    close("sort -n")
    coprocess = "tr a-z A-Z"
    print "through a coprocess" |& coprocess; close(coprocess, "to"); coprocess |& getline answer; close(coprocess); print answer
    print system("exit 3"), system("kill -9 $$")
    PROCINFO["sorted_in"] = "by_value"; v["x"] = 3; v["y"] = 1; v["z"] = 2; for (k in v) printf "%s ", k; print ""
    nested["a"][1] = 5; nested["a"][2] = 6; print length(nested["a"]), (1 in nested["a"]), ("b" in nested)
    for (i = 0; i < 200000; i++) s += i % 7 * 0.5; print s, int(-3.7), and(12, 10), xor(12, 10), lshift(1, 33), strtonum("0x1f")
    print "to a file" > "out"; print "more" >> "out"; close("out"); while ((getline line < "out") > 0) print "read", line
    print 2 ^ 53 + 1, 0.1 + 0.2 == 0.3, -7 % 3, 1e308 * 10, log(-1) == log(-1), substr("hello", 2, 3), sprintf("%*d|%-5s|", 6, 42, "ab")
    exit 4
}
