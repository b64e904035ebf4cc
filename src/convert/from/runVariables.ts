import type { Losses } from "../Losses.ts"
import type { DockerContainer } from "./DockerContainer.ts"
import { pairOf } from "./dockerWords.ts"
import { parseEnvFile } from "./envFile.ts"
import type { Told } from "./Value.ts"

/** Of one name the last counts. */
export const lastOfEach = (variables: DockerContainer["env"]): DockerContainer["env"] =>
  variables.filter(
    ({ value: { name } }, index) => variables.findLastIndex(({ value }) => value.name === name) === index
  )

export const variableOf = ({ value, at }: Told<string>, losses: Losses): DockerContainer["env"] => {
  const pair = pairOf(value)
  if (pair === undefined) {
    losses.add(
      at.path,
      "Its value is that of the environment in which docker is called: write it after the name, as in NAME=value."
    )
  }
  return pair === undefined ? [] : [{ value: pair, at }]
}

export const variablesOf = (
  { value: name, at }: Told<string>,
  envFiles: ReadonlyMap<string, string>,
  losses: Losses
): DockerContainer["env"] => {
  const text = envFiles.get(name)
  if (text === undefined) {
    losses.add(
      at.path,
      "The file was not read: write its variables as env, or as a ConfigMap or Secret that envFrom names."
    )
    return []
  }
  losses.note(at.path, "Its variables are env.")
  return parseEnvFile(text).flatMap(({ name: variable, value }) => {
    const path = `${at.path} (${variable})`
    if (value !== undefined) return [{ value: { name: variable, value }, at: { path } }]
    losses.add(path, "Its value is that of the environment in which docker is called: write it.")
    return []
  })
}
