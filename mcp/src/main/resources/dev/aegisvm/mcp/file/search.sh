# Finds pattern $1 below $2 in files like $3, with option $4, and $5 lines (else empty) around each. All print PATH:LINE:TEXT, and PATH-LINE-TEXT
# around it; none looks into binary files.
p=$1 d=$2 g=$3 i=$4 c=$5
if command -v rg >/dev/null; then
    # A glob with a directory is one of a path from the current directory, which is none of these.
    case $g in /* | '**/'*) ;; */*) g="**/$g" ;; esac
    exec rg -n --no-heading --color never -H $i ${c:+-C "$c"} ${g:+-g "$g"} -e "$p" -- "$d"
fi
case $g in */*) echo "there is no ripgrep in this image: give a glob without '/', and name the directory by path" >&2; exit 2 ;; esac
kind=P
printf a | grep -qP a 2>/dev/null || kind=E
case $kind$p in
    E*'\'[dDAzZpP]* | E*'(?'* | E*[*+?'}']'?'*)
        echo "the grep of this image knows no \\d, \\p, (?...) and *?: write [0-9], and groups without ?" >&2; exit 2 ;;
esac
exec grep -rnIH -$kind $i ${c:+-C "$c"} ${g:+--include="$g"} -e "$p" -- "$d"
