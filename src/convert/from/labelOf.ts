import { maximumLabelLength } from "../../workload/dnsName.ts"

/** A name that Kubernetes takes, made of any text. */
export const labelOf = (text: string, otherwise: string): string => {
  const label = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, maximumLabelLength)
    .replaceAll(/^-+|-+$/g, "")
  return label === "" ? otherwise : label
}

/** The last part of an image's name, as in `nginx` of `docker.io/library/nginx:1.29`. */
export const imageName = (image: string): string => image.replace(/@.*$/, "").split("/").at(-1)?.split(":")[0] ?? ""
