/** So many thousandths of a cpu, or bytes, in units of the divisor: rounded up, as Kubernetes divides them. */
export const divideResource = (amount: number, divisor: number): string => String(BigInt(Math.ceil(amount / divisor)))
