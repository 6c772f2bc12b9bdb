# Waits until a program listens at port $1; 0A is TCP_LISTEN.
p=$(printf ':%04X' "$1")
until grep -qs " [0-9A-F]*$p [0-9A-F]*:0000 0A " /proc/net/tcp /proc/net/tcp6; do sleep 0.1; done
