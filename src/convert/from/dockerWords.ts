/** `NAME=value`. Undefined if it is none. */
export const pairOf = (text: string): { readonly name: string; readonly value: string } | undefined => {
  const [, name, value = ""] = /^([^=]+)=([^]*)$/.exec(text) ?? []
  return name === undefined ? undefined : { name, value }
}

/** `name:address`, or `name=address`. Undefined if it is none. */
export const parseExtraHost = (text: string): { readonly name: string; readonly ip: string } | undefined => {
  const [, name, ip] = /^([^:=]+)[:=]\[?([^\]]+)\]?$/.exec(text) ?? []
  return name === undefined || ip === undefined ? undefined : { name, ip }
}

export const hostGateway =
  "The host's address on a Docker network: write the VM's address, or `hostNetwork: true` and localhost."

/** `all`, a number, or options such as `"device=0,1"`: how many there are, and what of it is not said. */
export const parseGpus = (text: string): { readonly count: number | undefined; readonly loss: string | undefined } => {
  if (/^\d+$/.test(text)) return { count: Number(text), loss: undefined }
  const options = new Map(
    Array.from(
      text.replaceAll(/^'|'$/g, "").matchAll(/(?:^|,)(?:"([^"]*)"|([a-z]+(?:=[^,"]*)?))(?:"|$|(?=,))?/g),
      ([, quoted, plain]) => {
        const [name = "", value = ""] = (quoted ?? plain ?? "").split(/=([^]*)/)
        return [name, value] as const
      }
    )
  )
  const devices = options.get("device")?.split(",")
  const count = options.get("count") ?? (options.has("all") ? "all" : undefined)
  if (devices !== undefined && devices[0] !== "") {
    return {
      count: devices.length,
      loss: "Their number is carried over, not which ones they are: GPUs are given from the first one on."
    }
  }
  const number = count !== undefined && /^\d+$/.test(count) ? Number(count) : undefined
  const others = [...options.keys()].filter((name) => !["count", "all", "driver", "capabilities"].includes(name))
  return {
    count: number,
    loss:
      number === undefined
        ? 'Their number has to be said: write "nvidia.com/gpu" into the limits, with how many the VM has.'
        : others.length > 0 || options.has("capabilities")
          ? "Their number alone is carried over."
          : undefined
  }
}
