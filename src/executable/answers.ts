import type { Answer, AnswerOf } from "./nodeInMemory.ts"

const image = "registry.example/web:1"
const digest = `sha256:${"1".repeat(64)}`
const id = "2".repeat(64)

const declaration = `
spec:
  containers:
    - name: web
      image: ${image}
      args: ["--listen", ":8080"]
      env:
        - name: MODE
          value: production
      volumeMounts:
        - name: data
          mountPath: /data
  volumes:
    - name: data
      hostPath:
        path: /var/lib/web
  restartPolicy: Always
`

const container = {
  Id: id,
  Name: "/web",
  Image: digest,
  Created: "2026-01-01T00:00:00Z",
  State: { Status: "running", Running: true, ExitCode: 0, StartedAt: "2026-01-01T00:00:00Z" },
  RestartCount: 0,
  Config: { Image: image, Env: ["MODE=production"], Cmd: ["--listen", ":8080"], Labels: {}, Tty: false },
  HostConfig: { NetworkMode: "host", RestartPolicy: { Name: "always", MaximumRetryCount: 0 } },
  Mounts: [],
  NetworkSettings: { Networks: { host: {} } }
}

/** What the engine, whose registry has nothing newer, and the metadata server answer: by a pattern of method and path. */
const answers: ReadonlyArray<readonly [pattern: RegExp, status: number, body: unknown]> = [
  [/ \/computeMetadata\/v1\/instance\/attributes\/gce-container-declaration$/, 200, declaration],
  [/ \/computeMetadata\//, 404, "not found"],
  [/ \/_ping/, 200, "OK"],
  [/ \/containers\/json/, 200, []],
  [/ \/containers\/create/, 201, { Id: id, Warnings: [] }],
  [/ \/containers\/[^/]+\/start/, 204, ""],
  [/ \/containers\/[^/]+\/json/, 200, container],
  [
    / \/images\/.*\/json/,
    200,
    {
      Id: digest,
      RepoTags: [image],
      RepoDigests: [`registry.example/web@${digest}`],
      Size: 1,
      Config: { Env: [], Cmd: ["serve"], Labels: {} }
    }
  ],
  [/ \/distribution\//, 200, { Descriptor: { digest }, Platforms: [] }]
]

/** Of a VM that is told to run one container, whose image it has. */
export const answerOf: AnswerOf = (method, path): Answer => {
  const request = `${method} ${path}`
  const [, status, body] = answers.find(([pattern]) => pattern.test(request)) ?? [undefined, 404, "not found"]
  return {
    status,
    headers: { server: "Docker/27.0.0 (linux)", "api-version": "1.47", "metadata-flavor": "Google" },
    body: typeof body === "string" ? body : JSON.stringify(body)
  }
}
