#!/bin/sh
# Records what Python makes of area.py on several machines: record.sh ROOT..., each ROOT a directory with the
# Python of a guest (see tests/oracles/install.sh). The tour shows recorded.txt where no such root is given.
cd "$(dirname "$0")" || exit 1
for root; do
    portolan run -L "$root" "$root/usr/bin/python3" -IS show.py || exit 1
done > recorded.txt
