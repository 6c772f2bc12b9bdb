#!/bin/sh
# archive.sh ROOT: makes ROOT.tar, an archive as of "docker save", of the files in ROOT; the image is called base:1.
set -eu
mkdir "$1.image"
cd "$1.image"
tar -C "$1" -cf layer.tar .
printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
    "$(sha256sum layer.tar | cut -c 1-64)" >config.json
printf '[{"Config":"config.json","RepoTags":["base:1"],"Layers":["layer.tar"]}]' >manifest.json
tar -cf "$1.tar" manifest.json config.json layer.tar
