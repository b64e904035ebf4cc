/**
 * A message without the names in it, so that an image called "forbidden" does not count as a refusal: references, URLs
 * and quoted text become `<name>`, absolute paths `<path>`, digests `<digest>`, and a registry's status, in whatever
 * form, `<status 404>`.
 */
export const withoutNames = (words: string, image?: string): string =>
  namesOf(image)
    .reduce(
      (text, name) => text.replaceAll(name, "<name>"),
      words
        .replace(/"(?:[^"\\\n]|\\.)*"/g, "<name>")
        .replace(/\b[a-z]+:\/\/[^\s'"<>]*[^\s'"<>:.,)]/gi, "<name>")
        .replace(/\bsha256:[0-9a-f]{64}\b/g, "<digest>")
    )
    .replace(/\b(access denied for|manifest for|repository|artifact) [\w.<>-]+(?=[:,]| not found)/g, "$1 <name>")
    .replace(/(?<=^|[\s(])\/[^\s:,()]+/g, "<path>")
    .replace(statusPattern, "$1<status $2>")

/** `HTTP 404 response body`, `unexpected HTTP status: 404`, `unexpected status from GET request to URL: 404`, … */
const statusPattern =
  /(\b(?:HTTP|(?:HTTP )?status(?: ?code)?(?: from registry)?(?: from [A-Z]+ request to <name>)?(?: <name>)?:?) )(\d{3})\b/gi

/** The forms in which an image may be named, longest first. A single word could be one of the engine's own. */
const namesOf = (image: string | undefined): ReadonlyArray<string> => {
  if (image === undefined) return []
  const repository = image.replace(/@.*$/, "").replace(/:[^/:]*$/, "")
  const path = repository.slice(repository.indexOf("/") + 1)
  const tag = image.slice(repository.length)
  const names = [image, repository, `${path}${tag}`, path, repository.slice(0, repository.indexOf("/"))]
  return names.filter((name) => /[/:.]/.test(name))
}
