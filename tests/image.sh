#!/bin/sh
# What a container engine would do for the image, by the kernel's own means: a root of its own that is read-only, /tmp in
# memory, one folder that can be written, an ordinary user without capabilities. To be called in a new mount namespace.
# usage: image.sh ROOT DATA USER FOLDER... -- PROGRAM [ARGUMENT...]; each FOLDER is seen under its own name, read-only.
set -eu
root=$1 data=$2 user=$3
shift 3

seen() { mkdir -p "$root$1" && mount --bind "$1" "$root$1" && mount -o remount,ro,bind "$root$1"; }

chroot=$(PATH=$PATH:/usr/sbin:/sbin command -v chroot)  # an ordinary user's path has no sbin

mount --make-rprivate /
mount --bind "$root" "$root"
mkdir -p "$root/tmp" "$root/var/lib/assent"
mount -t tmpfs -o size=64m,mode=1777 tmpfs "$root/tmp"
mount --bind "$data" "$root/var/lib/assent"
for folder in /usr /bin /lib /lib64 /dev /proc; do
  if [ -L "$folder" ]; then ln -sfn "$(readlink "$folder")" "$root$folder"
  elif [ -d "$folder" ]; then seen "$folder"; fi
done
while [ "$1" != -- ]; do seen "$1"; shift; done
shift
mount -o remount,ro,bind "$root"
exec "$chroot" "$root" /usr/bin/setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs \
  --bounding-set -all --inh-caps -all "$@"
