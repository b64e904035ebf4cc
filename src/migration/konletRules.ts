/**
 * How many of the host's rules are konlet's: it appends one a protocol to INPUT and to FORWARD at each run, so that they
 * pile up until the next boot. Reads what `iptables-save -t filter` prints.
 */
export const konletRules = (saved: string): number =>
  saved
    .split("\n")
    .filter((line) => /^(?:\[\d+:\d+\] )?-A (?:INPUT|FORWARD) -p (?:tcp|udp|icmp) -j ACCEPT\s*$/.test(line)).length
