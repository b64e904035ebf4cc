import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { Declaration } from "../../../src/declaration/DeclarationSchema.ts"
import { recordsOf, shapeOf } from "../../../src/declaration/keys/Shape.ts"

describe("the declaration's shape", () => {
  it("marks where secrets may stand", () => {
    const secret = recordsOf(shapeOf(Declaration)).flatMap(({ title, fields }) =>
      [...fields].filter(([, field]) => field.secret).map(([name]) => `${name} of ${title}`)
    )
    assert.deepEqual([...new Set(secret)].toSorted(), [
      "args of a container",
      "command of a container",
      "command of an exec",
      "env of a container",
      "options of a logging",
      "path of an httpGet",
      "value of an HTTP header"
    ])
  })

  it("marks each key that konlet did not know, unless it is part of one", () => {
    const konlets = {
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
    }
    const records = recordsOf(shapeOf(Declaration))
    for (const [title, known] of Object.entries(konlets)) {
      const record = records.find((record) => record.title === title)
      const unmarked = [...record!.fields].flatMap(([name, { newer }]) => (newer ? [] : [name]))
      assert.deepEqual(unmarked.toSorted(), known.toSorted(), title)
    }
  })

  it("has mappings of any keys", () => {
    const labels = Schema.Struct({ labels: Schema.Record(Schema.String, Schema.String) }).annotate({ title: "it" })
    assert.deepEqual(recordsOf(shapeOf(labels))[0]!.fields.get("labels")!.shape, {
      _tag: "Map",
      value: { _tag: "Text" }
    })
  })
})
