/** The reason for what one container says and a Pod says of all. */
export const holdsForAll = "It holds for all containers of the Pod."
