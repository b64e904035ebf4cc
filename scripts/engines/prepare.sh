#!/bin/sh
# Prepares newer engines beside the system's own, for the engine tests to run on. The packages of a newer Debian suite
# are unpacked into a folder instead of being installed, and run with that suite's own libraries; no chroot, so that an
# engine sees the mounts that tests make. Wants nothing but a bare Debian, and its mirror from apt's own configuration.
#
#   scripts/engines/prepare.sh FOLDER [NAME...]      as root; without names all of them
#
#   debian-13     Docker of Debian 13 (26.1)
#   debian-sid    Docker of Debian sid (28.5 in 2026)
#   podman        Podman of Debian sid (5.8 in 2026)
#   readers       no engine, but what reads the files that are converted for one: Docker Compose and Podman's quadlet of
#                 Debian sid (2.40 and 5.8 in 2026), which need nothing but the system's C library; only where it is named
#
# FOLDER/NAME/bin is to come first on PATH. An engine that is in FOLDER already is left as it is; remove its folder to
# have it anew. Exit code 3: the suite cannot be reached from here, or its programs do not run here.
set -eu
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"

usage() {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p;}' "$0" >&2
  exit 64
}
say() { echo "prepare.sh: $*" >&2; }

[ $# -ge 1 ] || usage
[ "$(id -u)" = 0 ] || { say "needs root, as the engines do"; exit 64; }
mkdir -p "$1"
folder=$(cd "$1" && pwd -P)
shift
[ $# -gt 0 ] || set -- debian-13 debian-sid podman

# The address that apt has for this machine's own suite serves the other suites as well.
mirror() {
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  apt-get indextargets --format '$(SITE) $(RELEASE)' | awk -v release="$codename" '$2 == release { print $1; exit }'
}

# Has apt know a suite, in a folder of its own.
reach() {
  suite=$1 work=$2
  site=$(mirror)
  [ -n "$site" ] || { say "apt's configuration names no Debian mirror"; return 3; }
  mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/root"
  : > "$work/status"
  cat > "$work/suite.sources" << END
Types: deb
URIs: $site
Suites: $suite
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
  # A mirror that is a snapshot is as good, and its date is past: it is signed all the same.
  cat > "$work/apt.conf" << END
Dir::State "$work";
Dir::State::status "$work/status";
Dir::Cache "$work";
Dir::Etc::SourceList "$work/suite.sources";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
APT::Default-Release "";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
Acquire::Retries "2";
Acquire::http::Timeout "20";
END
  apt-get -qq -c "$work/apt.conf" update || { say "Debian $suite cannot be had from $site"; return 3; }
}

# Downloads packages with all that they need, as onto a machine on which nothing is installed, and unpacks them.
unpack() {
  suite=$1 work=$2
  shift 2
  reach "$suite" "$work" || return $?
  apt-get -qq -c "$work/apt.conf" install --yes --no-install-recommends --download-only "$@" > /dev/null ||
    { say "the packages of Debian $suite cannot be had from $site"; return 3; }
  for package in "$work"/archives/*.deb; do dpkg-deb --extract "$package" "$work/root"; done
}

# Downloads packages without what they need, and takes programs out of them.
prepare_readers() {
  target=$folder/readers
  if [ ! -e "$target/version" ]; then
    work=$(mktemp -d "$folder/.readers-XXXXXX")
    reach sid "$work" || { code=$?; rm -r -- "$work"; return $code; }
    (cd "$work/archives" && apt-get -qq -c "$work/apt.conf" download docker-compose podman) ||
      { say "the packages of Debian sid cannot be had from $site"; rm -r -- "$work"; return 3; }
    for package in "$work"/archives/*.deb; do dpkg-deb --extract "$package" "$work/root"; done
    mkdir "$work/bin"
    mv "$work/root/usr/libexec/docker/cli-plugins/docker-compose" "$work/root/usr/libexec/podman/quadlet" "$work/bin"
    # A newer suite may want a newer C library than this machine's.
    { compose=$("$work/bin/docker-compose" version --short) && quadlet=$("$work/bin/quadlet" -version); } 2> /dev/null ||
      { say "Docker Compose and quadlet of Debian sid do not run here"; rm -r -- "$work"; return 3; }
    echo "Docker Compose $compose and quadlet $quadlet" > "$work/version"
    rm -rf -- "$target"
    mkdir "$target"
    mv "$work/bin" "$work/version" "$target"
    rm -r -- "$work"
  fi
  say "$(cat "$target/version") in $target"
}

# A string in a binary is replaced by one of the same length: a shorter path is padded with slashes.
padded() {
  awk -v first="$1" -v last="$2" -v of="$3" 'BEGIN {
    while (length(first last) < length(of)) first = first "/"
    if (length(first last) > length(of)) exit 1
    print first last
  }'
}

# Has the programs load the libraries that were unpacked with them: they name a loader of their own, and that loader
# looks in its own folder and in no other's cache. An environment variable would be inherited by the system's programs,
# which engines call as well and which do not bear these libraries; patchelf leaves some of these programs broken.
relink() {
  link=$1 libraries=$2 programs=$3
  interpreter=$(head -c 4096 "$programs/runc" | tr '\0' '\n' | grep -ao '^/lib[0-9]*/ld-linux-[^/]*$' | head -n 1)
  triplet=$(basename "$libraries")
  loader="$libraries/$(basename "$interpreter")"
  own=$(padded "$link/" ld.so "$interpreter")
  path=$(padded "$link/" "" "/lib/$triplet/")
  cp --remove-destination "$(readlink -f "$loader")" "$libraries/ld.so"
  sed -i "s|/lib/$triplet/|$path|g; s|/etc/ld\.so\.cache|/etc/ld.so.never|g" "$libraries/ld.so"
  for program in "$programs"/*; do
    [ -L "$program" ] || sed -i "s|$interpreter|$own|g" "$program"
  done
}

# A loader's path has to be as short as the one that it stands for: an engine has a short name, made of its folder's.
link_of() { echo "/run/engine-$(echo "$1" | cksum | awk '{ printf "%08x", $1 }')"; }

prepare() {
  name=$1
  [ "$name" != readers ] || { prepare_readers; return; }
  target=$folder/$name
  case $name in
    debian-13) suite=trixie packages="docker.io docker-cli" version="dockerd --version" ;;
    debian-sid) suite=sid packages="docker.io docker-cli" version="dockerd --version" ;;
    podman) suite=sid packages="podman runc crun netavark docker-cli" version="podman --version" ;;
    *) usage ;;
  esac
  link=$(link_of "$target")
  if [ ! -e "$target/version" ]; then
    work=$(mktemp -d "$folder/.$name-XXXXXX")
    # shellcheck disable=SC2086
    unpack "$suite" "$work" $packages || { code=$?; rm -r -- "$work"; return $code; }
    root=$work/root
    mkdir -p "$work/engine/bin"
    for program in dockerd docker docker-init docker-proxy containerd containerd-shim-runc-v2 ctr runc \
      podman conmon crun netavark; do
      for found in "$root/usr/bin/$program" "$root/usr/sbin/$program" "$root/usr/lib/podman/$program"; do
        [ ! -e "$found" ] || cp --dereference "$found" "$work/engine/bin/$program"
      done
    done
    mv "$(dirname "$(ls "$root"/usr/lib/*/libc.so.6)")" "$work/engine/"
    relink "$link" "$(dirname "$(ls "$work"/engine/*/libc.so.6)")" "$work/engine/bin"
    rm -rf -- "$target"
    mv "$work/engine" "$target"
    rm -r -- "$work"
  fi
  ln -sfn "$(dirname "$(ls "$target"/*/libc.so.6)")" "$link"
  "$target/bin/"$version > "$target/version.new"
  mv "$target/version.new" "$target/version"
  say "$name is $(cat "$target/version") in $target"
}

for name in "$@"; do prepare "$name"; done
