"""Prints the machine that Python believes to run on, the bytecode that it made of area.py, and what that computes."""
import dis
import hashlib
import os
import platform
import sys

names = {}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "area.py")) as source:
    exec(compile(source.read(), "area.py", "exec"), names)
area = names["area"]
code = area.__code__.co_code
print("machine", platform.machine(), sys.byteorder + "-endian")
print("python", ".".join(map(str, sys.version_info[:2])))
print("bytecode", code.hex())
print("fingerprint", hashlib.sha256(code).hexdigest()[:12])
for it in dis.get_instructions(area):
    print("at", code[it.offset:it.offset + 2].hex(" "), it.opname, it.argrepr)
print("result", area(6, 7))
