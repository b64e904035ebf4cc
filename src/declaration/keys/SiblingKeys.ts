/**
 * What people write for a key of a mapping because others have it so: Kubernetes' own mappings of the same subject, and
 * other tools. By the mapping's title, each key with the words that are meant as it; in another mapping a word may be
 * right, or mean another key.
 */

type Words = Readonly<Record<string, ReadonlyArray<string>>>

const configMapName: Words = { name: ["configMapName", "configMap", "secretName"] }
const secretName: Words = { name: ["secretName", "secret", "configMapName"] }
const keyOfData: ReadonlyArray<string> = ["name", "file", "data"]
const fileOfItem: Words = { path: ["file", "fileName", "mountPath", "subPath", "target"], mode: ["defaultMode"] }
const defaultMode: Words = { defaultMode: ["mode"] }
const fieldPath: Words = { fieldPath: ["path", "field"] }
const containerName: Words = { containerName: ["container", "name"] }
const sources: Words = {
  configMap: ["configMapRef", "configMapKeyRef", "configMapName"],
  secret: ["secretRef", "secretKeyRef", "secretName"]
}

const words: Readonly<Record<string, Words>> = {
  "a container": {
    name: ["containerName"],
    env: ["envVars", "variables"],
    workingDir: ["workingDirectory", "workDir", "cwd"],
    startupProbe: ["startup"],
    readinessProbe: ["readiness", "probe"],
    livenessProbe: ["liveness"]
  },
  "a mount": {
    name: ["volume", "volumeName", "source"],
    mountPath: ["path", "mount", "target", "destination", "containerPath"],
    readOnly: ["ro"]
  },
  "a port": {
    containerPort: ["port", "target", "targetPort"],
    hostPort: ["nodePort", "published", "publishedPort"],
    hostIP: ["ip"]
  },
  "a host alias": { ip: ["address"], hostnames: ["hostname", "host", "hosts", "names"] },
  "a DNS option": { name: ["key"] },
  "a pull secret": secretName,
  "an os": { name: ["type"] },

  "a variable": { name: ["key"], valueFrom: ["from"] },
  "a valueFrom": {
    configMapKeyRef: ["configMapRef", "configMap"],
    secretKeyRef: ["secretRef", "secret"],
    fieldRef: ["field"],
    resourceFieldRef: ["resourceRef", "resource"]
  },
  "a configMapKeyRef": { ...configMapName, key: ["configMapKey", "path"] },
  "a secretKeyRef": { ...secretName, key: ["secretKey", "version", "path"] },
  "a fieldRef": fieldPath,
  "a resourceFieldRef": containerName,
  "an envFrom": { configMapRef: ["configMapKeyRef", "configMap"], secretRef: ["secretKeyRef", "secret"] },
  "a configMapRef": configMapName,
  "a secretRef": secretName,

  "a volume": {
    ...sources,
    name: ["volumeName"],
    hostPath: ["host", "path"],
    emptyDir: ["tmpfs"],
    gcePersistentDisk: ["disk", "pd"]
  },
  "a hostPath": { path: ["hostPath", "mountPath", "directory", "source"] },
  "an emptyDir": { sizeLimit: ["size", "limit"] },
  "a gcePersistentDisk": {
    pdName: ["name", "disk", "diskName", "deviceName", "volumeName"],
    fsType: ["filesystem"],
    readOnly: ["ro"]
  },
  "an image": { reference: ["image", "name", "ref"], pullPolicy: ["imagePullPolicy"] },
  "a configMap": { ...configMapName, ...defaultMode, items: ["files", "keys"] },
  "a secret": { ...defaultMode, secretName: ["name", "secret", "configMapName"], items: ["files", "keys"] },
  "a downwardAPI": { ...defaultMode, items: ["files"] },
  "a projected": defaultMode,
  "a projected source": sources,
  "a projected configMap": configMapName,
  "a projected secret": secretName,
  "an item": { ...fileOfItem, key: keyOfData },
  "an item of a secret": { ...fileOfItem, key: [...keyOfData, "version"] },
  "a downwardAPI item": { ...fileOfItem, path: [...fileOfItem["path"]!, "name"], fieldRef: ["field"] },
  "a file's fieldRef": fieldPath,
  "a file's resourceFieldRef": containerName,

  "a probe": {
    httpGet: ["http"],
    tcpSocket: ["tcp"],
    initialDelaySeconds: ["initialDelay", "delay", "startPeriod"],
    timeoutSeconds: ["timeout"],
    periodSeconds: ["period", "interval"],
    failureThreshold: ["retries"]
  },
  "a hook": { httpGet: ["http"] },
  "an exec": { command: ["cmd", "args"] },
  "an httpGet": { path: ["url", "uri"], httpHeaders: ["headers"], host: ["hostname"], scheme: ["protocol"] },
  "a tcpSocket": { port: ["containerPort"], host: ["hostname"] },
  "an HTTP header": { name: ["key"] },
  "a sleep": { seconds: ["duration"] },

  "a securityContext": {
    runAsUser: ["user", "uid"],
    runAsGroup: ["group", "gid"],
    readOnlyRootFilesystem: ["readOnly"],
    seccompProfile: ["seccomp"],
    appArmorProfile: ["appArmor"]
  },
  "a Pod's securityContext": {
    runAsUser: ["user", "uid"],
    runAsGroup: ["group", "gid"],
    seccompProfile: ["seccomp"],
    appArmorProfile: ["appArmor"]
  },
  "a seccompProfile": { localhostProfile: ["profile", "path"] },
  "an appArmorProfile": { localhostProfile: ["profile", "name"] },
  "a sysctl": { name: ["key"] },

  "a logging": { driver: ["type"], options: ["opts"] },
  "a ConfigMap": { data: ["stringData"] },
  "a Secret": { data: ["binaryData"] }
}

/** By the mapping's title, the key that each word is meant as. */
export const siblings: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  Object.entries(words).map(([title, keys]) => [
    title,
    new Map(Object.entries(keys).flatMap(([key, all]) => all.map((word) => [word, key] as const)))
  ])
)
