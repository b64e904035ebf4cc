import type { ImageDescription } from "../../src/simulation/VmDescription.ts"

/** In every declaration of these tests, where secrets are: what a run says must never have it. */
export const secret = "s3cr3t-v4lue"

export const declaration = (image: string, rest = "") => `spec:
  containers:
    - name: web
      image: ${image}
      args: ["--password=${secret}"]
      env:
        - name: PASSWORD
          value: ${secret}
${rest}`

export const declared = declaration("registry.example/web:1")

export const images: ReadonlyArray<ImageDescription> = [
  { reference: "registry.example/web:1" },
  { reference: "registry.example/web:2" }
]

/** An image whose process ends by itself, with 3. */
export const job: ImageDescription = {
  reference: "registry.example/job",
  behaviour: { _tag: "Exits", afterMillis: 900, exitCode: 3, log: ["no database"] }
}

/** Everything that a run printed. */
export const outputOf = ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) => stdout + stderr
