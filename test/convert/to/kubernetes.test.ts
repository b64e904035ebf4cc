import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { Deployment } from "kubernetes-models/apps/v1/Deployment"
import { StatefulSet } from "kubernetes-models/apps/v1/StatefulSet"
import { RuntimeClass } from "kubernetes-models/node.k8s.io/v1/RuntimeClass"
import { ConfigMap } from "kubernetes-models/v1/ConfigMap"
import { Namespace } from "kubernetes-models/v1/Namespace"
import { PersistentVolume } from "kubernetes-models/v1/PersistentVolume"
import { PersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim"
import { Pod } from "kubernetes-models/v1/Pod"
import { Secret } from "kubernetes-models/v1/Secret"
import { Service } from "kubernetes-models/v1/Service"
import { parseAllDocuments } from "yaml"
import { kinds } from "../../../src/convert/targets.ts"
import { decodeDeclaration } from "../../../src/declaration/Declaration.ts"
import { revealedJson } from "../../../src/workload/revealedJson.ts"
import type { Dialect } from "../../../src/workload/Dialect.ts"
import { type KubernetesType, kubernetesType } from "../../declaration/keys/KubernetesSchema.ts"
import { converted, type Tree } from "../Converting.ts"
import { samples } from "../Samples.ts"

interface KubernetesObject {
  readonly kind: string
  readonly metadata: Readonly<Record<string, unknown>>
  readonly spec: Tree
}

type Made = { readonly validate: () => void }

/** Kubernetes' own schemas by kind: what checks values, and what has the names of all fields. */
const schemas: Readonly<Record<string, readonly [make: (data: never) => Made, place: string]>> = {
  Pod: [(data) => new Pod(data), "v1/Pod"],
  ConfigMap: [(data) => new ConfigMap(data), "v1/ConfigMap"],
  Secret: [(data) => new Secret(data), "v1/Secret"],
  Namespace: [(data) => new Namespace(data), "v1/Namespace"],
  Service: [(data) => new Service(data), "v1/Service"],
  PersistentVolume: [(data) => new PersistentVolume(data), "v1/PersistentVolume"],
  PersistentVolumeClaim: [(data) => new PersistentVolumeClaim(data), "v1/PersistentVolumeClaim"],
  RuntimeClass: [(data) => new RuntimeClass(data), "node.k8s.io/v1/RuntimeClass"],
  Deployment: [(data) => new Deployment(data), "apps/v1/Deployment"],
  StatefulSet: [(data) => new StatefulSet(data), "apps/v1/StatefulSet"]
}

const objectsOf = (text: string): ReadonlyArray<KubernetesObject> =>
  parseAllDocuments(text, { version: "1.1" }).map((document) => document.toJS() as KubernetesObject)

/** Fields that Kubernetes does not have. */
const unknownFields = (value: unknown, type: KubernetesType | undefined, path = ""): ReadonlyArray<string> => {
  if (type === undefined || typeof value !== "object" || value === null) return []
  if (Array.isArray(value)) return value.flatMap((entry) => unknownFields(entry, type, path))
  return Object.entries(value).flatMap(([key, entry]) => {
    const field = type.fields.get(key)
    return field === undefined ? [`${path}.${key}`] : unknownFields(entry, field.type(), `${path}.${key}`)
  })
}

describe("a manifest for Kubernetes", () => {
  it.each(samples)("has what Kubernetes has, of whatever kind: $file", ({ text, dialect }) => {
    for (const kind of kinds) {
      for (const object of objectsOf(converted(text, "kubernetes", { dialect, kind }).text)) {
        const [make, place] = schemas[object.kind]!
        make(object as never).validate()
        assert.deepEqual(unknownFields(object, kubernetesType(place)), [], object.kind)
      }
    }
  })

  // Under konlet's rules what is wrong is ignored, which Kubernetes does not.
  it.each(samples.filter(({ dialect }) => dialect === "slipway"))(
    "is, as a declaration, the same workload wherever both can say it: $file",
    ({ text, dialect }) => {
      const { text: manifest, losses } = converted(text, "kubernetes", { dialect })
      // A claim means nothing on one VM.
      if (manifest.includes("persistentVolumeClaim") || Object.keys(losses).length > 0) return
      assert.deepEqual(workload(manifest, "slipway"), workload(text, dialect))
    }
  )

  it("the defaults of konlet are written out, as Kubernetes has others", () => {
    const { text, losses } = converted("spec: {containers: [{name: web, image: nginx}]}", "kubernetes")
    assert.deepEqual(objectsOf(text), [
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "web" },
        spec: {
          restartPolicy: "Always",
          terminationGracePeriodSeconds: 10,
          hostNetwork: true,
          containers: [
            {
              name: "web",
              image: "nginx",
              imagePullPolicy: "Always",
              securityContext: { seccompProfile: { type: "RuntimeDefault" } }
            }
          ]
        }
      } as unknown as KubernetesObject
    ])
    assert.deepEqual(losses, {})
  })

  it("what konlet did not expand, Kubernetes does not expand either", () => {
    const declared = "spec: {containers: [{image: nginx, args: [$(A), $$, plain], env: [{name: A, value: $(B)}]}]}"
    const of = (dialect: Dialect) =>
      objectsOf(converted(declared, "kubernetes", { dialect }).text)[0]!.spec["containers"]![0]
    assert.deepInclude(of("konlet") as object, {
      args: ["$$(A)", "$$$$", "plain"],
      env: [{ name: "A", value: "$$(B)" }]
    })
    assert.deepInclude(of("slipway") as object, { args: ["$(A)", "$$", "plain"], env: [{ name: "A", value: "$(B)" }] })
  })

  it("a disk is a volume and the claim that finds it, and no other", () => {
    const declared =
      "{metadata: {name: shop, namespace: prod}, spec: {containers: [{image: db, volumeMounts: [{name: data, mountPath: /data}]}], " +
      "volumes: [{name: data, gcePersistentDisk: {pdName: db-disk, fsType: xfs, partition: 2}}]}}"
    const { text, losses } = converted(declared, "kubernetes")
    const [namespace, volume, claim, pod] = objectsOf(text)
    assert.deepEqual(namespace?.metadata, { name: "prod" })
    assert.deepInclude(volume?.spec as object, {
      claimRef: { namespace: "prod", name: "shop-data" },
      gcePersistentDisk: { pdName: "db-disk", fsType: "xfs", partition: 2 },
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: ""
    })
    assert.deepEqual(claim?.metadata, { name: "shop-data", namespace: "prod" })
    assert.deepInclude(claim?.spec as object, { volumeName: "shop-data", storageClassName: "" })
    assert.deepEqual(pod?.spec["volumes"] as unknown, [
      { name: "data", persistentVolumeClaim: { claimName: "shop-data" } }
    ])
    assert.deepEqual(Object.keys(losses), ["spec.volumes[0].gcePersistentDisk"])
  })

  it("a probe asks where the VM asks: on the host's network at its loopback", () => {
    const declared = (network: string) =>
      `spec: {${network} containers: [{image: web, readinessProbe: {httpGet: {port: 80}}, livenessProbe: {tcpSocket: {port: 80}}}]}`
    const onHost = objectsOf(converted(declared(""), "kubernetes").text)[0]!.spec["containers"]![0]!
    assert.deepEqual(onHost["readinessProbe"] as unknown, { httpGet: { path: "/", port: 80, host: "127.0.0.1" } })
    assert.deepEqual(onHost["livenessProbe"] as unknown, { tcpSocket: { port: 80, host: "127.0.0.1" } })
    const own = objectsOf(converted(declared("hostNetwork: false,"), "kubernetes").text)[0]!.spec["containers"]![0]!
    assert.deepEqual(own["readinessProbe"] as unknown, { httpGet: { path: "/", port: 80 } })
  })

  it("a controller restarts always, and says so where something else is declared", () => {
    const declared =
      "spec: {restartPolicy: OnFailure, activeDeadlineSeconds: 60, containers: [{name: web, image: nginx}]}"
    const { text, losses } = converted(declared, "kubernetes", { kind: "Deployment" })
    assert.deepEqual(Object.keys(losses), ["spec.restartPolicy", "spec.activeDeadlineSeconds"])
    const { spec } = objectsOf(text)[0]!
    assert.deepInclude(spec as object, {
      replicas: 1,
      strategy: { type: "Recreate" },
      selector: { matchLabels: { app: "web" } }
    })
    assert.deepInclude(spec["template"]!["spec"] as object, { restartPolicy: "Always" })
    const set = objectsOf(converted(declared, "kubernetes", { kind: "StatefulSet" }).text)
    assert.deepEqual(
      set.map(({ kind }) => kind),
      ["Service", "StatefulSet"]
    )
    assert.strictEqual(set[1]?.spec["serviceName"] as unknown, "web")
    assert.deepEqual(Object.keys(converted(declared, "kubernetes").losses), [])
  })

  it("what Secret Manager has is asked of a Secret, and how to make that is told", () => {
    const declared =
      "spec: {containers: [{image: web, env: [{name: P, valueFrom: {secretKeyRef: {name: projects/shop/secrets/DB_Password, key: '7'}}}]}]}"
    const { text, losses } = converted(declared, "kubernetes")
    const env = objectsOf(text)[0]!.spec["containers"]![0]!["env"]
    assert.deepEqual(env as unknown, [{ name: "P", valueFrom: { secretKeyRef: { name: "db-password", key: "7" } } }])
    assert.include(
      losses["spec.containers[0].env[0].valueFrom.secretKeyRef"],
      'kubectl create secret generic db-password --from-literal=7="$(gcloud secrets versions access 7 --secret=DB_Password --project=shop)"'
    )
  })
})

/** A workload in which what both mean is written in one way. */
const workload = (text: string, dialect: Dialect): unknown => {
  const { workload } = Result.getOrThrow(decodeDeclaration({ file: "web.yaml", text, dialect }))
  const { pod: _, containers, initContainers, ...rest } = workload
  const same = ({ gracePeriod = 10, ...container }: (typeof containers)[number]) => {
    const { probes, lifecycle, image, command, args, env } = container
    return {
      ...container,
      // One that is alone may have none.
      name: "",
      gracePeriod,
      image: image.text,
      // An expression of which nothing is expanded is the text that it stands for.
      ...json({ command, args, env }, '"template":', '"value":'),
      ...json({ probes, lifecycle }, '"host":"127.0.0.1",', "")
    }
  }
  return json({ ...rest, containers: containers.map(same), initContainers: initContainers.map(same) })
}

const json = (value: object, ...[found = "", instead = ""]: ReadonlyArray<string>): object =>
  JSON.parse(revealedJson(value).replaceAll(found, instead)) as object
