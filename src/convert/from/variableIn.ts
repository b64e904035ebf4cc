/** The first variable in a text that a shell or Compose would have replaced, as in `$NAME`. */
export const variableIn = (text: string): string | undefined => {
  const [, name] = /\$\{?([A-Za-z_]\w*)/.exec(text) ?? []
  return name && `$${name}`
}
