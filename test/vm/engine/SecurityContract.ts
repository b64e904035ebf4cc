import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { ContainerSecurity } from "../../../src/vm/engine/ContainerSecurity.ts"
import { created, type DockerHost, found } from "./DockerContract.ts"
import { type EngineRun, engineTest } from "./engineTest.ts"

/**
 * What a Docker engine tells of a container's security. The image of `runs` names no user, that of `numbered`
 * 1000:2000.
 */
export const securityContract = (name: string, layer: Layer.Layer<DockerHost, unknown>, options: EngineRun): void => {
  const test = engineTest(layer, options)

  const toldOf = Effect.fnUntraced(function* (
    security: ContainerSecurity,
    role: "runs" | "numbered" = "runs",
    privileged = false
  ) {
    const { id } = yield* created(role, { security, privileged })
    const { config } = yield* found(id)
    return [config.user, config.security]
  })

  describe(name, () => {
    test(
      "nothing is told where nothing was said",
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* toldOf({}), [undefined, undefined])
        assert.deepStrictEqual(yield* toldOf({}, "runs", true), [undefined, undefined])
        assert.deepStrictEqual(yield* toldOf({}, "numbered"), ["1000:2000", undefined])
      })
    )

    test(
      "a user goes before the image's; a group alone goes with the image's user, or root",
      Effect.gen(function* () {
        const user = (user: ContainerSecurity["user"] & {}, role: "runs" | "numbered" = "runs") =>
          Effect.map(toldOf({ user }, role), ([text]) => text)
        assert.strictEqual(yield* user({ uid: 1001 }), "1001")
        assert.strictEqual(yield* user({ uid: 0, gid: 3000 }, "numbered"), "0:3000")
        assert.strictEqual(yield* user({ gid: 3000 }), "0:3000")
        assert.strictEqual(yield* user({ gid: 3000 }, "numbered"), "1000:3000")
      })
    )

    test(
      "everything else is told as it was said",
      Effect.gen(function* () {
        const security: ContainerSecurity = {
          supplementalGroups: [5, 4000, 20000],
          capAdd: ["CAP_CHOWN", "CAP_NET_BIND_SERVICE"],
          capDrop: ["ALL"],
          readonlyRootfs: true,
          noNewPrivileges: true,
          seccomp: "unconfined",
          appArmor: "unconfined",
          seLinux: { user: "user_u", role: "", type: "spc_t", level: "s0:c1,c2" },
          unmasked: true
        }
        assert.deepStrictEqual(yield* toldOf(security), [undefined, security])
        const profile = JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["a=b:c"] }] })
        assert.deepStrictEqual(yield* toldOf({ seccomp: profile }), [undefined, { seccomp: profile }])
        const namespaces = {
          pid: "host",
          ipc: "host",
          sysctls: { "kernel.shmmax": "1", "net.core.somaxconn": "2" }
        } as const
        const { id } = yield* created("runs", { namespaces })
        assert.deepStrictEqual((yield* found(id)).config.namespaces, namespaces)
      })
    )
  })
}
