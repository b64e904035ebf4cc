/** The engine behind the Docker API, by its own account. */
export interface EngineProduct {
  readonly name: "Docker" | "Podman"
  /** `undefined` if it does not say. */
  readonly version: string | undefined
  /** The newest version of the API that it speaks, `1.45`; absent if it does not say. */
  readonly apiVersion?: string | undefined
}

/** Whether the engine speaks this version of the API or a later one. */
export const speaks = ({ apiVersion = "" }: EngineProduct, major: number, minor: number): boolean => {
  const [, ownMajor, ownMinor] = /^(\d{1,4})\.(\d{1,4})$/.exec(apiVersion) ?? []
  return Number(ownMajor) > major || (Number(ownMajor) === major && Number(ownMinor) >= minor)
}

/** From the `Server` header: `Docker/20.10.24 (linux)`, `Libpod/5.8.6 (linux)`. Docker if there is none. */
export const engineProduct = (server: string | undefined): EngineProduct => {
  const [, product, version] = /^([A-Za-z]{1,32})\/([0-9][\w.+~-]{0,63})/.exec(server ?? "") ?? []
  return { name: product === "Libpod" ? "Podman" : "Docker", version }
}
