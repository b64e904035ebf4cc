import { assert, describe, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import { probeText } from "../../../src/workload/Probe.ts"
import { problemsOf, saidOf, workloadOf } from "./Declared.ts"

const ports = [
  { name: "http", containerPort: 8080 },
  { name: "admin", containerPort: 9090 }
]
const pod = (container: object, rest: object = {}) => ({
  containers: [{ name: "web", image: "nginx", ports, ...container }],
  ...rest
})
const httpGet = { path: "/healthz", port: "http" }
const probesOf = (container: object) => workloadOf(pod(container)).containers[0].probes

describe("probes", () => {
  it("expand the words of a command by what env says as it is written, as the kubelet does; hooks do not", () => {
    const env = [
      { name: "A", value: "a$(B)" },
      { name: "F", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } }
    ]
    const exec: { readonly command: readonly [string, ...ReadonlyArray<string>] } = {
      command: ["$(A)", "$(F)", "$$(A)", "$(NONE)"]
    }
    const wordsOf = (dialect?: "konlet") => {
      const { probes, lifecycle } = workloadOf(
        pod({ env, readinessProbe: { exec }, lifecycle: { preStop: { exec } } }),
        dialect
      ).containers[0]
      return [probes?.readiness?.handler, lifecycle?.preStop].map((handler) =>
        handler?._tag === "Exec" ? Redacted.value(handler.command) : undefined
      )
    }
    assert.deepEqual(wordsOf(), [["a$(B)", "", "$(A)", "$(NONE)"], exec.command])
    assert.deepEqual(wordsOf("konlet"), [exec.command, exec.command])
    const hooked = {
      env: [{ name: "A", value: "a" }],
      lifecycle: { preStop: { exec: { command: ["$(A)", "$$(A)", "$(NONE)"] } } }
    }
    assert.deepEqual(saidOf(pod(hooked)), ["(HandlerNotExpanded)"])
    const shell = { env: hooked.env, lifecycle: { preStop: { exec: { command: ["sh", "-c", "echo $(A)"] } } } }
    assert.deepEqual(saidOf(pod(shell)), [])
  })

  it("have Kubernetes' defaults, as which 0 counts too", () => {
    const numbers = {
      initialDelaySeconds: 0,
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3
    }
    const zeros = { timeoutSeconds: 0, periodSeconds: 0, successThreshold: 0, failureThreshold: 0 }
    for (const rest of [{}, zeros]) {
      assert.deepStrictEqual(probesOf({ readinessProbe: { httpGet, ...rest } })?.readiness, {
        handler: {
          _tag: "HttpGet",
          scheme: "HTTP",
          host: undefined,
          port: 8080,
          path: "/healthz",
          query: undefined,
          headers: []
        },
        ...numbers
      })
    }
    assert.isUndefined(probesOf({}))
    assert.notProperty(workloadOf(pod({})).containers[0], "probes")
  })

  it("of all kinds are read, and tell nothing that may be secret", () => {
    const secret = "s3cr3t"
    const read = (probe: object) => probesOf({ startupProbe: probe })!.startup!
    const exec = read({ exec: { command: ["check", secret] }, terminationGracePeriodSeconds: 5 })
    assert.strictEqual(exec.terminationGracePeriodSeconds, 5)
    assert.isTrue(exec.handler._tag === "Exec" && Redacted.value(exec.handler.command)[1] === secret)
    const http = read({
      httpGet: { port: 80, path: `x?token=${secret}`, scheme: "HTTPS", httpHeaders: [{ name: "A", value: secret }] }
    })
    const tcp = read({ tcpSocket: { port: "9090", host: "db" } })
    const grpc = read({ grpc: { port: 9000, service: "db" } })
    assert.deepStrictEqual([exec, http, tcp, grpc].map(probeText), [
      "exec",
      "HTTPS GET :80/x?…",
      "TCP db:9090",
      "gRPC :9000 db"
    ])
    assert.notInclude(JSON.stringify([exec, http, tcp, grpc]), secret)
  })

  it.each<readonly [title: string, container: object, said: ReadonlyArray<string>]>([
    ["no handler", { readinessProbe: {} }, ["HandlerCountInvalid"]],
    ["two handlers", { readinessProbe: { httpGet, tcpSocket: { port: 80 } } }, ["HandlerCountInvalid"]],
    ["no command", { readinessProbe: { exec: {} } }, ["HandlerCommandMissing"]],
    ["no port", { readinessProbe: { httpGet: { path: "/" } } }, ["HandlerPortInvalid"]],
    ["an unknown port", { readinessProbe: { httpGet: { port: "https" } } }, ["HandlerPortInvalid"]],
    ["port 0", { readinessProbe: { tcpSocket: { port: 0 } } }, ["HandlerPortInvalid"]],
    ["a named port for gRPC", { readinessProbe: { grpc: { port: "http" } } }, ["ValueTypeInvalid"]],
    ["another scheme", { readinessProbe: { httpGet: { ...httpGet, scheme: "https" } } }, ["HandlerSchemeInvalid"]],
    [
      "bad headers",
      { readinessProbe: { httpGet: { ...httpGet, httpHeaders: [{ name: "a b" }, { name: "A", value: "a\nb" }] } } },
      ["HttpHeaderInvalid", "HttpHeaderInvalid"]
    ],
    ["a negative number", { readinessProbe: { httpGet, periodSeconds: -1 } }, ["ProbeNumberInvalid"]],
    ["two successes to start", { startupProbe: { httpGet, successThreshold: 2 } }, ["ProbeNumberInvalid"]],
    ["two successes to be ready", { readinessProbe: { httpGet, successThreshold: 2 } }, []],
    ["two successes to live", { livenessProbe: { httpGet, successThreshold: 2 } }, ["ProbeNumberInvalid"]],
    [
      "a grace of a readiness probe",
      { readinessProbe: { httpGet, terminationGracePeriodSeconds: 5 } },
      ["ProbeGraceMisplaced"]
    ],
    ["no grace at all", { startupProbe: { httpGet, terminationGracePeriodSeconds: 0 } }, ["ProbeNumberInvalid"]],
    ["a liveness probe", { livenessProbe: { httpGet, terminationGracePeriodSeconds: 5 } }, []]
  ])("%s", (_, container, said) => {
    assert.deepStrictEqual(saidOf(pod(container)), said)
    // What konlet did not know cannot keep its declarations from being used.
    const warnings = said.map((tag) => (tag.startsWith("(") ? tag : "(Tolerated)"))
    assert.sameMembers([...saidOf(pod(container), "konlet")], warnings)
  })

  it("belong to what goes on running", () => {
    const init = (rest: object) =>
      pod(
        {},
        { initContainers: [{ name: "init", image: "nginx", startupProbe: { exec: { command: ["x"] } }, ...rest }] }
      )
    assert.deepStrictEqual(saidOf(init({})), ["InitContainerProbed"])
    assert.deepStrictEqual(saidOf(init({ restartPolicy: "Always" })), [])
  })

  it("say what is wrong, and what to write", () => {
    assert.deepStrictEqual(problemsOf(pod({ readinessProbe: { httpGet: { port: "htpt" } } })), [
      ['spec.containers[0].readinessProbe.httpGet.port: the container has no port named "htpt"', 'Did you mean "http"?']
    ])
    assert.deepStrictEqual(problemsOf(pod({ readinessProbe: { httpGet: { port: 99_999 } } })), [
      [
        "spec.containers[0].readinessProbe.httpGet.port must be a number from 1 to 65535, not 99999",
        "Write the number of the port, or one of the container's ports: http, admin."
      ]
    ])
  })
})
