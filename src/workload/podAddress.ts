/**
 * Stands for the address of a network of the Pod's own, which nobody knows before something is on it: in a plan, and in
 * the hash. No value that a container can have contains it. Whoever creates the container puts the address in its place.
 */
export const podAddress = "\0podIP\0"

/** Whether the Pod's address stands in a text. */
export const namesPodAddress = (text: string): boolean => text.includes(podAddress)
