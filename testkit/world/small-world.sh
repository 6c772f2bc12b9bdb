# A world for tests, in network namespaces that nothing leads out of: this one is the host's, and has a name server; behind a
# wire is another with servers at public, private and metadata addresses, and at public ones of neighbours and of a gateway. $1 is a directory of its own. Says "ready", and ends
# with its stdin.
set -e
PATH=$PATH:/usr/sbin:/sbin
mkfifo "$1/born"
echo "nameserver 93.184.216.34" >"$1/resolv.conf"
mount --bind "$1/resolv.conf" /etc/resolv.conf
# certificate NAME SUBJECT OPTIONS...: NAME.key and NAME.pem. What servers have is signed by an authority, as in the world.
certificate() {
	name=$1 subject=$2
	shift 2
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$subject" "$@" \
		-keyout "$name.key" -out "$name.pem" 2>/dev/null
}
certificate "$1/authority" world
certificate "$1/server" api.test -addext "subjectAltName=DNS:api.test,DNS:files.test,DNS:plain.test" \
	-CA "$1/authority.pem" -CAkey "$1/authority.key"
mkdir "$1/authorities"
cp "$1/authority.pem" "$1/authorities/world.crt"
mount --bind "$1/authorities" /usr/local/share/ca-certificates
# Dropbear wants directories that are root's alone all the way up.
mkdir -m 700 "$1/keys" "$1/root"
mount --bind "$1/keys" /mnt
root=/
# In a user namespace / is nobody's.
if [ "$(stat -c %u /)" != 0 ]; then
	root=$1/root
	mount -t tmpfs -o mode=755 root "$root"
	for each in /*; do
		if [ -L "$each" ]; then
			cp -P "$each" "$root"
		elif [ -d "$each" ]; then
			mkdir "$root$each"
			mount --rbind "$each" "$root$each"
		fi
	done
fi
ip link set lo up
exec 3<&0
unshare --net python3 "$(dirname "$0")/small-world.py" "$1" "$root" <&3 &
world=$!
read -r _ <"$1/born"
ip link add wire type veth peer name wire netns "$world"
ip addr add 93.184.216.1/32 dev wire
for address in 10.7.0.1/24 151.101.0.1/24; do ip addr add "$address" dev wire; done
for address in 2606:4700::1/128 2a01:77::1/64; do ip addr add "$address" dev wire nodad; done
ip link set wire up
# What is behind these routes is the world; what has a prefix in common with this host is near.
ip route add 93.184.216.0/24 dev wire
ip route add 2606:4700::/64 dev wire
nsenter -t "$world" -n sh -ec '
	ip link set lo up
	for address in 93.184.216.34/24 93.184.216.35/24 10.7.0.2/24 151.101.0.2/24 169.254.169.254/32 192.0.46.8/32; do
		ip addr add "$address" dev wire
	done
	for address in 2606:4700::1111/64 2a01:77::2/64; do ip addr add "$address" dev wire nodad; done
	ip link set wire up'
ip route add default via 192.0.46.8 dev wire onlink
echo ready
exec cat >/dev/null
