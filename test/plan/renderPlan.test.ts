import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { planJson, renderPlan } from "../../src/plan/renderPlan.ts"
import { describe as words } from "../../src/plan/describe.ts"
import type { Plan, PlannedContainer } from "../../src/plan/Plan.ts"
import type { Action } from "../../src/plan/Step.ts"
import type { ContainerInspection } from "../../src/vm/engine/Inspection.ts"
import { plainContainer } from "../vm/engine/Configs.ts"

const secret = "s3cr3t-v4lue"

const old: ContainerInspection = {
  id: "0123",
  name: "klt-web-aaaa",
  imageId: "sha256:1",
  labels: {},
  status: "running",
  exitCode: 0,
  error: "",
  restartCount: 0,
  startedAt: Option.none(),
  image: "nginx:1",
  restartPolicy: { name: "always", maximumRetryCount: 0 },
  health: Option.none(),
  config: plainContainer
}

const create: Action = {
  _tag: "Create",
  image: { text: "app:1", domain: "docker.io", path: "library/app", tag: "1", digest: undefined },
  spec: {
    name: "klt-web-bbbb",
    image: "app:1",
    entrypoint: ["/bin/app", secret],
    cmd: undefined,
    env: [{ name: "PASSWORD", value: Redacted.make(secret) }],
    openStdin: false,
    tty: false,
    binds: ["/srv:/srv"],
    mounts: [],
    privileged: false,
    networkMode: "host",
    restartPolicy: { name: "always", maximumRetryCount: 0 },
    logConfig: { type: "json-file", config: {} },
    labels: {}
  }
}
const stop: Action = { _tag: "Stop", container: old, grace: Duration.seconds(10) }
const web: PlannedContainer = {
  container: "web",
  role: "main",
  name: "klt-web-bbbb",
  image: "app:1",
  fate: "new",
  kept: Option.none(),
  cause: undefined
}
const empty: Plan = { containers: [web], gone: [], provisional: false, steps: [], warnings: [] }
const keeping: Plan = { ...empty, containers: [{ ...web, name: old.name, fate: "kept", kept: Option.some(old) }] }
const full: Plan = {
  ...empty,
  steps: [
    { id: "stop klt-web-aaaa", subject: "klt-web-aaaa", action: stop, cause: "its image differs", needs: [] },
    { id: "create web", subject: "web", action: create, cause: "it is declared", needs: ["stop klt-web-aaaa"] }
  ],
  warnings: ["ip6tables is not there"]
}

describe("renderPlan", () => {
  it("numbers the steps, with their causes, what they wait for, and warnings", () => {
    assert.deepStrictEqual(renderPlan(full).split("\n"), [
      "klt-web-bbbb is to be started: 2 steps.",
      "  1  stop klt-web-aaaa, with a grace period of 10s",
      "     because its image differs",
      "  2  create klt-web-bbbb",
      "     because it is declared",
      "     after 1",
      "warning: ip6tables is not there"
    ])
  })

  it("keeps columns where numbers have two digits", () => {
    const steps = Array.from({ length: 10 }, (_, index) => ({ ...full.steps[0]!, id: `${index}` }))
    const lines = renderPlan({ ...empty, steps }).split("\n")
    assert.strictEqual(lines[1], "   1  stop klt-web-aaaa, with a grace period of 10s")
    assert.strictEqual(lines[19], "  10  stop klt-web-aaaa, with a grace period of 10s")
    assert.strictEqual(lines[20], "      because its image differs")
  })

  it("tells a container that stays", () => {
    const kept = keeping
    assert.strictEqual(renderPlan(kept), "Nothing to do: klt-web-aaaa is as declared (running).")
    assert.match(
      renderPlan({ ...kept, steps: full.steps.slice(0, 1) }),
      /^klt-web-aaaa is as declared \(running\) and stays\. To do: 1 step\.\n/
    )
    assert.match(
      renderPlan({ ...kept, provisional: true, steps: full.steps.slice(0, 1) }),
      /^klt-web-aaaa is as declared \(running\)\. To do: 1 step\. It stays if the pull brings the image that it was/
    )
  })
})

