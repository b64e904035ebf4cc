import * as Redacted from "effect/Redacted"
import type { ContainerSpec } from "../vm/engine/ContainerSpec.ts"
import { namesPodAddress, podAddress } from "../workload/podAddress.ts"

/** Whether the Pod's address stands in what a container is created with. */
export const namesAddress = ({ env, entrypoint = [], cmd = [] }: ContainerSpec): boolean =>
  [...env.map(({ value }) => Redacted.value(value)), ...entrypoint, ...cmd].some(namesPodAddress)

/** What the container is created with once the address is known. Its labels stay: the hash does not have the address. */
export const withAddress = (spec: ContainerSpec, address: string): ContainerSpec => {
  const filled = (text: string) => text.replaceAll(podAddress, address)
  return {
    ...spec,
    env: spec.env.map((variable) => ({ ...variable, value: Redacted.make(filled(Redacted.value(variable.value))) })),
    entrypoint: spec.entrypoint?.map(filled),
    cmd: spec.cmd?.map(filled)
  }
}

/** Whether a container's text is what is declared, whatever address stands in it. */
export const isSameText = (has: string, declared: string): boolean => {
  if (!namesPodAddress(declared)) return has === declared
  const parts = declared.split(podAddress).map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
  return new RegExp(`^${parts.join(String.raw`\d{1,3}(?:\.\d{1,3}){3}`)}$`).test(has)
}
