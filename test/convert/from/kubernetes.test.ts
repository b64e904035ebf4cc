import { assert, describe, it } from "@effect/vitest"
import { fromKubernetes } from "../../../src/convert/from/fromKubernetes.ts"
import { type KubernetesField, kubernetesPod, type KubernetesType } from "../../declaration/keys/KubernetesSchema.ts"
import { declaring, refusing, secret } from "./Declaring.ts"

const kubernetes = (text: string) => fromKubernetes({ file: "app.yaml", text })
/** A Pod with these lines in its container, and these beside it. */
const of = (container = "", spec = "", more = "") =>
  declaring(
    kubernetes(
      `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: web\n      image: nginx:1.29\n${container}\n${spec}\n${more}`
    )
  )

describe("objects of Kubernetes", () => {
  it("where a field is left out, Kubernetes' meaning is written", () => {
    const { spec, container, metadata, losses } = of()
    assert.deepInclude(spec, { hostNetwork: false, terminationGracePeriodSeconds: 30 })
    assert.strictEqual(container.imagePullPolicy, "IfNotPresent")
    assert.strictEqual(metadata.name, "web")
    assert.deepEqual(losses, {})
  })

  it.each([
    ["nginx", "Always"],
    ["nginx:latest", "Always"],
    ["localhost:5000/nginx", "Always"],
    ["nginx:1", "IfNotPresent"],
    [`nginx@sha256:${"a".repeat(64)}`, "IfNotPresent"]
  ])("the image %s is pulled %s", (image, policy) => {
    const { container } = declaring(kubernetes(`kind: Pod\nspec: {containers: [{name: a, image: "${image}"}]}`))
    assert.strictEqual(container.imagePullPolicy, policy)
  })

  it.each(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"])("a %s is its template", (kind) => {
    const { container, metadata, losses } = declaring(
      kubernetes(
        `kind: ${kind}\nmetadata: {name: shop, namespace: prod, labels: {a: b}}\nspec:\n  selector: {}\n  replicas: 1\n  minReadySeconds: 5\n  template:\n    metadata: {labels: {app: shop}}\n    spec: {restartPolicy: Never, containers: [{name: web, image: x}]}`
      )
    )
    assert.strictEqual(container.name, "web")
    assert.deepInclude(metadata, { name: "shop", namespace: "prod", labels: { app: "shop" } })
    assert.deepEqual(Object.keys(losses), ["spec.minReadySeconds", "metadata.labels"])
  })

  it("a CronJob's times are not carried over", () => {
    const { losses, spec } = declaring(
      kubernetes(
        "kind: CronJob\nmetadata: {name: a}\nspec: {schedule: '* * * * *', jobTemplate: {spec: {backoffLimit: 3, template: {spec: {restartPolicy: OnFailure, containers: [{name: a, image: x}]}}}}}"
      )
    )
    assert.strictEqual(spec.restartPolicy, "OnFailure")
    assert.include(losses["spec.schedule"], "at its times")
    assert.include(losses["spec.jobTemplate.spec.backoffLimit"], "retries")
  })

  it("ConfigMaps and Secrets come along where the Pod refers to them; other objects are listed", () => {
    const { text, losses, workload } = declaring(
      kubernetes(`
kind: List
items:
  - kind: Service
    metadata: {name: web}
  - kind: Deployment
    metadata: {name: web}
    spec:
      template:
        spec:
          imagePullSecrets: [{name: gone}]
          containers:
            - name: web
              image: x
              envFrom: [{configMapRef: {name: app}}]
              env:
                - {name: A, valueFrom: {secretKeyRef: {name: token, key: t}}}
                - {name: B, valueFrom: {configMapKeyRef: {name: gone, key: t}}}
  - kind: ConfigMap
    metadata: {name: app, resourceVersion: "5"}
    data: {MODE: yes, N: 0777}
  - kind: Secret
    metadata: {name: token}
    stringData: {t: ${secret}}
  - kind: ConfigMap
    metadata: {name: other}
    data: {a: ${secret}}
  - kind: Deployment
    metadata: {name: second}
    spec: {template: {spec: {containers: [{name: b, image: y}]}}}
`)
    )
    assert.includeMembers(Object.keys(losses), ["Service/web", "ConfigMap/other", "Deployment/second"])
    assert.property(losses, "items[1].spec.template.spec.containers[0].env[1]")
    assert.property(losses, "ConfigMap/app items[2].metadata.resourceVersion")
    assert.notInclude(JSON.stringify(losses), secret)
    assert.include(text, secret)
    assert.deepEqual(
      workload.containers[0].imported?.map(({ name, value }) => name + value),
      ["MODEyes", "N0777"]
    )
  })

  it("claims are the disks that they are bound to", () => {
    const { spec, losses } = of(
      "      volumeMounts: [{name: a, mountPath: /a}, {name: b, mountPath: /b}, {name: c, mountPath: /c}, {name: d, mountPath: /d}]",
      "  volumes: [{name: a, persistentVolumeClaim: {claimName: a}}, {name: b, persistentVolumeClaim: {claimName: b}}, {name: c, persistentVolumeClaim: {claimName: c}}, {name: d, emptyDir: {}}]",
      `---
kind: PersistentVolumeClaim
metadata: {name: a}
spec: {volumeName: pv-a}
---
kind: PersistentVolume
metadata: {name: pv-a}
spec: {csi: {driver: pd.csi.storage.gke.io, volumeHandle: projects/p/zones/z/disks/disk-a, fsType: xfs}}
---
kind: PersistentVolumeClaim
metadata: {name: b}
---
kind: PersistentVolume
metadata: {name: pv-b}
spec: {claimRef: {name: b}, gcePersistentDisk: {pdName: disk-b, partition: 2}}
`
    )
    assert.deepInclude(spec.volumes[0]?.gcePersistentDisk, { pdName: "disk-a", fsType: "xfs" })
    assert.deepInclude(spec.volumes[1]?.gcePersistentDisk, { pdName: "disk-b", partition: 2 })
    assert.lengthOf(spec.volumes, 3)
    assert.include(losses["spec.volumes[2]"], "nothing binds a claim")
    assert.strictEqual(losses["spec.containers[0].volumeMounts[2]"], "Its volume is not carried over.")
  })

  it("what a declaration cannot have is taken out with what depends on it, and listed with what to write", () => {
    const { container, spec, losses } = of(
      "      volumeDevices: [{name: a, devicePath: /x}]\n      livenessProbe: {httpGet: {port: nope}}\n      resizePolicy: []\n      ports: [{containerPort: 80, protocol: QUIC}, {containerPort: 81}]\n      securityContext: {windowsOptions: {}, capabilities: {add: [NOT_ONE, NET_ADMIN]}}",
      "  nodeSelector: {a: b}\n  hostUsers: false\n  tolerations: [{}]"
    )
    assert.deepEqual(
      container.ports.map(({ containerPort }) => containerPort),
      [81]
    )
    assert.deepEqual(container.securityContext.capabilities.add, ["NET_ADMIN"])
    assert.isUndefined(container.livenessProbe)
    assert.isFalse(spec.hostNetwork)
    assert.includeMembers(Object.keys(losses), [
      "spec.containers[0].volumeDevices",
      "spec.containers[0].livenessProbe",
      "spec.containers[0].ports[0]",
      "spec.containers[0].securityContext.capabilities.add[0]",
      "spec.hostUsers",
      "spec.nodeSelector",
      "spec.tolerations"
    ])
    assert.include(losses["spec.hostUsers"], "userns-remap")
  })

  it("YAML is read as kubectl reads it: octal modes, words for true", () => {
    const { spec, container } = of(
      '      tty: on\n      env: [{name: A, value: "0777"}]\n      volumeMounts: [{name: c, mountPath: /c}]',
      "  volumes: [{name: c, configMap: {name: c, defaultMode: 0400}}]",
      "---\nkind: ConfigMap\nmetadata: {name: c}\ndata: {k: v}\n"
    )
    assert.strictEqual(spec.volumes[0]?.configMap?.defaultMode, 0o400)
    assert.isTrue(container.tty)
    assert.strictEqual(container.env[0]?.value, "0777")
  })

  it.each(["N", "y", "no", "on", "Off", "0777", "1_000", "0x10", "1e3", "012"])(
    "%s in a text field stays the text that it is",
    (word) => {
      // What no name of an object may be.
      const name = /[A-Z_]/.test(word) ? "web" : word
      const { spec, container, workload, metadata, losses } = declaring(
        kubernetes(`kind: Pod
metadata: {name: ${name}, namespace: ${name}, labels: {a: ${word}}}
spec:
  containers:
    - name: ${name}
      image: ${name}
      workingDir: /${word}
      command: [${word}]
      args: [${word}]
      env:
        - {name: ${word}, value: ${word}}
        - {name: A, valueFrom: {configMapKeyRef: {name: ${name}, key: ${word}}}}
      envFrom: [{prefix: ${word}, secretRef: {name: ${name}, optional: yes}}]
      livenessProbe: {httpGet: {port: 80, httpHeaders: [{name: ${word}, value: ${word}}]}}
      volumeMounts: [{name: ${name}, mountPath: /data, subPath: ${word}}]
      securityContext: {runAsUser: 010}
  volumes: [{name: ${name}, configMap: {name: ${name}, items: [{key: ${word}, path: ${word}, mode: 0400}]}}]
---
kind: ConfigMap
metadata: {name: ${name}}
data: {${word}: ${word}}
---
kind: Secret
metadata: {name: ${name}}
stringData: {${word}: ${word}}
`)
      )
      assert.deepEqual(losses, {})
      assert.deepInclude(metadata, { name, namespace: name, labels: { a: word } })
      assert.deepInclude(container, { name, image: name, command: [word], args: [word] })
      assert.deepInclude(container.env[0], { name: word, value: word })
      assert.deepInclude(container.env[1]?.valueFrom?.configMapKeyRef, { name, key: word })
      assert.deepInclude(container.envFrom[0], { prefix: word })
      assert.deepEqual(container.livenessProbe?.httpGet?.httpHeaders, [{ name: word, value: word }])
      assert.deepInclude(container.volumeMounts[0], { name, subPath: word })
      assert.deepInclude(spec.volumes[0]?.configMap?.items[0], { key: word, path: word, mode: 0o400 })
      assert.strictEqual(container.securityContext.runAsUser, 8)
      assert.lengthOf(workload.containers[0].imported ?? [], 1)
    }
  )

  it("a ConfigMap whose name is none is left out, with what refers to it", () => {
    const { losses, container } = of(
      "      env: [{name: A, valueFrom: {configMapKeyRef: {name: N, key: a}}}]",
      "",
      "---\nkind: ConfigMap\nmetadata: {name: N}\ndata: {a: b}\n"
    )
    assert.deepEqual(Object.keys(losses), ["ConfigMap/N", "spec.containers[0].env[0]"])
    assert.lengthOf(container.env, 0)
  })

  it("quantities and ports that are numbers stay such, and none is written anew", () => {
    const { text } = of(
      "      resources: {limits: {cpu: 2, memory: 1.50Gi}, requests: {cpu: 0.50}}\n      livenessProbe: {httpGet: {port: 8080}}"
    )
    for (const written of ["cpu: 2\n", 'memory: "1.50Gi"', 'cpu: "0.50"', "port: 8080\n"]) assert.include(text, written)
  })

  it("a Service of Cloud Run", () => {
    const { container, losses } = declaring(
      kubernetes(`
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: web, annotations: {run.googleapis.com/ingress: all}}
spec:
  traffic: [{percent: 100, latestRevision: true}]
  template:
    metadata: {annotations: {autoscaling.knative.dev/maxScale: "5"}}
    spec:
      containerConcurrency: 80
      timeoutSeconds: 300
      containers:
        - image: x
          ports: [{name: http1, containerPort: 8080}]
          resources: {limits: {cpu: 1000m, memory: 512Mi}}
`)
    )
    assert.deepEqual(container.resources.limits, { cpu: "1000m", memory: "512Mi" })
    assert.includeMembers(Object.keys(losses), [
      "spec.traffic",
      "spec.template.spec.containerConcurrency",
      "spec.template.spec.timeoutSeconds",
      "spec.template.spec.containers[0].env",
      "metadata.annotations"
    ])
  })

  it("what others wait for on Cloud Run is a sidecar", () => {
    const { spec, losses } = declaring(
      kubernetes(`
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: web}
spec:
  template:
    metadata: {annotations: {run.googleapis.com/container-dependencies: '{"web":["proxy"],"proxy": ["base"]}'}}
    spec: {containers: [{name: web, image: x}, {name: proxy, image: y}, {name: base, image: z}]}
`)
    )
    assert.deepEqual(
      spec.initContainers.map(({ name, restartPolicy }) => [name, restartPolicy]),
      [
        ["base", "Always"],
        ["proxy", "Always"]
      ]
    )
    assert.deepEqual(
      spec.containers.map(({ name }) => name),
      ["web"]
    )
    assert.property(losses, "spec.template.spec.containers[1]")
  })

  it("what runs nothing is refused, and what cannot run, at its line", () => {
    assert.include(refusing(kubernetes("kind: ConfigMap\nmetadata: {name: a}")).message, "runs a Pod")
    const failure = refusing(kubernetes("kind: Pod\nspec:\n  containers:\n    - name: a\n      image: 'NOT OK'\n"))
    assert.match(failure.message, /^app\.yaml:5: spec\.containers\[0\]\.image: /)
    assert.match(refusing(kubernetes("kind: Pod\nspec: {containers: []}")).message, /^app\.yaml:2: /)
    assert.match(refusing(kubernetes("a: [")).message, /^app\.yaml:/)
  })
})

