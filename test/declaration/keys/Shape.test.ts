import { assert, describe, it } from "@effect/vitest"
import { Declaration } from "../../../src/declaration/DeclarationSchema.ts"
import { recordsOf, shapeOf } from "../../../src/declaration/keys/Shape.ts"

describe("the declaration's shape", () => {
  it("has the keys that a declaration may have", () => {
    const records = recordsOf(shapeOf(Declaration)).map(({ title, fields }) => [title, [...fields.keys()]])
    assert.deepEqual(Object.fromEntries(records), {
      "the declaration": ["spec"],
      '"spec"': [
        "containers",
        "initContainers",
        "volumes",
        "restartPolicy",
        "hostNetwork",
        "hostname",
        "hostAliases",
        "dnsPolicy",
        "dnsConfig"
      ],
      "a container": [
        "name",
        "image",
        "command",
        "args",
        "env",
        "ports",
        "volumeMounts",
        "securityContext",
        "stdin",
        "tty",
        "restartPolicy"
      ],
      "a variable": ["name", "value"],
      "a port": ["name", "containerPort", "hostPort", "protocol", "hostIP"],
      "a host alias": ["ip", "hostnames"],
      "a dnsConfig": ["nameservers", "searches", "options"],
      "a DNS option": ["name", "value"],
      "a mount": ["name", "mountPath", "readOnly"],
      "a securityContext": ["privileged"],
      "a volume": ["name", "hostPath", "emptyDir", "gcePersistentDisk"],
      "a hostPath": ["path"],
      "an emptyDir": ["medium"],
      "a gcePersistentDisk": ["pdName", "fsType", "partition"]
    })
  })

  it("marks where secrets may stand", () => {
    const secret = recordsOf(shapeOf(Declaration)).flatMap(({ fields }) =>
      [...fields].filter(([, field]) => field.secret).map(([name]) => name)
    )
    // Of containers and of init containers.
    assert.deepEqual(secret, ["command", "args", "env", "command", "args", "env"])
  })

  it("marks what konlet did not know", () => {
    const newer = recordsOf(shapeOf(Declaration)).flatMap(({ title, fields }) =>
      [...fields].filter(([, field]) => field.newer).map(([name]) => `${title}.${name}`)
    )
    assert.deepEqual([...new Set(newer)].toSorted(), [
      '"spec".dnsConfig',
      '"spec".dnsPolicy',
      '"spec".hostAliases',
      '"spec".hostNetwork',
      '"spec".hostname',
      "a container.ports",
      "a container.restartPolicy"
    ])
  })
})
