import type { Finding } from "../yaml/Finding.ts"
import { FormatForeign } from "./FormatProblem.ts"
import { kindWord, misspeltKind } from "../documents/kinds.ts"
import { hasContainers, type OtherDocument } from "../documents/sortDocuments.ts"
import { templateOf } from "../documents/templates.ts"
import { entryAt } from "../yaml/entryAt.ts"
import { visible } from "../../text/printable.ts"
import { dereference, type Span, type YamlMapping, type YamlScalar, type YamlTarget } from "../yaml/YamlNode.ts"

/** What a text is instead of a declaration, and what to do with it. */
interface OtherFormat {
  readonly found: string
  readonly advice: string
}

const write = 'Write a Pod instead: "spec:", and below it "containers:" and "volumes:".'

/** Texts that are not YAML, or only by chance, recognised by how they begin. */
const texts: ReadonlyArray<readonly [pattern: RegExp, format: OtherFormat]> = [
  [
    /^#cloud-config\b/,
    {
      found: "user data of cloud-init",
      advice: 'It belongs under the metadata key "user-data"; the declaration has a key of its own.'
    }
  ],
  [
    /^#!\s*\//,
    { found: "a script", advice: 'A script that runs at boot belongs under the metadata key "startup-script".' }
  ],
  [/^\[(?:Unit|Service|Install)\][ \t]*$/m, { found: "a unit of systemd, or a Quadlet", advice: write }],
  [/^\[(?:Container|Pod|Kube|Volume|Network|Image|Build)\][ \t]*$/m, { found: "a Quadlet of Podman", advice: write }],
  [
    /^(?:\$ )?(?:sudo )?(?:docker|podman|nerdctl) (?:container )?(?:run|create|compose|service|stack)\b/,
    {
      found: "a command line of Docker",
      advice: `${write} "-e" becomes "env", "-v" a "volumeMounts" with its volume, and what follows the image "args".`
    }
  ],
  [
    /^@?[\w.~/-]+\.(?:ya?ml|json)\s*$/,
    {
      found: "the name of a file",
      advice: "Pass what the file holds: with gcloud by --metadata-from-file, in Terraform by file(…)."
    }
  ],
  [
    /^(?:gs|https?):\/\/\S+\s*$/,
    { found: "an address", advice: "Pass the declaration itself: it is not fetched from anywhere." }
  ],
  [
    /^<(?:!doctype|html|\?xml)\b/i,
    {
      found: "a page of HTML or XML",
      advice: "Was it saved in place of an answer that did not come? Pass the declaration itself."
    }
  ],
  [
    /^FROM \S+/,
    {
      found: "a Dockerfile",
      advice: 'Build the image of it beforehand, push it to a registry, and name it in "image".'
    }
  ],
  [
    /^(?:resource|module|variable|provider|locals|terraform)(?: "[^"\n]*")* \{/,
    {
      found: "Terraform's configuration",
      advice: "The declaration is the text that it puts into the metadata: yamlencode({ spec = { … } })."
    }
  ]
]

/**
 * Recognises texts that are certainly something else; never one that has `containers` where a declaration has them. `root`
 * is the text as YAML; undefined if it is not YAML.
 */
export const otherFormat = (text: string, root: YamlTarget | undefined): Finding<FormatForeign> | undefined => {
  if (root?._tag === "Mapping" && hasContainers(root)) return undefined
  const byStructure =
    root?._tag === "Mapping"
      ? ofMapping(root)
      : root?._tag === "Sequence"
        ? ofList(root.items.map(dereference))
        : undefined
  const start = Math.max(0, text.search(/\S/))
  const byText = texts.find(([pattern]) => pattern.test(text.slice(start, start + 4096)))?.[1]
  const format = byText === undefined ? byStructure : { ...byText, span: { start, end: start } }
  return format && asFinding(format)
}

const asFinding = ({ span, found, advice }: NonNullable<Found>): Finding<FormatForeign> => ({
  span,
  make: (position) => new FormatForeign({ ...position, found, advice })
})

type Found = (OtherFormat & { readonly span: Span }) | undefined

const ofMapping = (root: YamlMapping): Found => {
  const kind = scalarAt(root, "kind")
  const meant = kind && (misspeltKind(kind.text) ?? kind.text)
  if (kind !== undefined && kindWord.test(kind.text) && meant !== "Pod") {
    return ofKind(kind, templateOf(root, meant ?? ""))
  }
  const services = entryAt(root, "services")
  if (services?.value._tag === "Mapping") {
    return {
      span: services.key,
      found: "a file of Docker Compose",
      advice: `${write} Each service becomes a container.`
    }
  }
  for (const key of ["slipway-declaration", "gce-container-declaration"]) {
    const wrapped = entryAt(root, key)
    if (wrapped !== undefined) {
      return {
        span: wrapped.key,
        found: "metadata that holds a declaration",
        advice: `Pass what stands under "${key}" alone.`
      }
    }
  }
  const [userData] = ["write_files", "runcmd", "bootcmd", "packages", "cloud_init_modules"].flatMap(
    (key) => entryAt(root, key) ?? []
  )
  if (userData !== undefined) {
    return {
      span: userData.key,
      found: "user data of cloud-init",
      advice: 'It belongs under the metadata key "user-data"; the declaration has a key of its own.'
    }
  }
  return undefined
}

const ofKind = (kind: YamlScalar, template: string | undefined): NonNullable<Found> => {
  const name = visible(kind.text)
  const article = /^[AEIOU]/.test(name) ? "an" : "a"
  if (template !== undefined) {
    return {
      span: kind,
      found: `${article} ${name} of Kubernetes`,
      advice: `Write what stands below its "${template}" as the declaration, beginning with its "spec".`
    }
  }
  if (/^(?:Pod)?List$/.test(kind.text)) {
    return {
      span: kind,
      found: "a list of Kubernetes objects",
      advice: 'Add the Pod to its "items", or write it alone.'
    }
  }
  const isConfig = kind.text === "ConfigMap" || kind.text === "Secret"
  return {
    span: kind,
    found: `${article} ${name} of Kubernetes`,
    advice: isConfig
      ? 'Add the Pod that takes values from it, as a document of its own, after a line "---".'
      : "Remove it: only a Pod is read, with the ConfigMaps and Secrets beside it."
  }
}

/** A document of Kubernetes in a text that has no Pod. */
export const foreignDocument = ({ span, template }: OtherDocument): Finding<FormatForeign> =>
  asFinding(ofKind(span, template))

/** `docker inspect` gives a list. */
const ofList = (items: ReadonlyArray<YamlTarget>): Found => {
  const [first] = items
  return first?._tag === "Mapping" && entryAt(first, "HostConfig") !== undefined
    ? { span: first, found: "what `docker inspect` prints", advice: write }
    : undefined
}

const scalarAt = (mapping: YamlMapping, name: string): YamlScalar | undefined => {
  const value = entryAt(mapping, name)?.value
  return value?._tag === "Scalar" ? value : undefined
}
