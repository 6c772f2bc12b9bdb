# What this host is, found out by the shell alone, for the scripts that source this file.
# shellcheck shell=sh

# is_debian_13 ROOT: whether the system in the directory ROOT, / but for tests, is Debian 13 or newer; unstable has no number.
is_debian_13() {
    host_id=
    host_version=
    while IFS='=' read -r host_key host_value; do
        host_value=${host_value#\"}
        case $host_key in
            ID) host_id=${host_value%\"} ;;
            VERSION_ID) host_version=${host_value%\"} ;;
        esac
    done <"${1%/}/etc/os-release"
    [ "$host_id" = debian ] && [ "${host_version:-13}" -ge 13 ]
} 2>/dev/null
