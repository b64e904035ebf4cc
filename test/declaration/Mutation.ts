/** Numbers below a bound, the same for the same seed: mutations must be reproducible without any state in between. */
export const randomOf = (seed: number): ((bound: number) => number) => {
  let state = seed >>> 0
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

const insertions = ": |\n|- |\"|'|[|]|{|}|,|#|&a |*a|>|  |\t|~|null|<<: *a\n|!!str |? |---\n|...\n|%|\r\n|\\".split("|")

/** What an editor's slip does to a text, once or up to four times. */
export const mutate = (text: string, seed: number): string => {
  const random = randomOf(seed)
  let result = text
  for (let left = 1 + random(4); left > 0; left--) result = mutateOnce(result, random)
  return result
}

const mutateOnce = (text: string, random: (bound: number) => number): string => {
  const lines = text.split("\n")
  const line = random(lines.length)
  const at = random(text.length)
  switch (random(6)) {
    case 0:
      return lines.toSpliced(line, 1).join("\n")
    case 1:
      return lines.toSpliced(line, 0, lines[line]!).join("\n")
    case 2:
      return lines.with(line, `  ${lines[line]!}`).join("\n")
    case 3:
      return lines.with(line, lines[line]!.replace(/^ {2}/, "")).join("\n")
    case 4:
      return text.slice(0, at) + text.slice(at + 1 + random(3))
    default:
      return text.slice(0, at) + insertions[random(insertions.length)]! + text.slice(at)
  }
}
