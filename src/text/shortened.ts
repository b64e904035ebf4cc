/**
 * A step's id in so many characters, without the middle: the verb and the end of its subject tell most, as in `pull
 * …/shop/web:1.4`.
 */
export const shortened = (id: string, longest: number): string => {
  if (id.length <= longest) return id
  const verb = id.slice(0, id.indexOf(" ") + 1)
  const end = id.slice(verb.length + 1 - longest)
  return `${verb}…${end.replace(/^[^/]*(?=\/)/, "")}`
}
