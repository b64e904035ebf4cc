/** A whole number from one on; undefined if it is none. */
export const positive = (text: string): number | undefined => (/^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined)

/** As Docker reads sizes: to it a thousand is 1024. Undefined if it is none. Source: RAMInBytes of docker/go-units. */
export const bytesOf = (text: string): number | undefined => {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?|\.\d+)\s?(?:([kmgtp])i?)?b?$/i.exec(text.trim()) ?? []
  if (number === undefined) return undefined
  const power = unit === "" ? 0 : "kmgtp".indexOf(unit.toLowerCase()) + 1
  const bytes = Math.trunc(Number(number) * 1024 ** power)
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** The shortest exact quantity of Kubernetes. */
export const quantityOf = (bytes: number): string => {
  const units = ["", "Ki", "Mi", "Gi", "Ti", "Pi"]
  let amount = bytes
  let unit = 0
  while (amount >= 1024 && amount % 1024 === 0 && unit < units.length - 1) {
    amount /= 1024
    unit++
  }
  return `${amount}${units[unit]}`
}

/** A duration of Go (`1m30s`, `500ms`) in seconds. Undefined if it is none. */
export const secondsOf = (text: string): number | undefined => {
  if (text === "0") return 0
  if (!/^(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined
  let seconds = 0
  for (const [, number = "", unit = ""] of text.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)) {
    seconds += Number(number) * unitSeconds[unit]!
  }
  return seconds
}

const unitSeconds: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 }

/** CPUs in thousandths, rounded up; undefined if it is no number above zero. */
export const millisOf = (text: string): number | undefined => {
  const cpus = /^\d+(?:\.\d*)?$|^\.\d+$/.test(text) ? Number(text) : 0
  return cpus > 0 ? Math.ceil(Number((cpus * 1000).toFixed(6))) : undefined
}

/** Thousandths as Kubernetes writes them: `1500m`, `2`. */
export const cpuQuantity = (millis: number): string => (millis % 1000 === 0 ? String(millis / 1000) : `${millis}m`)

/** The thousandths that come to a number of shares, as kubelet counts them; undefined if none do. */
export const millisOfShares = (shares: number): number | undefined => {
  const millis = Math.ceil((shares * 1000) / 1024)
  return [millis, millis - 1, millis + 1].find((one) => one > 0 && Math.floor((one * 1024) / 1000) === shares)
}