describe("planJson", () => {
  it("is for programs: steps with cause and needs, names of env only, counts of words", () => {
    const plan = JSON.parse(planJson(full)) as Record<string, unknown>
    assert.deepStrictEqual(plan, {
      version: 1,
      containers: [
        {
          container: "web",
          role: "main",
          name: "klt-web-bbbb",
          image: "app:1",
          fate: "new",
          kept: null,
          cause: null
        }
      ],
      gone: [],
      provisional: false,
      steps: [
        {
          id: "stop klt-web-aaaa",
          subject: "klt-web-aaaa",
          action: { kind: "Stop", container: "klt-web-aaaa", graceSeconds: 10 },
          cause: "its image differs",
          needs: []
        },
        {
          id: "create web",
          subject: "web",
          action: {
            kind: "Create",
            container: {
              name: "klt-web-bbbb",
              image: "app:1",
              openStdin: false,
              tty: false,
              binds: ["/srv:/srv"],
              mounts: [],
              privileged: false,
              networkMode: "host",
              restartPolicy: { name: "always", maximumRetryCount: 0 },
              logConfig: { type: "json-file", config: {} },
              labels: {},
              entrypointWords: 2,
              cmdWords: null,
              env: ["PASSWORD"]
            }
          },
          cause: "it is declared",
          needs: ["stop klt-web-aaaa"]
        }
      ],
      warnings: ["ip6tables is not there"]
    })
  })

  it("has the container that stays", () => {
    const { containers } = JSON.parse(planJson(keeping)) as { containers: ReadonlyArray<unknown> }
    assert.deepInclude(containers[0], {
      fate: "kept",
      kept: { id: "0123", name: "klt-web-aaaa", status: "running" }
    })
  })

  it("neither form has a value of env or a word of a command", () => {
    assert.notInclude(renderPlan(full), secret)
    assert.notInclude(planJson(full), secret)
  })
})

const mount = { source: "/dev/sdb", target: "/mnt/a", type: "ext4", options: ["rw"] }
const diskA = { _tag: "Disk", name: "a", deviceName: "a", partition: 0 } as const
const actions: ReadonlyArray<readonly [Action, string]> = [
  [{ _tag: "Check", device: "/dev/a", volume: diskA, holds: undefined }, "check the filesystem on /dev/a"],
  [{ _tag: "CreateDirectory", path: "/srv" }, "create the directory /srv"],
  [{ _tag: "Mount", mount }, "mount /dev/sdb at /mnt/a"],
  [{ _tag: "Mount", mount: { ...mount, options: ["ro"] } }, "mount /dev/sdb at /mnt/a read-only"],
  [{ _tag: "Mount", mount: { ...mount, source: "tmpfs", type: "tmpfs" } }, "mount a tmpfs at /mnt/a"],
  [
    { _tag: "Mount", mount: { ...mount, type: "xfs", options: ["ro", "norecovery"] } },
    "mount /dev/sdb at /mnt/a read-only, its journal not replayed"
  ],
  [
    {
      _tag: "Grow",
      mounted: { device: "/dev/a", path: "/dev/sdb", target: "/mnt/a", filesystem: "xfs" },
      growth: { fromBytes: 1.5 * 2 ** 40, toBytes: 3 * 2 ** 40 }
    },
    "grow the xfs filesystem on /dev/a from 1.5 TiB to 3 TiB"
  ],
  [{ _tag: "Unmount", mount }, "unmount /mnt/a"],
  [{ _tag: "OpenFirewall" }, "open the firewall for tcp, udp and icmp"],
  [
    {
      _tag: "OpenPorts",
      ports: [
        { port: 53, protocol: "udp" },
        { port: 443, protocol: "tcp" }
      ]
    },
    "open the firewall for 53/udp, 443/tcp"
  ],
  [{ _tag: "CloseFirewall" }, "remove our firewall rules"],
  [{ _tag: "SetAside", container: old, name: "klt-web-aaaa-old" }, "set klt-web-aaaa aside as klt-web-aaaa-old"],
  [{ _tag: "Start", name: "web", isProbed: false, isHooked: false }, "start web"],
  [
    {
      _tag: "Confirm",
      name: "web",
      restartPolicy: old.restartPolicy,
      window: Duration.seconds(3),
      kept: undefined
    },
    "see that web stays up for 3s"
  ],
  [{ _tag: "Remove", container: old, name: "klt-web-aaaa", grace: Option.none() }, "remove klt-web-aaaa"],
  [
    { _tag: "Remove", container: old, name: "klt-web-aaaa", grace: Option.some(Duration.seconds(10)) },
    "stop and remove klt-web-aaaa"
  ],
  [
    { _tag: "Remove", container: old, name: "klt-aside-always-0123", grace: Option.none() },
    "remove the old klt-web-aaaa, set aside as klt-aside-always-0123"
  ]
]

describe("describe", () => {
  for (const [action, expected] of actions) it(expected, () => assert.strictEqual(words(action), expected))
})
