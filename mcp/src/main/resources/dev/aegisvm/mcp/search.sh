# Finds pattern $1 below $2 in files like $3, with option $4. Both print PATH:LINE:TEXT, and neither looks into binary files.
p=$1 d=$2 g=$3 i=$4
if command -v rg >/dev/null; then
    exec rg -n --no-heading --color never -H $i ${g:+-g "$g"} -e "$p" -- "$d"
fi
exec grep -rnIEH $i ${g:+--include="$g"} -e "$p" -- "$d"
