import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type { Probe } from "../../src/workload/Probe.ts"
import type { ImageObservation, Observation } from "../../src/observation/Observation.ts"
import { type Plan, plan } from "../../src/plan/Plan.ts"
import { membersOf } from "../../src/plan/Member.ts"
import { needsSandbox, sandboxContainer, sandboxName } from "../../src/plan/podNetwork.ts"
import { renderPlan } from "../../src/plan/renderPlan.ts"
import { reapingSandboxImage, sandboxImage } from "../../src/vm/engine/SandboxImage.ts"
import { parseImageReference, pullReference } from "../../src/workload/ImageReference.ts"
import type { Container, InitContainer, Workload } from "../../src/workload/Workload.ts"
import { emptyVm } from "./EmptyVm.ts"
import { after } from "../startup/After.ts"
import { plainContainer, plainImage } from "../vm/engine/Configs.ts"

/** What an operator is shown of plans for Pods of several containers. */

const container = (name: string, changes: Partial<Container> = {}): Container => ({
  name,
  image: Result.getOrThrow(parseImageReference("gcr.io/p/app:1")),
  command: undefined,
  args: undefined,
  env: [],
  mounts: [],
  ports: [],
  restartPolicy: "Always",
  privileged: false,
  stdin: false,
  tty: false,
  ...changes
})
const init = (name: string, changes: Partial<InitContainer> = {}): InitContainer => ({
  ...container(name, changes),
  isSidecar: false,
  ...changes
})
const web = container("web", {
  ports: [{ containerPort: 80, hostPort: 8080, hostIp: undefined, protocol: "tcp" }]
})
const worker = container("worker", { args: ["--work"] })
const migrate = init("migrate")
const proxy = init("proxy", { isSidecar: true })

const pod = (
  [first, ...others]: readonly [Container, ...ReadonlyArray<Container>],
  initContainers: ReadonlyArray<InitContainer> = [],
  network: Workload["network"]["_tag"] = "Host"
): Workload => ({
  containers: [first, ...others],
  initContainers,
  volumes: [],
  network:
    network === "Host"
      ? { _tag: "Host" }
      : { _tag: "Pod", hostname: undefined, hostAliases: [], dns: { nameservers: [], searches: [], options: [] } }
})

const names = new Map(
  [sandboxName, "web", "worker", "cron", "migrate", "proxy"].map((name) => [name, `klt-${name}-abcd`])
)
const held: ImageObservation = {
  local: Option.some({ id: "sha256:app", digests: ["sha256:app"], sizeBytes: 1, config: plainImage }),
  wanted: { _tag: "Known", digest: "sha256:app" }
}
const nowhere: ImageObservation = { local: Option.none(), wanted: { _tag: "Unknown", cause: "not asked" } }
const notHeld: ImageObservation = { ...held, local: Option.none() }
const mountRoot = "/mnt/r"

/** A VM with the image, on which nothing was ever started. */
const fresh: Observation = {
  ...emptyVm,
  mountRoot,
  images: new Map([
    ["gcr.io/p/app:1", held],
    [pullReference(sandboxImage.reference), nowhere],
    [pullReference(reapingSandboxImage.reference), nowhere]
  ]),
  imageConfigs: new Map([
    ["sha256:app", plainImage],
    ["sha256:sandbox", plainImage]
  ]),
  firewall: { ipv4: "Open", ipv6: "Open" }
}

const decide = (workload: Workload, observation: Observation): Plan =>
  Result.getOrThrow(plan(workload, observation, names, { openIptables: "all", confirm: Duration.seconds(3) }))
/** The VM once the workload has been started on it. */
const started = (workload: Workload): Observation => after(fresh, decide(workload, fresh).steps, mountRoot)

const shows = (workload: Workload, observation: Observation, expected: string) => {
  const planned = decide(workload, observation)
  assert.strictEqual(renderPlan(planned), expected.replace(/^\n/, "").trimEnd())
  assert.deepStrictEqual(decide(workload, after(observation, planned.steps, mountRoot)).steps, [])
}

