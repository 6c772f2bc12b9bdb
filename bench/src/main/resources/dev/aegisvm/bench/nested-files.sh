#!/bin/sh
# nested-files.sh ROOT DIRECTORY VERSION...: makes what nested.sh starts from: ROOT.tar, an archive as of "docker save", of the files in
# ROOT, in which the image is called base:1; and each release of microsandbox, from npm, in DIRECTORY/VERSION.
set -eu
root=$1 releases=$2
shift 2
mkdir "$root.image"
cd "$root.image"
tar -C "$root" -cf layer.tar .
printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
    "$(sha256sum layer.tar | cut -c 1-64)" >config.json
printf '[{"Config":"config.json","RepoTags":["base:1"],"Layers":["layer.tar"]}]' >manifest.json
tar -cf "$root.tar" manifest.json config.json layer.tar

for version; do
    mkdir -p "$releases/$version"
    cd "$releases/$version"
    tar --strip-components=1 -xf "$(npm pack --silent "@superradcompany/microsandbox-linux-x64-gnu@$version")"
done
