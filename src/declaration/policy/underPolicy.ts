import * as Arr from "effect/Array"
import type { DeclaredWorkload } from "../../workload/DeclaredWorkload.ts"
import type { SecurityContext } from "../../workload/SecurityContext.ts"
import type { Policy } from "./Policy.ts"

/**
 * What a policy does not allow although no declaration's text says it: an image's own user may be root. Where the image is
 * known, before anything is stopped, that is judged.
 */
export const underPolicy = (workload: DeclaredWorkload, { file, runAsRoot }: Policy): DeclaredWorkload =>
  runAsRoot === false
    ? {
        ...workload,
        containers: Arr.map(workload.containers, (container) => withoutRoot(container, file)),
        initContainers: workload.initContainers.map((container) => withoutRoot(container, file))
      }
    : workload

const withoutRoot = <A extends { readonly security?: SecurityContext }>(container: A, rootForbiddenBy: string): A =>
  container.security?.runAsUser === undefined
    ? { ...container, security: { ...container.security, rootForbiddenBy } }
    : container
