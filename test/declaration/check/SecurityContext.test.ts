import { assert, describe, it } from "@effect/vitest"
import { problemsOf, saidOf, workloadOf } from "./Declared.ts"

const container = (securityContext: object, name = "web") => ({ name, image: "nginx", securityContext })
const securityOf = (own: object, pod: object = {}) =>
  workloadOf({ securityContext: pod, containers: [container(own)] }).containers[0].security
const said = (own: object, pod: object = {}) => saidOf({ securityContext: pod, containers: [container(own)] })

describe("a security context", () => {
  it("is absent where nothing is said, or what is so anyway", () => {
    assert.isUndefined(securityOf({}))
    assert.isUndefined(
      securityOf(
        {
          privileged: false,
          readOnlyRootFilesystem: false,
          allowPrivilegeEscalation: true,
          procMount: "Default",
          capabilities: { add: [], drop: null },
          seLinuxOptions: {},
          runAsNonRoot: false
        },
        { supplementalGroups: [], supplementalGroupsPolicy: "Merge", seccompProfile: { type: "RuntimeDefault" } }
      )
    )
  })

  it("of the container goes before the Pod's, field by field", () => {
    const pod = {
      runAsUser: 1000,
      runAsGroup: 2000,
      runAsNonRoot: true,
      supplementalGroups: [5],
      seccompProfile: { type: "Unconfined" },
      seLinuxOptions: { user: "user_u", type: "spc_t" }
    }
    assert.deepStrictEqual(securityOf({}, pod), {
      runAsUser: 1000,
      runAsGroup: 2000,
      runAsNonRoot: true,
      supplementalGroups: [5],
      seccompProfile: { _tag: "Unconfined" },
      seLinuxOptions: { user: "user_u", role: "", type: "spc_t", level: "" }
    })
    const own = {
      runAsUser: 0,
      runAsNonRoot: false,
      seccompProfile: { type: "RuntimeDefault" },
      seLinuxOptions: { level: "s0" }
    }
    assert.deepStrictEqual(securityOf(own, pod), {
      runAsUser: 0,
      runAsGroup: 2000,
      supplementalGroups: [5],
      seLinuxOptions: { user: "", role: "", type: "", level: "s0" }
    })
  })

  it("counts for init containers and sidecars too", () => {
    const { initContainers } = workloadOf({
      securityContext: { runAsUser: 7 },
      initContainers: [container({ runAsUser: 8 }, "a"), { ...container({}, "b"), restartPolicy: "Always" }],
      containers: [container({})]
    })
    assert.deepStrictEqual(
      initContainers.map(({ security }) => security),
      [{ runAsUser: 8 }, { runAsUser: 7 }]
    )
  })

  it("has ids as in Kubernetes", () => {
    for (const id of [0, 2 ** 31 - 1]) assert.deepStrictEqual(said({ runAsUser: id, runAsGroup: id }), [])
    for (const id of [-1, 2 ** 31]) {
      assert.deepStrictEqual(said({ runAsUser: id }), ["IdInvalid"])
      assert.deepStrictEqual(said({}, { runAsGroup: id, supplementalGroups: [1, id] }), ["IdInvalid", "IdInvalid"])
    }
    assert.deepStrictEqual(said({ runAsUser: "1000" }), ["ValueTypeInvalid"])
  })

  it("that forbids root cannot have user 0, and is one problem however many containers take it from the Pod", () => {
    assert.deepStrictEqual(said({ runAsNonRoot: true }, { runAsUser: 0 }), ["RunsAsRoot"])
    assert.deepStrictEqual(said({ runAsUser: 1 }, { runAsUser: 0, runAsNonRoot: true }), [])
    const several = { securityContext: { runAsUser: 0, runAsNonRoot: true }, containers: [{}, {}].map(named) }
    assert.deepStrictEqual(saidOf(several), ["RunsAsRoot"])
  })

  it("with a strict policy of groups needs a group in each container", () => {
    const strict = { supplementalGroupsPolicy: "Strict" }
    assert.deepStrictEqual(said({}, { ...strict, runAsGroup: 5 }), [])
    assert.deepStrictEqual(said({ runAsGroup: 5 }, strict), [])
    assert.deepStrictEqual(problemsOf({ securityContext: strict, containers: [container({})] }), [
      [
        'supplementalGroupsPolicy can only be Strict with a runAsGroup, which "web" has not',
        'Write "runAsGroup:" with the number of the group, or remove supplementalGroupsPolicy.'
      ]
    ])
  })

  it("cannot forbid privilege escalation to what has all rights, in Kubernetes' very cases", () => {
    const forbidden = { allowPrivilegeEscalation: false }
    assert.deepStrictEqual(said({ ...forbidden, privileged: true }), ["PrivilegeEscalationForced"])
    assert.deepStrictEqual(said({ ...forbidden, capabilities: { add: ["CAP_SYS_ADMIN"] } }), [
      "PrivilegeEscalationForced"
    ])
    assert.deepStrictEqual(said({ ...forbidden, capabilities: { add: ["SYS_ADMIN"] } }), [])
    assert.deepStrictEqual(securityOf(forbidden), { allowPrivilegeEscalation: false })
  })

  it("names what was meant by a word that it does not have", () => {
    const advice = (own: object) => problemsOf({ containers: [container(own)] }).map(([, advice]) => advice)
    assert.deepStrictEqual(advice({ capabilities: { add: ["NET_ADMN", "CAP_SYSPTRACE"] } }), [
      'Did you mean "NET_ADMIN"?',
      'Did you mean "SYS_PTRACE"?'
    ])
    assert.deepStrictEqual(advice({ seccompProfile: { type: "unconfined" }, procMount: "None" }), [
      'Did you mean "Unconfined"?',
      "Write Default or Unmasked."
    ])
    assert.deepStrictEqual(advice({ seccompProfile: { type: "None" } }), [
      "Write RuntimeDefault, Unconfined or Localhost."
    ])
    assert.deepStrictEqual(said({ seccompProfile: {} }), ["SecurityChoiceInvalid"])
  })

  it("names profiles of the host as in Kubernetes", () => {
    const seccomp = (localhostProfile: unknown, type = "Localhost") =>
      said({ seccompProfile: { type, localhostProfile } })
    for (const path of ["web.json", "a/b..c/web", "./web", "...", "a/"]) assert.deepStrictEqual(seccomp(path), [], path)
    for (const path of ["/web.json", "..", "../web", "a/../b", "a/..", "", undefined, "x".repeat(4096)]) {
      assert.deepStrictEqual(seccomp(path), ["LocalhostProfileInvalid"], String(path))
    }
    assert.deepStrictEqual(seccomp("web.json", "Unconfined"), ["LocalhostProfileInvalid"])
    assert.deepStrictEqual(seccomp("", "RuntimeDefault"), ["LocalhostProfileInvalid"])
    assert.deepStrictEqual(seccomp(undefined, "RuntimeDefault"), [])

    const appArmor = (localhostProfile: unknown) => said({ appArmorProfile: { type: "Localhost", localhostProfile } })
    for (const name of ["web", "a b", "/usr/bin/web", "../web"]) assert.deepStrictEqual(appArmor(name), [], name)
    for (const name of [" web", "web\n", "", undefined]) {
      assert.deepStrictEqual(appArmor(name), ["LocalhostProfileInvalid"], String(name))
    }
    assert.deepStrictEqual(
      securityOf(
        { appArmorProfile: { type: "Localhost", localhostProfile: "web" } },
        {
          appArmorProfile: { type: "Unconfined" },
          seccompProfile: { type: "Localhost", localhostProfile: "a/web.json" }
        }
      ),
      { appArmorProfile: { _tag: "Localhost", name: "web" }, seccompProfile: { _tag: "Localhost", path: "a/web.json" } }
    )
  })

  it("of a privileged container has no seccomp profile", () => {
    const seccompProfile = { type: "RuntimeDefault" }
    assert.deepStrictEqual(said({ privileged: true, seccompProfile }), ["(PrivilegedIgnores)"])
    assert.deepStrictEqual(said({ privileged: true }, { seccompProfile }), [])
    assert.isUndefined(securityOf({ privileged: true, seccompProfile: { type: "Unconfined" } }))
  })

  it("under konlet's key takes effect, and what is wrong with it is a warning", () => {
    const wrong = { runAsUser: -1, capabilities: { add: ["NET_ADMN", "CHOWN"] }, procMount: "None" }
    const spec = { containers: [container(wrong)] }
    assert.deepStrictEqual(saidOf(spec, "konlet"), ["(Tolerated)", "(Tolerated)", "(Tolerated)"])
    assert.deepStrictEqual(workloadOf(spec, "konlet").containers[0].security, {
      capabilities: { add: ["CAP_CHOWN"], drop: [] }
    })
  })
})

const named = (securityContext: object, index: number) => container(securityContext, `c${index}`)
