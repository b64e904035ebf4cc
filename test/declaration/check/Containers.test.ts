import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import { problemsOf, saidOf, workloadOf } from "./Declared.ts"

const web = { name: "web", image: "nginx" }
const log = { name: "log", image: "fluentd" }
const init = { name: "init", image: "busybox" }

describe("several containers", () => {
  it("are in the order of the declaration, each with its own part of it", () => {
    const { containers, initContainers, volumes } = workloadOf({
      containers: [
        { ...web, volumeMounts: [{ name: "data", mountPath: "/srv" }], tty: true },
        { ...log, env: [{ name: "A", value: "1" }], securityContext: { privileged: true } }
      ],
      initContainers: [{ ...init, volumeMounts: [{ name: "seed", mountPath: "/srv" }] }],
      volumes: [
        { name: "seed", hostPath: { path: "/seed" } },
        { name: "data", hostPath: { path: "/data" } }
      ]
    })
    assert.deepStrictEqual(
      containers.map(({ name, mounts, env, tty, privileged }) => ({ name, mounts, env, tty, privileged })),
      [
        {
          name: "web",
          mounts: [{ volume: "data", path: "/srv", readOnly: false }],
          env: [],
          tty: true,
          privileged: false
        },
        { name: "log", mounts: [], env: [{ name: "A", value: "1" }], tty: false, privileged: true }
      ]
    )
    assert.deepStrictEqual(
      initContainers.map(({ name, isSidecar }) => [name, isSidecar]),
      [["init", false]]
    )
    assert.deepStrictEqual(
      volumes.map(({ name }) => name),
      ["seed", "data"]
    )
  })

  it("are checked one by one, each problem in its place", () => {
    const found = problemsOf({
      containers: [
        { ...web, volumeMounts: [{ name: "dat", mountPath: "/a" }] },
        { ...log, image: "UPPER", volumeMounts: [{ name: "data", mountPath: "b" }] }
      ],
      initContainers: [{ name: "init", env: [{ name: "" }] }],
      volumes: [{ name: "data", hostPath: { path: "/data" } }]
    })
    assert.deepStrictEqual(
      found.map(([message]) => message),
      [
        'the container "web" mounts the volume "dat", which is not defined',
        `"UPPER" is not an image reference: the repository's name must be in lower case`,
        'the mountPath "b" is not absolute',
        'the container "init" has no image',
        "the variable spec.initContainers[0].env[0] has no name"
      ]
    )
  })

  it("need names, and each its own, init containers included", () => {
    assert.deepStrictEqual(problemsOf({ containers: [web, { image: "fluentd" }] }), [
      [
        "spec.containers[1] has no name, which each of several containers needs",
        'Write "name:" with a name of its own.'
      ]
    ])
    assert.deepStrictEqual(saidOf({ containers: [{ image: "nginx" }], initContainers: [init] }), [
      "ContainerNameMissing"
    ])
    assert.deepStrictEqual(problemsOf({ containers: [web, log, web] }), [
      [
        'the container name "web" is already taken on line 1',
        "Give each container a name of its own, init containers included."
      ]
    ])
    assert.deepStrictEqual(saidOf({ containers: [web], initContainers: [web] }), ["ContainerNameDuplicate"])
    assert.deepStrictEqual(saidOf({ containers: [{ image: "nginx" }] }), [])
  })

  it("have names as in Kubernetes; the name of one alone may be any that the engine takes", () => {
    for (const name of ["Web", "web_1", "web.1", "-web", "w".repeat(64)]) {
      assert.deepStrictEqual(saidOf({ containers: [{ ...web, name }, log] }), ["ContainerNameInvalid"], name)
    }
    for (const name of ["Web", "web_1", "web.1"]) {
      assert.deepStrictEqual(saidOf({ containers: [{ ...web, name }] }), [], name)
    }
    assert.deepStrictEqual(saidOf({ containers: [{ ...web, name: "${NAME}" }, log] }), ["PlaceholderLeft"])
  })

  it("share their volumes: one that any of them mounts is used", () => {
    const mount = { volumeMounts: [{ name: "v", mountPath: "/v" }] }
    const volumes = [{ name: "v", hostPath: { path: "/v" } }]
    assert.deepStrictEqual(saidOf({ containers: [web, log], volumes }), ["(VolumeUnused)"])
    assert.deepStrictEqual(saidOf({ containers: [web, { ...log, ...mount }], volumes }), [])
    assert.deepStrictEqual(saidOf({ containers: [web], initContainers: [{ ...init, ...mount }], volumes }), [])
  })

  it("may mount different volumes at one path", () => {
    const at = (name: string) => ({ volumeMounts: [{ name, mountPath: "/data" }] })
    const volumes = ["a", "b"].map((name) => ({ name, hostPath: { path: `/${name}` } }))
    assert.deepStrictEqual(
      saidOf({
        containers: [
          { ...web, ...at("a") },
          { ...log, ...at("b") }
        ],
        volumes
      }),
      []
    )
  })

  it("are told once of a disk's device that several of them mount", () => {
    const mount = { volumeMounts: [{ name: "v", mountPath: "/v" }] }
    const volumes = [{ name: "v", hostPath: { path: "/dev/sdb" } }]
    assert.deepStrictEqual(
      saidOf({
        containers: [
          { ...web, ...mount },
          { ...log, ...mount }
        ],
        volumes
      }),
      ["HostPathIsDisk"]
    )
  })

  it("cannot be init containers alone", () => {
    assert.deepStrictEqual(saidOf({ initContainers: [init] }), ["ContainerCountInvalid"])
  })

  it("are read by Slipway's rules under konlet's key too, which refused them", () => {
    assert.deepStrictEqual(saidOf({ containers: [web, { ...log, ttyy: true }] }, "konlet"), ["KeyMisspelt"])
    assert.deepStrictEqual(saidOf({ containers: [{ ...web, ttyy: true }] }, "konlet"), ["(KeyUnknown)"])
  })

  it.prop(
    "have unique names exactly if nothing is said",
    [
      Arbitrary.array(Arbitrary.schema(Schema.Literals(["a", "b", "c", "d", "e"])), { minLength: 2, maxLength: 5 }),
      Arbitrary.array(Arbitrary.schema(Schema.Literals(["a", "b", "x", "y"])), { maxLength: 3 })
    ],
    ([names, initNames]) => {
      const containers = names.map((name) => ({ name, image: "nginx" }))
      const initContainers = initNames.map((name) => ({ name, image: "busybox" }))
      const all = [...names, ...initNames]
      const said = saidOf({ containers, initContainers })
      assert.lengthOf(said, all.length - new Set(all).size)
      for (const tag of said) assert.strictEqual(tag, "ContainerNameDuplicate")
    }
  )
})

