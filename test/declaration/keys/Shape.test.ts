import { assert, describe, it } from "@effect/vitest"
import { Declaration } from "../../../src/declaration/DeclarationSchema.ts"
import { recordsOf, shapeOf } from "../../../src/declaration/keys/Shape.ts"

describe("the declaration's shape", () => {
  it("has the keys that konlet read", () => {
    const records = recordsOf(shapeOf(Declaration)).map(({ title, fields }) => [title, [...fields.keys()]])
    assert.deepEqual(Object.fromEntries(records), {
      "the declaration": ["spec"],
      '"spec"': ["containers", "volumes", "restartPolicy"],
      "a container": ["name", "image", "command", "args", "env", "volumeMounts", "securityContext", "stdin", "tty"],
      "a variable": ["name", "value"],
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
    assert.deepEqual(secret, ["command", "args", "env"])
  })
})
