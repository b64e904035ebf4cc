#!/usr/bin/env bash
# Judges the package in empty Debian roots: scripts/release/tryPackage.sh FILE.deb [SUITE…], bookworm and trixie where none
# is named. Needs root, debootstrap and a Debian mirror; downloads about 150 MB for each.
#
# In each root: it installs with nothing but what it depends on, its program runs, systemd finds nothing wrong with its
# unit and has it start at boot, bash completes its commands, its manual page renders, an upgrade keeps changed settings,
# and after a purge not a file is left that was not there before.
set -euo pipefail

package=$(realpath "$1")
shift
suites=("${@:-bookworm}")
[ $# -gt 0 ] || suites=(bookworm trixie)
work=$(mktemp -d)
trap 'umount -q "$work"/*/proc || true; rm -rf --one-file-system "$work"' EXIT

say() { printf '%s: %s\n' "$suite" "$1"; }
fail() { say "FAILED: $1" >&2; exit 1; }
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
# Everything in the root but what dpkg and apt themselves keep.
files() { (cd "$root" && find . -xdev \( -path ./proc -o -path ./tmp -o -path './var/lib/dpkg' -o -path ./run -o -path './var/log' -o -path './var/cache' -o -path './var/lib/apt' \) -prune -o -print | sort); }

# The same with a higher version, and another line in its settings.
newer="$work/newer.deb"
dpkg-deb --raw-extract "$package" "$work/newer"
sed -i 's/^Version: .*/&+newer/' "$work/newer/DEBIAN/control"
echo '# newer' >>"$work/newer/etc/default/slipway"
dpkg-deb --root-owner-group -Zgzip --build "$work/newer" "$newer" >/dev/null
rm -r "$work/newer"

for suite in "${suites[@]}"; do
  root="$work/$suite"
  # A suite newer than debootstrap itself is made as every one is.
  script=()
  [ -e "/usr/share/debootstrap/scripts/$suite" ] || script=(/usr/share/debootstrap/scripts/sid)
  debootstrap --variant=minbase "$suite" "$root" "${MIRROR:-http://deb.debian.org/debian}" "${script[@]}" >"$work/$suite.log" 2>&1 ||
    { tail -n 3 "$work/$suite.log"; fail "no root"; }
  mount -t proc proc "$root/proc"
  cp "$package" "$root/tmp/slipway.deb"
  cp "$newer" "$root/tmp/newer.deb"

  # An empty root: what it cannot do without must be in its Depends.
  inside apt-get install -qq -y --no-install-recommends /tmp/slipway.deb >"$work/$suite.log" 2>&1 || { cat "$work/$suite.log"; fail "apt installs it"; }
  say "installed, with $(grep -c '^Setting up' "$work/$suite.log") package(s): $(inside slipway --version)"
  [ "$(inside slipway rehearse 2>/dev/null | grep -c 'was started')" -gt 0 ] || fail "slipway rehearse"
  inside apt-get purge -qq -y slipway >/dev/null 2>&1

  inside apt-get install -qq -y --no-install-recommends systemd man-db bash-completion groff-base >/dev/null 2>&1
  files >"$work/before"
  inside apt-get install -qq -y --no-install-recommends /tmp/slipway.deb >"$work/$suite.log" 2>&1 || { cat "$work/$suite.log"; fail "installs beside systemd"; }
  [ "$(inside systemctl is-enabled slipway.service)" = enabled ] || fail "enabled"
  said=$(inside systemd-analyze verify /usr/lib/systemd/system/slipway.service 2>&1 | grep -i slipway | grep -v 'docker' || true)
  [ -z "$said" ] || fail "systemd-analyze verify: $said"
  say "the unit is enabled, and systemd-analyze verify has nothing against it"

  completed=$(inside bash -c '. /usr/share/bash-completion/bash_completion; _comp_load slipway 2>/dev/null || _completion_loader slipway || true
    COMP_WORDS=(slipway "re"); COMP_CWORD=1; COMP_LINE="slipway re"; COMP_POINT=10
    "$(complete -p slipway | sed "s/.*-F \([^ ]*\).*/\1/")"; echo "${COMPREPLY[*]}"')
  [ "$completed" = rehearse ] || fail "bash completes \"slipway re\" to \"$completed\""
  say "bash completes its commands"

  # The minimal image leaves manual pages out as they are unpacked; this one is judged all the same.
  dpkg-deb --fsys-tarfile "$package" | tar -xO ./usr/share/man/man8/slipway.8.gz >"$root/tmp/slipway.8.gz"
  said=$(inside man --warnings -l /tmp/slipway.8.gz 2>&1 >"$work/page" || true)
  [ -z "$said" ] || fail "man --warnings: $said"
  grep -q 'slipway uninstall' "$work/page" || fail "the manual page"
  say "the manual page renders, $(wc -l <"$work/page") lines"

  echo 'SLIPWAY_CONFIRM=10s' >>"$root/etc/default/slipway"
  inside apt-get install -qq -y -o Dpkg::Options::=--force-confold /tmp/newer.deb >"$work/$suite.log" 2>&1 || { cat "$work/$suite.log"; fail "upgrade"; }
  grep -q 'SLIPWAY_CONFIRM=10s' "$root/etc/default/slipway" || fail "the upgrade keeps changed settings"
  [ "$(inside systemctl is-enabled slipway.service)" = enabled ] || fail "enabled after the upgrade"
  # Who has switched it off finds it off after an upgrade.
  inside systemctl disable slipway.service 2>/dev/null
  inside apt-get install -qq -y --allow-downgrades -o Dpkg::Options::=--force-confold /tmp/slipway.deb >/dev/null 2>&1
  [ "$(inside systemctl is-enabled slipway.service || true)" = disabled ] || fail "a unit that was disabled stays so"
  say "an upgrade keeps settings, and whether the unit is enabled"

  mkdir -p "$root/var/lib/slipway" "$root/run/slipway"
  inside apt-get remove -qq -y slipway >/dev/null 2>&1
  [ ! -e "$root/usr/bin/slipway" ] && [ -e "$root/etc/default/slipway" ] || fail "remove leaves the settings, and nothing else"
  inside apt-get purge -qq -y slipway >/dev/null 2>&1
  files >"$work/after"
  diff "$work/before" "$work/after" >"$work/left" || { cat "$work/left"; fail "purge leaves nothing"; }
  say "remove keeps the settings, purge leaves nothing"
  umount "$root/proc"
done
