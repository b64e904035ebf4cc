/**
 * A text with references to variables, `$(NAME)`, which are expanded once the values of all variables are known. Where
 * nothing is expanded, as under konlet's rules, a text is no template.
 */
export interface Template {
  readonly template: string
}

/** A text, or what becomes one. */
export type Word = string | Template

/** Whether expansion may change a text. */
export const hasReference = (text: string): boolean => text.includes("$(") || text.includes("$$")

/**
 * Replaces `$(NAME)` by the variable's value as Kubernetes does: `$$` stands for `$`, so that `$$(NAME)` becomes `$(NAME)`;
 * what refers to no variable stays as it is; what a value brings is not expanded again. Source: Kubernetes'
 * third_party/forked/golang/expansion.
 */
export const expand = (text: string, valueOf: (name: string) => string | undefined): string => {
  const lastClosed = text.lastIndexOf(")")
  let expanded = ""
  let copied = 0
  for (let at = text.indexOf("$"); at !== -1; at = text.indexOf("$", copied)) {
    const next = text[at + 1]
    if (next === undefined) break
    expanded += text.slice(copied, at)
    if (next === "$") {
      expanded += "$"
      copied = at + 2
    } else if (next === "(" && at < lastClosed) {
      const end = text.indexOf(")", at)
      expanded += valueOf(text.slice(at + 2, end)) ?? text.slice(at, end + 1)
      copied = end + 1
    } else {
      expanded += `$${next}`
      copied = at + 2
    }
  }
  return expanded + text.slice(copied)
}
