import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../../src/declaration/Declaration.ts"
import { decodeSpec, problemsOf, saidOf, workloadOf } from "./Declared.ts"

const pod = (container: object, rest: object = {}) => ({ containers: [{ image: "nginx", ...container }], ...rest })

const warningsOf = (pod: object, dialect?: "konlet") => {
  const decoded = decodeDeclaration({ file: "d.json", text: JSON.stringify(pod), ...(dialect && { dialect }) })
  return Result.getOrThrow(decoded).warnings.map(({ _tag, advice }) => [_tag, advice] as const)
}

describe("what is meant for Kubernetes", () => {
  it("is for Linux", () => {
    for (const os of [undefined, null, {}, { name: "" }, { name: "linux" }])
      assert.deepEqual(saidOf(pod({}, { os })), [])
    assert.deepEqual(saidOf(pod({}, { os: { name: "windows" } })), ["OperatingSystemInvalid"])
    assert.deepEqual(saidOf(pod({}, { os: { name: "windows" } }), "konlet"), ["(Tolerated)"])
  })

  it("may choose profiles by annotations, which have no effect unless the field says the same", () => {
    const annotations = {
      "container.apparmor.security.beta.kubernetes.io/web": "localhost/strict",
      "seccomp.security.alpha.kubernetes.io/pod": "runtime/default",
      "container.seccomp.security.alpha.kubernetes.io/gone": "unconfined",
      "example.com/seccomp": "x"
    }
    const web = { name: "web", image: "nginx" }
    const said = warningsOf({ metadata: { annotations }, spec: { containers: [web] } })
    assert.deepEqual(
      said.map(([tag]) => tag),
      Array.from({ length: 3 }, () => "ProfileAnnotationIgnored")
    )
    assert.include(said[0]![1], '"appArmorProfile"')
    assert.include(said[0]![1], 'the container "web"')
    assert.include(said[1]![1], "the securityContext of the Pod")
    const both = {
      containers: [{ ...web, securityContext: { appArmorProfile: { type: "Localhost", localhostProfile: "strict" } } }],
      securityContext: { seccompProfile: { type: "RuntimeDefault" } }
    }
    assert.deepEqual(warningsOf({ metadata: { annotations }, spec: both }), [])
  })

  it("mounts nothing where Kubernetes or runc would not", () => {
    const mounted = (mountPath: string) =>
      pod({ volumeMounts: [{ name: "v", mountPath }] }, { volumes: [{ name: "v", hostPath: { path: "/srv" } }] })
    for (const path of ["/proc/x", "/data/../proc/sys/net", "/proc//1"]) {
      assert.deepEqual(saidOf(mounted(path)), ["MountPathInProc"], path)
      assert.deepEqual(saidOf(mounted(path), "konlet"), ["MountPathInProc"], path)
    }
    for (const path of ["/proc", "/process", "/proc/cpuinfo", "/sys/fs", "/dev", "/a/../b"]) {
      assert.deepEqual(saidOf(mounted(path)), [], path)
    }
    assert.deepEqual(saidOf(mounted("/data:ro")), ["MountPathHasColon"])
    assert.deepEqual(saidOf(mounted("/data:ro"), "konlet"), ["(Tolerated)"])
  })

  it("may read a label that the Pod does not have", () => {
    const env = ["labels['app']", "annotations['x']"].map((field, index) => {
      return { name: `V${index}`, valueFrom: { fieldRef: { fieldPath: `metadata.${field}` } } }
    })
    assert.deepEqual(saidOf(pod({ env })), ["(FieldMissing)", "(FieldMissing)"])
    const metadata = { labels: { app: "" }, annotations: { x: "y" } }
    assert.deepEqual(warningsOf({ metadata, spec: pod({ env }) }), [])
  })

  it("may mean a key of a Secret where a version of Secret Manager's is read", () => {
    const of = (name: string, key?: string) => pod({ env: [{ name: "A", valueFrom: { secretKeyRef: { name, key } } }] })
    assert.deepEqual(saidOf(of("database", "username")), ["(SecretKeyIsVersion)"])
    for (const key of [undefined, "latest", "3"]) assert.deepEqual(saidOf(of("database", key)), [])
    assert.deepEqual(saidOf(of("projects/shop-prod/secrets/database", "live")), [])
  })

  it("is told the number of a user, a whole number, and the unit that was meant", () => {
    const cases: ReadonlyArray<readonly [spec: object, message: RegExp, advice: RegExp]> = [
      [pod({ securityContext: { runAsUser: "root" } }), /must be a whole number, not quoted text/, /0 is root/],
      [pod({}, { securityContext: { supplementalGroups: ["disk"] } }), /not quoted text/, /0 is root/],
      [pod({}, { terminationGracePeriodSeconds: 1.5 }), /not a fraction/, /whole number/],
      [pod({}, { terminationGracePeriodSeconds: 1e30 }), /not a number as large as this/, /whole number/],
      [pod({ resources: { limits: { cpu: "500M" } } }), /more than any machine has: 500M/, /"500m"/],
      [pod({ resources: { limits: { memory: "512 MB" } } }), /not an amount as Kubernetes writes it/, /"512M"/],
      [pod({ resources: { limits: { memory: "512m" } } }), /512m, 1 byte/, /"512Mi"/]
    ]
    for (const [spec, message, advice] of cases) {
      const [[found, what] = []] = problemsOf(spec)
      assert.match(found!, message)
      assert.match(what!, advice)
    }
    assert.deepEqual(workloadOf(pod({}, { terminationGracePeriodSeconds: -5 })).containers[0].gracePeriod, 1)
  })

  it("splits no command, and passes an argument with white space as it is", () => {
    assert.deepEqual(saidOf(pod({ command: ["sleep 1000"] })), ["(CommandContainsWhiteSpace)"])
    assert.deepEqual(saidOf(pod({ command: ["sleep 1000"], args: ["x"] })), ["(CommandContainsWhiteSpace)"])
    assert.deepEqual(saidOf(pod({ args: ["a b"] })), [])
    assert.deepEqual(saidOf(pod({ command: ["echo", "a b"] })), [])
  })

  it("has Go's escape of a single quote in double quotes", () => {
    const valueOf = (value: string) => {
      const text = `spec: {containers: [{image: nginx, env: [{name: A, value: ${value}}]}]}`
      return Result.map(decodeDeclaration({ file: "d.yaml", text, dialect: "konlet" }), ({ workload }) => {
        return workload.containers[0].env[0]
      })
    }
    const cases: ReadonlyArray<readonly [written: string, value: string]> = [
      [String.raw`"it\'s"`, "it's"],
      [String.raw`"\\'"`, String.raw`\'`],
      [String.raw`"\\\'\t'"`, "\\'\t'"],
      [`"a\\'\n  b\\'"`, "a' b'"],
      [String.raw`'it\''s'`, String.raw`it\'s`]
    ]
    for (const [written, value] of cases) {
      assert.deepEqual(valueOf(written), Result.succeed({ name: "A", value }), written)
    }
    assert.isTrue(Result.isFailure(valueOf(String.raw`"\q\'"`)))
    assert.isTrue(Result.isSuccess(decodeSpec(pod({}))))
  })
})