/** A value of a field that is not its default. */
const sampleOf = ({ written, type }: KubernetesField, depth = 0): unknown => {
  const mapping = type()
  const one = (): unknown => {
    if (mapping !== undefined && depth < 3) {
      const [first] = [...mapping.fields]
      return first === undefined ? {} : { [first[0]]: sampleOf(first[1], depth + 1) }
    }
    if (/boolean/.test(written)) return true
    if (/number/.test(written)) return 5
    return /^[^"]*"/.test(written) ? /"([^"]*)"/.exec(written)?.[1] : /\{/.test(written) ? { a: "x" } : "x"
  }
  return written.startsWith("Array<") ? [one()] : one()
}

const podSpec = kubernetesPod().fields.get("spec")!.type()!
const containerOf = (spec: KubernetesType) => spec.fields.get("containers")!.type()!
const minimal = { name: "web", image: "nginx:1.29" }

describe("each field of Kubernetes", () => {
  const pod = (spec: object) => JSON.stringify({ kind: "Pod", spec: { containers: [minimal], ...spec } })
  const plain = declaring(kubernetes(pod({}))).text
  /** Whatever they say holds here anyway, or is the default; what every Pod here has; and what has to have a name. */
  const idle = new Set([
    "initContainers",
    "automountServiceAccountToken",
    "enableServiceLinks",
    "hostUsers",
    "containers",
    "image",
    "name"
  ])

  it.each([...podSpec.fields].filter(([key]) => !idle.has(key)))("spec.%s is carried over, or listed", (key, field) => {
    const { text, notCarried } = declaring(kubernetes(pod({ [key]: sampleOf(field) })))
    assert.isTrue(text !== plain || notCarried.length > 0)
  })

  it.each([...containerOf(podSpec).fields].filter(([key]) => !idle.has(key)))(
    "a container's %s is carried over, or listed",
    (key, field) => {
      const { text, notCarried } = declaring(kubernetes(pod({ containers: [{ ...minimal, [key]: sampleOf(field) }] })))
      assert.isTrue(text !== plain || notCarried.length > 0)
    }
  )
})
