import type { Losses } from "../Losses.ts"
import type { DockerContainer } from "./DockerContainer.ts"
import { sysctlsOf } from "./podWide.ts"
import { From, type Fields, type Told, type Value } from "./Value.ts"

/** What a Pod says of the rights of all its containers. */
export const podRights = (containers: ReadonlyArray<DockerContainer>, losses: Losses): Fields | undefined => {
  const sysctls = sysctlsOf(containers, losses).map(
    ({ value, at }) => new From(at, { name: value.name, value: value.value })
  )
  const groups = [
    ...new Map(containers.flatMap(({ groups }) => groups).map((one) => [one.value, one])).values()
  ].flatMap(({ value, at }) => {
    const id = idOf(value)
    if (id === undefined) losses.add(at.path, "A group's name is known to the image alone: write its number.")
    return id === undefined ? [] : [new From(at, id)]
  })
  return present({ sysctls: filled(sysctls), supplementalGroups: filled(groups) })
}

/** A container's rights. */
export const rightsOf = (container: DockerContainer, losses: Losses): Fields | undefined => {
  const { privileged, readOnly, capAdd, capDrop } = container
  return present({
    privileged: toldTrue(privileged),
    ...userOf(container, losses),
    capabilities: present({ add: filled(capAdd.map(fromTold)), drop: filled(capDrop.map(fromTold)) }),
    readOnlyRootFilesystem: toldTrue(readOnly),
    ...optionsOf(container, losses)
  })
}

const toldTrue = (told: Told<boolean> | undefined): Value | undefined =>
  told?.value === true ? new From(told.at, true) : undefined

const fromTold = ({ value, at }: Told<string>): Value => new From(at, value)

const filled = (list: ReadonlyArray<Value>): ReadonlyArray<Value> | undefined => (list.length === 0 ? undefined : list)

/** Undefined if nothing is said. */
const present = (fields: Fields): Fields | undefined =>
  Object.values(fields).every((value) => value === undefined) ? undefined : fields

/** Root is 0 in every image. */
const idOf = (text: string): number | undefined =>
  text === "root" ? 0 : /^\d{1,10}$/.test(text) ? Number(text) : undefined

const userOf = ({ user }: DockerContainer, losses: Losses): Fields => {
  if (user === undefined) return {}
  const [name = "", group = ""] = user.value.split(":")
  const uid = idOf(name)
  const gid = idOf(group)
  if (name !== "" && uid === undefined) {
    losses.add(
      user.at.path,
      "A user's name is known to the image alone: write its number (`docker run --rm --entrypoint id IMAGE NAME` prints it). " +
        "Without it the image's own user is used, which may be root."
    )
  }
  if (group !== "" && gid === undefined) {
    losses.add(user.at.path, "A group's name is known to the image alone: write its number.")
  }
  return {
    runAsUser: uid === undefined ? undefined : new From(user.at, uid),
    runAsGroup: gid === undefined || (name !== "" && uid === undefined) ? undefined : new From(user.at, gid)
  }
}

/** `--security-opt`, and what the API has in its place. */
const optionsOf = ({ securityOptions }: DockerContainer, losses: Losses): Fields => {
  const fields: Record<string, Value> = {}
  const label: Record<string, Value> = {}
  for (const { value: option, at } of securityOptions) {
    // "=" since Docker 1.11; a colon before.
    const [, name = option, value = ""] = /^([a-z-]+)[=:]([^]*)$/.exec(option) ?? []
    const part = /^(user|role|type|level):([^]+)$/.exec(value)
    if (name === "no-new-privileges") {
      if (value !== "false") fields["allowPrivilegeEscalation"] = new From(at, false)
    } else if (name === "seccomp" && value === "unconfined")
      fields["seccompProfile"] = new From(at, { type: "Unconfined" })
    else if (name === "seccomp" && value === "builtin")
      fields["seccompProfile"] = new From(at, { type: "RuntimeDefault" })
    else if (name === "seccomp") {
      losses.add(
        at.path,
        "A profile is a file below the folder seccomp in Slipway's state folder: copy it there and write " +
          '"seccompProfile: {type: Localhost, localhostProfile: NAME}".'
      )
    } else if (name === "apparmor") fields["appArmorProfile"] = new From(at, appArmor(value))
    else if (name === "label" && part !== null) label[part[1]!] = new From(at, part[2]!)
    else if (name === "systempaths" && value === "unconfined") fields["procMount"] = new From(at, "Unmasked")
    else losses.add(at.path, "No field of a declaration says it.")
  }
  return { ...fields, seLinuxOptions: present(label) }
}

const appArmor = (profile: string): Fields =>
  profile === "unconfined"
    ? { type: "Unconfined" }
    : profile === "docker-default"
      ? { type: "RuntimeDefault" }
      : { type: "Localhost", localhostProfile: profile }
