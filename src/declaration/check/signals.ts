const standard =
  "SIGABRT SIGALRM SIGBUS SIGCHLD SIGCLD SIGCONT SIGFPE SIGHUP SIGILL SIGINT SIGIO SIGIOT SIGKILL SIGPIPE SIGPOLL SIGPROF " +
  "SIGPWR SIGQUIT SIGSEGV SIGSTKFLT SIGSTOP SIGSYS SIGTERM SIGTRAP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGUSR1 SIGUSR2 " +
  "SIGVTALRM SIGWINCH SIGXCPU SIGXFSZ"

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

/** Linux's signals, as Kubernetes names them. */
export const signals: ReadonlyArray<string> = [
  ...standard.split(" "),
  "SIGRTMIN",
  ...upTo(15).map((number) => `SIGRTMIN+${number}`),
  ...upTo(14)
    .toReversed()
    .map((number) => `SIGRTMAX-${number}`),
  "SIGRTMAX"
]