describe("restart policies", () => {
  it("of a container go before the Pod's", () => {
    const { containers, initContainers } = workloadOf({
      restartPolicy: "OnFailure",
      containers: [web, { ...log, restartPolicy: "Never" }],
      initContainers: [init, { name: "proxy", image: "envoy", restartPolicy: "Always" }]
    })
    assert.deepStrictEqual(
      containers.map(({ restartPolicy }) => restartPolicy),
      ["OnFailure", "Never"]
    )
    assert.deepStrictEqual(
      initContainers.map(({ restartPolicy, isSidecar }) => [restartPolicy, isSidecar]),
      [
        ["OnFailure", false],
        ["Always", true]
      ]
    )
  })

  it("of an init container can only make it a sidecar", () => {
    for (const restartPolicy of ["Never", "OnFailure", "always", ""]) {
      const spec = { containers: [web], initContainers: [{ ...init, restartPolicy }] }
      assert.deepStrictEqual(saidOf(spec), ["InitRestartPolicyInvalid"], restartPolicy)
    }
  })

  it("that do not exist are refused wherever they stand", () => {
    assert.deepStrictEqual(problemsOf({ containers: [{ ...web, restartPolicy: "Nevr" }] }), [
      ['"Nevr" is not a restart policy', 'Did you mean "Never"?']
    ])
  })

  it("of a container that konlet would have run are ignored under its key", () => {
    const one = { containers: [{ ...web, restartPolicy: "Never" }] }
    assert.deepStrictEqual(saidOf(one, "konlet"), ["(RestartPolicyIgnored)"])
    assert.strictEqual(workloadOf(one, "konlet").containers[0].restartPolicy, "Always")
    assert.strictEqual(workloadOf(one).containers[0].restartPolicy, "Never")
    const two = { containers: [{ ...web, restartPolicy: "Never" }, log] }
    assert.strictEqual(workloadOf(two, "konlet").containers[0].restartPolicy, "Never")
  })
})
