/** Linux's signals by number, from 1 on. Source: signal(7), the same on x86 and ARM. */
const names =
  "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ " +
  "VTALRM PROF WINCH IO PWR SYS"

const byNumber = names.split(" ")

/** A signal as Kubernetes names it. Docker takes a number as well, and a name in any case, without SIG. */
export const signalOf = (text: string): string => {
  const name = (/^\d+$/.test(text) ? byNumber[Number(text) - 1] : undefined) ?? text.toUpperCase()
  return /^\d/.test(name) || name.startsWith("SIG") ? name : `SIG${name}`
}
