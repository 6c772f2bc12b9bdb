# What clients fetch in GatewayClientsTest: $1 is the directory of a small world, whose site and keys it makes.
set -eu
cd "$1/site"

# For apt: a package, and the index of a repository without a signature.
mkdir -p deb/DEBIAN deb/usr/bin debian
printf '#!/bin/sh\necho thing from apt\n' >deb/usr/bin/thing
chmod 755 deb/usr/bin/thing
printf 'Package: thing\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: a thing\n' >deb/DEBIAN/control
dpkg-deb --root-owner-group -b deb debian/thing.deb >/dev/null
{
	cat deb/DEBIAN/control
	echo "Filename: ./thing.deb"
	echo "Size: $(stat -c %s debian/thing.deb)"
	echo "SHA256: $(sha256sum debian/thing.deb | cut -d ' ' -f 1)"
} >debian/Packages

# For pip and npm: a wheel and an archive with an index each. For Go's registry client: a list of tags.
mkdir -p simple/thing npm v2/thing/tags
python3 - <<'END'
import base64, hashlib, io, json, tarfile, zipfile

with zipfile.ZipFile("simple/thing/thing-1-py3-none-any.whl", "w") as wheel:
    wheel.writestr("thing.py", "print('thing from pip')\n")
    wheel.writestr("thing-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1\n")
    wheel.writestr("thing-1.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr("thing-1.dist-info/RECORD", "thing.py,,\n")
with open("simple/thing/index.html", "w") as index:
    index.write('<a href="thing-1-py3-none-any.whl">thing-1-py3-none-any.whl</a>\n')

package = {"name": "thing", "version": "1.0.0"}
with tarfile.open("npm/thing-1.0.0.tgz", "w:gz") as archive:
    for name, content in ("package.json", json.dumps(package)), ("index.js", "console.log('thing from npm')\n"):
        member = tarfile.TarInfo("package/" + name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content.encode()))
with open("npm/thing-1.0.0.tgz", "rb") as archive:
    digest = base64.b64encode(hashlib.sha512(archive.read()).digest()).decode()
package["dist"] = {"tarball": "https://files.test/npm/thing-1.0.0.tgz", "integrity": "sha512-" + digest}
with open("npm/thing", "w") as index:
    json.dump({"name": "thing", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": package}}, index)
END
echo '{"name": "thing", "tags": ["from-go"]}' >v2/thing/tags/list

# For git, by HTTP and by SSH, with the server's key and a client's.
git init -q -b main work
echo thing from git >work/thing
git -C work add thing
git -C work -c user.name=nobody -c user.email=nobody@files.test commit -q -m thing
git clone -q --bare work project.git
git -C project.git update-server-info
dropbearkey -t ed25519 -f ../keys/host >/dev/null 2>&1
ssh-keygen -q -t ed25519 -N '' -f ../keys/client
cp ../keys/client.pub ../keys/authorized_keys
