import { assert, describe, it } from "@effect/vitest"
import { hookText } from "../../../src/workload/Lifecycle.ts"
import { problemsOf, saidOf, workloadOf } from "./Declared.ts"

const pod = (container: object, spec: object = {}) => ({
  containers: [{ name: "web", image: "nginx", ports: [{ name: "http", containerPort: 80 }], ...container }],
  ...spec
})
const lifecycle = (hooks: object) => pod({ lifecycle: hooks })

describe("a container's end", () => {
  it("hooks and stop signal are read", () => {
    const { containers } = workloadOf(
      lifecycle({
        postStart: { httpGet: { path: "warm-up?token=x", port: "http" } },
        preStop: { sleep: { seconds: 5 } },
        stopSignal: "SIGRTMIN+3"
      })
    )
    const { postStart, preStop, stopSignal } = containers[0].lifecycle!
    assert.deepStrictEqual([postStart!, preStop!].map(hookText), ["HTTP GET :80/warm-up?…", "sleep 5 s"])
    assert.strictEqual(stopSignal, "SIGRTMIN+3")
    assert.notProperty(workloadOf(pod({ lifecycle: {} })).containers[0], "lifecycle")
  })

  it("the grace period is every container's, and never negative", () => {
    const graces = (seconds?: number) => {
      const spec = seconds === undefined ? {} : { terminationGracePeriodSeconds: seconds }
      const { containers, initContainers } = workloadOf(
        pod({}, { ...spec, initContainers: [{ name: "i", image: "i" }] })
      )
      return [...containers, ...initContainers].map(({ gracePeriod }) => gracePeriod)
    }
    assert.deepStrictEqual(graces(), [undefined, undefined])
    assert.deepStrictEqual(graces(30), [30, 30])
    assert.deepStrictEqual(graces(0), [0, 0])
    assert.deepStrictEqual(graces(-5), [1, 1])
  })

  it.each<readonly [title: string, spec: object, said: ReadonlyArray<string>]>([
    ["a hook that does nothing", lifecycle({ preStop: {} }), ["HandlerCountInvalid"]],
    [
      "a hook that does two things",
      lifecycle({ preStop: { sleep: { seconds: 1 }, exec: { command: ["a"] } } }),
      ["HandlerCountInvalid"]
    ],
    ["a TCP connection", lifecycle({ postStart: { tcpSocket: { port: 80 } } }), ["KeyRefused"]],
    ["a sleep beyond the grace period", lifecycle({ preStop: { sleep: { seconds: 11 } } }), ["SleepInvalid"]],
    [
      "a sleep within a longer one",
      pod({ lifecycle: { preStop: { sleep: { seconds: 11 } } } }, { terminationGracePeriodSeconds: 20 }),
      []
    ],
    ["a negative sleep", lifecycle({ preStop: { sleep: { seconds: -1 } } }), ["SleepInvalid"]],
    ["another signal", lifecycle({ stopSignal: "SIGSTOPP" }), ["StopSignalInvalid"]],
    [
      "an init container",
      pod({}, { initContainers: [{ name: "i", image: "i", lifecycle: { stopSignal: "SIGINT" } }] }),
      ["InitContainerHooked"]
    ],
    [
      "a sidecar",
      pod(
        {},
        { initContainers: [{ name: "i", image: "i", restartPolicy: "Always", lifecycle: { stopSignal: "SIGINT" } }] }
      ),
      []
    ]
  ])("%s", (_, spec, said) => {
    assert.deepStrictEqual(saidOf(spec), said)
  })

  it("says what to write", () => {
    assert.deepStrictEqual(problemsOf(lifecycle({ stopSignal: "quit" })), [
      ['"quit" is not a signal', 'Did you mean "SIGQUIT"?']
    ])
  })
})
