/**
 * What a run ends with that another run would end with too; an error that is final says so by
 * `[Runtime.errorExitCode]`. The unit does not start the program again after one of these.
 */
export const finalExitCodes = {
  /** The declaration or the settings cannot work. EX_CONFIG of sysexits.h. */
  useless: 78,
  /** A job (restart policy `Never`) ended with a failure of its own, or a Pod was active for as long as it may be. */
  jobFailed: 79
} as const
