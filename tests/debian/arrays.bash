# bash by itself: arrays, expansions, here-documents, arithmetic, patterns, functions.
declare -a list=(one two three)
list+=(four [9]=ten)
echo "${#list[@]} ${!list[*]} ${list[-1]} ${list[@]:1:2}"
unset 'list[1]'
printf '<%s>' "${list[@]}"; echo
declare -A map=([red]=3 [green]=12 [blue]=7)
for key in $(printf '%s\n' "${!map[@]}" | sort); do echo "$key=${map[$key]}"; done
mapfile -t lines < <(seq 5 | tac)
echo "${lines[*]}"

x=portolan.chart.txt
echo "${x%.*} ${x##*.} ${x/chart/map} ${x^^} ${x:4:3} ${x: -3} ${#x} ${y:-unset} ${x//[aeiou]/_}"
echo {a..e}{1..3} {01..10..3}
echo $(( (1 << 40) + 7 % 3 ** 2 )) $(( 16#ff & ~2#101 )) $((x1 = 5, x1++ + ++x1))
[[ "key=value 42" =~ ^([a-z]+)=([a-z]+)\ ([0-9]+)$ ]] && echo "${BASH_REMATCH[@]:1}"
case foobar in f?o*) echo glob ;;& *bar) echo falls ;; esac
shopt -s extglob
echo "${x/#+([a-z])./}"

cat <<EOF
text $x $(echo nested "$(echo deeper)") \$literal
EOF
cat <<'EOF'
text $x
EOF
cat <<-EOF
	no tabs
	EOF
cat <<< "a here-string"

factorial() { local n=$1; (( n < 2 )) && { echo 1; return; }; echo $(( n * $(factorial $((n - 1))) )); }
factorial 6
swap() { local -n first=$1 second=$2; local t=$first; first=$second second=$t; }
p=1 q=2; swap p q; echo $p $q
printf '%5.2f|%-6s|%q|%x|%(%Y)T\n' 3.14159 ab 'a b' 255 0
IFS=, read -r a b c <<< 'x,y z,w'; echo "$b-$a-$c"
select_total=0; while read -r n; do (( select_total += n )); done < <(seq 100); echo $select_total
set -- -a -b value rest
while getopts ab: option; do echo "option $option ${OPTARG-}"; done
shift $((OPTIND - 1)); echo "$@"
echo "$((RANDOM >= 0)) ${BASH_VERSINFO[0]} ${FUNCNAME[0]:-main} $SHLVL" | sed 's/ [0-9]*$//'
eval 'echo evaluated $((1+1))'
printf -v made '%03d' 7; echo $made
trap 'echo "leaving with $?"' EXIT
(exit 3)
