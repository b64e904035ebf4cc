/** Ports from one to another, both included. */
export interface PortRange {
  readonly from: number
  readonly to: number
}

const written = /^([1-9]\d{0,4})(?:-([1-9]\d{0,4}))?$/

/** `80`, or `8000-8100`. Undefined if no port could be in it. */
export const parsePortRange = (text: string): PortRange | undefined => {
  const [, first, last = first] = written.exec(text) ?? []
  const [from, to] = [Number(first), Number(last)]
  return from <= to && to <= 65535 ? { from, to } : undefined
}

export const isInRange = (port: number, { from, to }: PortRange): boolean => from <= port && port <= to

export const renderPortRange = ({ from, to }: PortRange): string => (from === to ? `${from}` : `${from}-${to}`)
