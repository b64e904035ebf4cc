/** A line of a file of variables; without a value where the name stands alone. */
export interface EnvLine {
  readonly name: string
  readonly value: string | undefined
}

/** As `docker run --env-file` reads it: no quotes, no expansion. Source: opts/file.go of docker/cli. */
export const parseEnvFile = (text: string): ReadonlyArray<EnvLine> =>
  text.split(/\r?\n/).flatMap((line): ReadonlyArray<EnvLine> => {
    const written = line.trimStart()
    if (written === "" || written.startsWith("#")) return []
    const [, name = written, value] = /^([^=]*)=([^]*)$/.exec(written) ?? []
    return [{ name: name.trim(), value }]
  })
