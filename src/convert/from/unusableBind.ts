import { variableIn } from "./variableIn.ts"

/** Why no declaration can mount a path of the host there, and what to write instead; undefined where one can. */
export const unusableBind = (source: string, target: string): string | undefined => {
  const variable = variableIn(source) ?? variableIn(target)
  if (variable !== undefined) return `The variable ${variable} is not replaced: write the path that it stands for.`
  if (source.startsWith("~"))
    return 'A shell would replace "~" by a home directory: write its path on the VM, as in /home/NAME, in its place.'
  // Nothing at all is left to the declaration's reader.
  return source === "" || source.startsWith("/")
    ? undefined
    : `"${source}" is relative to a folder that is not on the VM: have its files there, and write their whole path, which ` +
        'begins with "/".'
}
