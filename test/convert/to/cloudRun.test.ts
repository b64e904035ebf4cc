import { assert, describe, it } from "@effect/vitest"
import { parse } from "yaml"
import { kubernetesType } from "../../declaration/keys/KubernetesSchema.ts"
import { converted } from "../Converting.ts"
import { samples } from "../Samples.ts"

interface KnativeService {
  readonly metadata: Readonly<Record<string, unknown>>
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly annotations: Readonly<Record<string, string>> }
      readonly spec: {
        readonly containers: ReadonlyArray<Readonly<Record<string, unknown>>>
        readonly volumes?: unknown
      }
    }
  }
}

const of = (text: string) => {
  const { text: yaml, losses } = converted(text, "cloud-run")
  const service = parse(yaml) as KnativeService
  return { service, template: service.spec.template, losses }
}

describe("a service of Cloud Run", () => {
  it("is one instance that always runs, and gets requests on the port that is declared", () => {
    const { service, losses } = of(
      "spec: {containers: [{name: web, image: us-docker.pkg.dev/shop/web, ports: [{containerPort: 8080}], env: [{name: A, value: $(B)}]}]}"
    )
    assert.deepEqual(service, {
      apiVersion: "serving.knative.dev/v1",
      kind: "Service",
      metadata: { name: "web" },
      spec: {
        template: {
          metadata: {
            annotations: {
              "run.googleapis.com/execution-environment": "gen2",
              "autoscaling.knative.dev/minScale": "1",
              "autoscaling.knative.dev/maxScale": "1",
              "run.googleapis.com/cpu-throttling": "false"
            }
          },
          spec: {
            containers: [
              {
                name: "web",
                image: "us-docker.pkg.dev/shop/web",
                ports: [{ containerPort: 8080 }],
                env: [{ name: "A", value: "$(B)" }]
              }
            ]
          }
        }
      }
    } as unknown as KnativeService)
    assert.deepEqual(losses, {})
  })

  it("has secrets of Secret Manager by name and version, of other projects too", () => {
    const { template } = of(
      "spec: {containers: [{image: gcr.io/a/b, ports: [{containerPort: 80}], volumeMounts: [{name: s, mountPath: /s}], env: [" +
        "{name: A, valueFrom: {secretKeyRef: {name: db, key: '3'}}}, {name: B, valueFrom: {secretKeyRef: {name: projects/other/secrets/db}}}]}]," +
        " volumes: [{name: s, secret: {secretName: tls, items: [{key: latest, path: key.pem}]}}]}"
    )
    assert.deepEqual(template.spec.containers[0]?.["env"], [
      { name: "A", valueFrom: { secretKeyRef: { name: "db", key: "3" } } },
      { name: "B", valueFrom: { secretKeyRef: { name: "secret-1", key: "latest" } } }
    ])
    assert.strictEqual(
      template.metadata.annotations["run.googleapis.com/secrets"],
      "secret-1:projects/other/secrets/db"
    )
    assert.deepEqual(template.spec.volumes, [
      { name: "s", secret: { secretName: "tls", items: [{ key: "latest", path: "key.pem", mode: 0o644 }] } }
    ])
  })

  it("starts sidecars first, and runs nothing to its end before", () => {
    const { template, losses } = of(
      "spec: {initContainers: [{name: migrate, image: a}, {name: proxy, image: b, restartPolicy: Always}], containers: [{name: web, image: c, ports: [{containerPort: 80}]}]}"
    )
    assert.deepEqual(
      template.spec.containers.map(({ name }) => name),
      ["proxy", "web"]
    )
    assert.deepEqual(JSON.parse(template.metadata.annotations["run.googleapis.com/container-dependencies"]!), {
      web: ["proxy"]
    })
    assert.include(Object.keys(losses), "spec.initContainers[0]")
  })

  it.each(samples)("has in its containers and volumes what Kubernetes has: $file", ({ text, dialect }) => {
    const { template } = parse(converted(text, "cloud-run", { dialect }).text).spec as KnativeService["spec"]
    const spec = kubernetesType("v1/PodSpec")
    for (const key of Object.keys(template.spec)) assert.isTrue(spec.fields.has(key), key)
    const container = kubernetesType("v1/Container")
    for (const one of template.spec.containers) {
      for (const key of Object.keys(one)) assert.isTrue(container.fields.has(key), key)
    }
  })
})
