import * as Schema from "effect/Schema"

/** Neither metadata nor the host says what a declaration asks of the VM. */
export class VmFactUnknown extends Schema.TaggedError<VmFactUnknown>()("VmFactUnknown", {
  /** As in "the VM's internal address". */
  what: Schema.String
}) {
  get advice() {
    return 'Write the value itself, as "value" in place of "valueFrom".'
  }
  override get message() {
    return `${this.what} is not known: the metadata server does not say, nor does the host`
  }
}