describe("a plan for a Pod", () => {
  it("two containers, of which one has changed", () => {
    shows(
      pod([web, { ...worker, args: ["--work", "--hard"] }]),
      started(pod([web, worker])),
      `
klt-worker-abcd is to be started: 6 steps. klt-web-abcd is as declared (running) and stays.
  1  set klt-worker-abcd aside as klt-aside-always-000000000002
     because it comes back if a new container fails
  2  stop klt-worker-abcd, with a grace period of 10s
     because its declaration has changed: args
     after 1
  3  create klt-worker-abcd
     because it takes the place of the old one
     after 2
  4  start klt-worker-abcd
     because it is declared to run
     after 3
  5  see that klt-worker-abcd stays up for 3s
     because a container that ends at once has not started
     after 4
  6  remove the old klt-worker-abcd, set aside as klt-aside-always-000000000002
     because its successor is confirmed
     after 5
`
    )
  })

  it("a sidecar's startup probe comes before what follows it, a readiness probe beside the confirmation", () => {
    const probe: Probe = {
      handler: { _tag: "TcpSocket", host: undefined, port: 5432 },
      initialDelaySeconds: 0,
      periodSeconds: 1,
      timeoutSeconds: 1,
      successThreshold: 1,
      failureThreshold: 30
    }
    const proxy = { ...container("proxy"), isSidecar: true, probes: { startup: probe } }
    const http = {
      _tag: "HttpGet" as const,
      scheme: "HTTP" as const,
      host: undefined,
      port: 8080,
      path: "/healthz",
      query: Redacted.make("token"),
      headers: []
    }
    const readiness: Probe = {
      ...probe,
      handler: http,
      initialDelaySeconds: 5,
      successThreshold: 2,
      failureThreshold: 1
    }
    shows(
      pod([{ ...web, probes: { readiness } }], [proxy]),
      fresh,
      `
klt-proxy-abcd, klt-web-abcd are to be started: 8 steps.
  1  create klt-proxy-abcd
     because there is no such container yet
  2  create klt-web-abcd
     because there is no such container yet
  3  start klt-proxy-abcd
     because it is declared to run
     after 1
  4  probe klt-proxy-abcd until it has started: TCP :5432, every 1 s, fewer than 30 failures in a row
     because a startup probe is declared, and holds back what follows
     after 3
  5  see that klt-proxy-abcd stays up for 3s
     because a container that ends at once has not started
     after 3
  6  start klt-web-abcd
     because it is declared to run
     after 2, 4
  7  probe klt-web-abcd until it is ready: HTTP GET :8080/healthz?…, first after 5 s, every 1 s, 2 successes in a row, no failure
     because it is up once its declared readiness probe has succeeded
     after 6
  8  see that klt-web-abcd stays up for 3s
     because a container that ends at once has not started
     after 6
`
    )
  })

  it("one container is added, and one removed", () => {
    shows(
      pod([web, container("cron")]),
      started(pod([web, worker])),
      `
klt-cron-abcd is to be started: 6 steps. klt-web-abcd is as declared (running) and stays.
  1  set klt-worker-abcd aside as klt-aside-always-000000000002
     because it comes back if a new container fails
  2  stop klt-worker-abcd, with a grace period of 10s
     because it is not declared any more
     after 1
  3  create klt-cron-abcd
     because there is no such container yet
     after 2
  4  start klt-cron-abcd
     because it is declared to run
     after 3
  5  see that klt-cron-abcd stays up for 3s
     because a container that ends at once has not started
     after 4
  6  remove the old klt-worker-abcd, set aside as klt-aside-always-000000000002
     because it is not declared any more
     after 5
`
    )
  })

  it("one container is removed, and nothing else is to be done", () => {
    const observation = started(pod([web, worker]))
    shows(
      pod([web]),
      observation,
      `
klt-web-abcd is as declared (running) and stays. To do: 1 step.
  1  stop and remove klt-worker-abcd
     because it is not declared any more
`
    )
    assert.deepStrictEqual(decide(pod([web]), observation).gone, [
      { name: "klt-worker-abcd", cause: "it is not declared any more" }
    ])
  })

  it("an init container has changed: all that follow it are made anew", () => {
    shows(
      pod([web], [{ ...migrate, args: ["--all"] }]),
      started(pod([web], [migrate])),
      `
klt-migrate-abcd, klt-web-abcd are to be started: 10 steps.
   1  set klt-web-abcd aside as klt-aside-always-000000000002
      because it comes back if a new container fails
   2  stop klt-web-abcd, with a grace period of 10s
      because the init container migrate has changed
      after 1
   3  set klt-migrate-abcd aside as klt-aside-ended-abcd-000000000001
      because its declaration has changed: args
   4  create klt-migrate-abcd
      because it takes the place of the old one
      after 2, 3
   5  create klt-web-abcd
      because it takes the place of the old one
      after 2, 3
   6  run the init container klt-migrate-abcd to its end
      because what follows starts once it has succeeded
      after 4
   7  start klt-web-abcd
      because it is declared to run
      after 5, 6
   8  see that klt-web-abcd stays up for 3s
      because a container that ends at once has not started
      after 7
   9  remove the old klt-web-abcd, set aside as klt-aside-always-000000000002
      because its successor is confirmed
      after 6, 8
  10  remove the old klt-migrate-abcd, set aside as klt-aside-ended-abcd-000000000001
      because its successor is confirmed
      after 6, 8
`
    )
  })

  it("a container has changed: the init container before it is not run again", () => {
    shows(
      pod([{ ...web, tty: true }], [migrate]),
      started(pod([web], [migrate])),
      `
klt-web-abcd is to be started: 6 steps. klt-migrate-abcd is as declared (exited) and stays.
  1  set klt-web-abcd aside as klt-aside-always-000000000002
     because it comes back if a new container fails
  2  stop klt-web-abcd, with a grace period of 10s
     because its declaration has changed: tty
     after 1
  3  create klt-web-abcd
     because it takes the place of the old one
     after 2
  4  start klt-web-abcd
     because it is declared to run
     after 3
  5  see that klt-web-abcd stays up for 3s
     because a container that ends at once has not started
     after 4
  6  remove the old klt-web-abcd, set aside as klt-aside-always-000000000002
     because its successor is confirmed
     after 5
`
    )
  })

  it("a sidecar is gone", () => {
    shows(
      pod([web], [migrate]),
      started(pod([web], [proxy, migrate])),
      `
klt-migrate-abcd, klt-web-abcd are to be started: 13 steps.
   1  set klt-web-abcd aside as klt-aside-always-000000000003
      because it comes back if a new container fails
   2  stop klt-web-abcd, with a grace period of 10s
      because the init container migrate before it is run
      after 1
   3  set klt-migrate-abcd aside as klt-aside-ended-abcd-000000000002
      because the init container migrate before it is run
   4  set klt-proxy-abcd aside as klt-aside-always-000000000001
      because it comes back if a new container fails
   5  stop klt-proxy-abcd, with a grace period of 10s
      because it is not declared any more
      after 4, 2
   6  create klt-migrate-abcd
      because it takes the place of the old one
      after 2, 3, 5
   7  create klt-web-abcd
      because it takes the place of the old one
      after 2, 3, 5
   8  run the init container klt-migrate-abcd to its end
      because what follows starts once it has succeeded
      after 6
   9  start klt-web-abcd
      because it is declared to run
      after 7, 8
  10  see that klt-web-abcd stays up for 3s
      because a container that ends at once has not started
      after 9
  11  remove the old klt-web-abcd, set aside as klt-aside-always-000000000003
      because its successor is confirmed
      after 8, 10
  12  remove the old klt-migrate-abcd, set aside as klt-aside-ended-abcd-000000000002
      because its successor is confirmed
      after 8, 10
  13  remove the old klt-proxy-abcd, set aside as klt-aside-always-000000000001
      because it is not declared any more
      after 8, 10
`
    )
  })

  it("a network of its own, on the first boot", () => {
    const observation = { ...fresh, images: new Map([...fresh.images, ["gcr.io/p/app:1", notHeld]]) }
    shows(
      pod([web, worker], [migrate], "Pod"),
      observation,
      `
klt-pod.sandbox-abcd, klt-migrate-abcd, klt-web-abcd, klt-worker-abcd are to be started: 13 steps.
   1  pull gcr.io/p/app:1
      because the engine does not hold gcr.io/p/app:1
   2  make the image of the sandbox
      because the engine does not hold it, and no registry has it
   3  create the network slipway
      because the engine has no network of ours
   4  create klt-pod.sandbox-abcd
      because there is no such container yet
      after 1, 2, 3
   5  create klt-migrate-abcd
      because there is no such container yet
      after 1, 2, 3, 4
   6  create klt-web-abcd
      because there is no such container yet
      after 1, 2, 3, 4
   7  create klt-worker-abcd
      because there is no such container yet
      after 1, 2, 3, 4
   8  start klt-pod.sandbox-abcd
      because the other containers join its network
      after 4
   9  run the init container klt-migrate-abcd to its end
      because what follows starts once it has succeeded
      after 5, 8
  10  start klt-web-abcd
      because it is declared to run
      after 6, 9
  11  see that klt-web-abcd stays up for 3s
      because a container that ends at once has not started
      after 10
  12  start klt-worker-abcd
      because it is declared to run
      after 7, 9
  13  see that klt-worker-abcd stays up for 3s
      because a container that ends at once has not started
      after 12
`
    )
  })

  it("processes that are shared, on the host's network", () => {
    shows(
      { ...pod([web, worker]), namespaces: { sharesProcesses: true } },
      fresh,
      `
klt-pod.sandbox-abcd, klt-web-abcd, klt-worker-abcd are to be started: 9 steps.
  1  make the image of the sandbox
     because the engine does not hold it, and no registry has it
  2  create klt-pod.sandbox-abcd
     because there is no such container yet
     after 1
  3  create klt-web-abcd
     because there is no such container yet
     after 1, 2
  4  create klt-worker-abcd
     because there is no such container yet
     after 1, 2
  5  start klt-pod.sandbox-abcd
     because the other containers join its process namespace
     after 2
  6  start klt-web-abcd
     because it is declared to run
     after 3, 5
  7  see that klt-web-abcd stays up for 3s
     because a container that ends at once has not started
     after 6
  8  start klt-worker-abcd
     because it is declared to run
     after 4, 5
  9  see that klt-worker-abcd stays up for 3s
     because a container that ends at once has not started
     after 8
`
    )
  })

  it("processes that are shared no longer: each container has changed, and the sandbox goes", () => {
    const shared: Workload = { ...pod([web, worker]), namespaces: { sharesProcesses: true } }
    const steps = decide(pod([web, worker]), started(shared)).steps
    assert.deepStrictEqual(
      steps.flatMap(({ action, cause }) => (action._tag === "Stop" ? [cause] : [])),
      [
        "its declaration has changed: shareProcessNamespace, the IPC of its Pod",
        "its declaration has changed: shareProcessNamespace, the IPC of its Pod",
        "it is not declared any more"
      ]
    )
  })

  it("a sandbox for processes that has gone: all that are in it are replaced", () => {
    const shared: Workload = { ...pod([web, worker]), namespaces: { sharesProcesses: true } }
    const before = started(shared)
    const containers = before.containers.map((one) =>
      one.name.includes("sandbox") ? { ...one, status: "exited" as const, exitCode: 137 } : one
    )
    const steps = decide(shared, { ...before, containers }).steps
    assert.deepStrictEqual(
      steps.flatMap(({ action, cause }) => (action._tag === "Stop" ? [cause] : [])),
      ["the process namespace that it shares is made anew", "the process namespace that it shares is made anew"]
    )
    assert.lengthOf(
      steps.filter(({ action }) => action._tag === "Create"),
      3
    )
  })

  it("a sandbox is there where more than one container is at a time", () => {
    const shared = (...[containers, initContainers, network]: Parameters<typeof pod>) => {
      const workload: Workload = { ...pod(containers, initContainers, network), namespaces: { sharesProcesses: true } }
      const { text } = sandboxContainer(workload).image
      return needsSandbox(workload) && text
    }
    const [waits, reaps] = [sandboxImage, reapingSandboxImage].map(({ reference }) => reference.text)
    assert.isFalse(shared([web]))
    assert.isFalse(shared([web], [migrate]))
    assert.strictEqual(shared([web], [proxy]), reaps)
    assert.strictEqual(shared([web, worker], [migrate]), reaps)
    assert.strictEqual(shared([web], [migrate], "Pod"), waits)
    assert.strictEqual(shared([web, worker], [], "Pod"), reaps)
    assert.isFalse(needsSandbox(pod([web, worker])))
  })

  it("what joins a sandbox's processes has the same hash whatever the sandbox is called", () => {
    const shared: Workload = { ...pod([web, worker], [migrate]), namespaces: { sharesProcesses: true } }
    const members = (suffix: string) =>
      membersOf(shared, fresh, new Map([...names].map(([name, first]) => [name, `${first.slice(0, -4)}${suffix}`])))
    const [one, other] = [members("abcd"), members("wxyz")]
    const labels = (all: typeof one) => all.map(({ spec }) => spec.labels)
    assert.deepStrictEqual(labels(one), labels(other))
    assert.deepStrictEqual(
      one.map(({ spec: { networkMode, namespaces } }): ReadonlyArray<unknown> => [networkMode, namespaces?.pid]),
      [
        ["host", undefined],
        ...Array.from({ length: 3 }, () => ["host", { _tag: "Container", id: "klt-pod.sandbox-abcd" }])
      ]
    )
  })

  it("a network of its own, with another port", () => {
    const moved = { ...web, ports: [{ ...web.ports[0]!, hostPort: 9090 }] }
    shows(
      pod([moved, worker], [], "Pod"),
      started(pod([web, worker], [], "Pod")),
      `
klt-pod.sandbox-abcd, klt-web-abcd, klt-worker-abcd are to be started: 17 steps.
   1  set klt-worker-abcd aside as klt-aside-always-000000000003
      because it comes back if a new container fails
   2  stop klt-worker-abcd, with a grace period of 10s
      because the network that it shares is made anew
      after 1
   3  set klt-web-abcd aside as klt-aside-always-000000000002
      because it comes back if a new container fails
   4  stop klt-web-abcd, with a grace period of 10s
      because the network that it shares is made anew
      after 3, 2
   5  set klt-pod.sandbox-abcd aside as klt-aside-always-000000000001
      because it comes back if a new container fails
   6  stop klt-pod.sandbox-abcd, with a grace period of 10s
      because its declaration has changed: ports
      after 5, 4
   7  create klt-pod.sandbox-abcd
      because it takes the place of the old one
      after 2, 4, 6
   8  create klt-web-abcd
      because it takes the place of the old one
      after 2, 4, 6, 7
   9  create klt-worker-abcd
      because it takes the place of the old one
      after 2, 4, 6, 7
  10  start klt-pod.sandbox-abcd
      because the other containers join its network
      after 7
  11  start klt-web-abcd
      because it is declared to run
      after 8, 10
  12  see that klt-web-abcd stays up for 3s
      because a container that ends at once has not started
      after 11
  13  start klt-worker-abcd
      because it is declared to run
      after 9, 10
  14  see that klt-worker-abcd stays up for 3s
      because a container that ends at once has not started
      after 13
  15  remove the old klt-worker-abcd, set aside as klt-aside-always-000000000003
      because its successor is confirmed
      after 10, 12, 14
  16  remove the old klt-web-abcd, set aside as klt-aside-always-000000000002
      because its successor is confirmed
      after 10, 12, 14
  17  remove the old klt-pod.sandbox-abcd, set aside as klt-aside-always-000000000001
      because its successor is confirmed
      after 10, 12, 14
`
    )
  })

  it("konlet's one container becomes a Pod of three", () => {
    const konlets = {
      id: "0123456789abcdef",
      name: "klt-web-kkkk",
      imageId: "sha256:app",
      labels: {},
      status: "running",
      exitCode: 0,
      error: "",
      restartCount: 0,
      startedAt: Option.some(1),
      image: "gcr.io/p/app:1",
      restartPolicy: { name: "always", maximumRetryCount: 0 },
      health: Option.none(),
      config: plainContainer
    } as const
    shows(
      pod([web, worker, container("cron")]),
      { ...fresh, containers: [konlets] },
      `
klt-web-abcd, klt-worker-abcd, klt-cron-abcd are to be started: 12 steps.
   1  set klt-web-kkkk aside as klt-aside-always-0123456789ab
      because it comes back if a new container fails
   2  stop klt-web-kkkk, with a grace period of 10s
      because it is not this boot's container, which is named klt-web-abcd
      after 1
   3  create klt-web-abcd
      because it takes the place of the old one
      after 2
   4  create klt-worker-abcd
      because there is no such container yet
      after 2
   5  create klt-cron-abcd
      because there is no such container yet
      after 2
   6  start klt-web-abcd
      because it is declared to run
      after 3
   7  see that klt-web-abcd stays up for 3s
      because a container that ends at once has not started
      after 6
   8  start klt-worker-abcd
      because it is declared to run
      after 4
   9  see that klt-worker-abcd stays up for 3s
      because a container that ends at once has not started
      after 8
  10  start klt-cron-abcd
      because it is declared to run
      after 5
  11  see that klt-cron-abcd stays up for 3s
      because a container that ends at once has not started
      after 10
  12  remove the old klt-web-kkkk, set aside as klt-aside-always-0123456789ab
      because its successor is confirmed
      after 7, 9, 11
`
    )
  })
})
