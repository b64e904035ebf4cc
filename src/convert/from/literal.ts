/**
 * A text that Kubernetes' expansion leaves as it is: where it would read `$(NAME)` or `$$`, each dollar is doubled. See
 * `workload/expand.ts`.
 */
export const literal = (text: string): string => text.replaceAll(/\$(?=[$(])/g, "$$$$")
