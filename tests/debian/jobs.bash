# bash and its children: pipelines, traps, jobs, process substitution, coprocesses, timeouts.
set -o pipefail
seq 20 | sort -r -n | head -n 3 | paste -sd-
seq 1000 | { grep 7 | wc -l; }
false | true; echo "status $? ${PIPESTATUS[*]}"
! true | false; echo "negated $?"
diff <(seq 5) <(seq 2 6); echo "diff $?"
paste <(seq 3) <(echo a; echo b; echo c) | tr '\t' :
seq 3 | tee >(wc -l > lines) > /dev/null; wait; sleep 0.1; cat lines

coproc CALC { while read -r a b; do echo $((a * b)); done; }
echo 6 7 >&"${CALC[1]}"; read -r product <&"${CALC[0]}"; echo "coproc $product"
eval "exec ${CALC[1]}>&-"; wait "$CALC_PID"; echo "coproc ended $?"

read -r -t 0.1 nothing < <(sleep 1); echo "read timed out: $(( $? > 128 ))"
read -r -N 3 three <<< abcdef; echo "$three"

trap 'echo caught USR1' USR1
trap 'echo caught TERM; stopped=1' TERM
kill -USR1 $$
(kill -TERM $$) ; echo "after ${stopped:-0}"
trap - TERM
bash -c 'kill -TERM $$'; echo "killed by $?"
bash -c 'trap "echo last words" EXIT; exit 5'; echo "exited $?"
{ bash -c 'kill -SEGV $$'; } 2> /dev/null; echo "killed by $?"

sleep 30 & sleeper=$!
jobs -r | sed 's/ *&$//'
kill $sleeper; wait $sleeper 2> /dev/null; echo "sleeper $?"
for i in 1 2 3 4; do (sleep 0.0$((5 - i)); exit $i) & pids[i]=$!; done
for i in 1 2 3 4; do wait ${pids[i]}; echo -n "$? "; done; echo
(exit 9) & wait -n; echo "any $?"
set -m
sleep 30 & kill -STOP %1; sleep 0.1; jobs | tr -s ' '; { kill -KILL %1; sleep 0.1; wait %1; } 2> /dev/null; echo "job $?"
set +m

exec 5<> both; echo written >&5; exec 5>&-; cat both
exec 3>&1; echo "to three" >&3; exec 3>&-
{ echo out; echo err >&2; } 2>&1 | sort
echo $BASHPID $$ | { read -r a b; [ "$a" != "$b" ] && echo "a subshell"; }
timeout 0.2 sleep 5; echo "timeout $?"
printf '%s\0' a 'b c' d | xargs -0 -n 1 -P 2 printf '[%s]\n' | sort
export VARIABLE=exported; bash -c 'echo $VARIABLE; uname -m'
env -i ONLY=1 bash -c 'echo $ONLY ${VARIABLE-gone}'
cat > script << 'EOF'
#!/bin/bash -u
echo "script $0 $# $1 $-" | tr -d hB
EOF
chmod +x script; ./script 'an argument'; echo "status $?"
./missing; echo "status $?"
touch plain; ./plain; echo "status $?"
echo 'echo "no shebang $1"' > plain; chmod +x plain; ./plain x
ulimit -n 200; ulimit -n
nohup bash -c 'echo hung up' 2> /dev/null
times > /dev/null && echo times
wait
