/**
 * Keys of Kubernetes and Docker Compose that are not supported, and what to do instead. Those of Kubernetes are complete for
 * v1.34: every key of each mapping that a declaration has.
 *
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
 */

/** The advice for most of them. */
const remove = "Remove it."

const withAdvice: Readonly<Record<string, string>> = {
  imagePullPolicy: "Remove it: the image is pulled whenever its tag points to something new.",
  imagePullSecrets: "Remove it: images are pulled with the VM's service account.",
  resources: "Remove it: the container may use all of the VM.",
  workingDir: "Set it in the image (WORKDIR).",
  valueFrom: 'Write the value itself as "value".',
  envFrom: 'List the variables in "env".',
  env_file: 'List the variables in "env".',
  subPath: "Mount the whole volume, or use a hostPath with the full path.",
  subPathExpr: "Mount the whole volume, or use a hostPath with the full path.",
  ephemeralContainers: "Use `docker exec` on the VM.",
  persistentVolumeClaim: "Use gcePersistentDisk, with the disk's device name as pdName.",
  build: 'Build the image beforehand, push it to a registry, and name it in "image".',
  healthcheck: "Set it in the image (HEALTHCHECK).",
  user: "Set it in the image (USER).",
  expose: 'List the ports in "ports".',
  depends_on: 'Remove it. What must run before the containers belongs into "initContainers".'
}

const ofPods =
  "activeDeadlineSeconds affinity automountServiceAccountToken enableServiceLinks hostIPC " +
  "hostPID hostUsers hostnameOverride nodeName nodeSelector os overhead preemptionPolicy priority " +
  "priorityClassName readinessGates resourceClaims runtimeClassName schedulerName schedulingGates serviceAccount " +
  "serviceAccountName setHostnameAsFQDN shareProcessNamespace subdomain terminationGracePeriodSeconds tolerations " +
  "topologySpreadConstraints"

const ofContainers =
  "lifecycle livenessProbe readinessProbe resizePolicy restartPolicyRules startupProbe stdinOnce terminationMessagePath " +
  "terminationMessagePolicy volumeDevices"

const ofSecurityContexts =
  "allowPrivilegeEscalation appArmorProfile capabilities fsGroup fsGroupChangePolicy procMount readOnlyRootFilesystem " +
  "runAsGroup runAsNonRoot runAsUser seLinuxChangePolicy seLinuxOptions seccompProfile supplementalGroups " +
  "supplementalGroupsPolicy sysctls windowsOptions"

const ofVolumes =
  "awsElasticBlockStore azureDisk azureFile cephfs cinder configMap csi downwardAPI ephemeral fc flexVolume flocker gitRepo " +
  "glusterfs iscsi nfs photonPersistentDisk portworxVolume projected quobyte rbd scaleIO secret sizeLimit storageos type " +
  "vsphereVolume mountPropagation recursiveReadOnly"

const ofCompose =
  "cap_add cap_drop deploy devices extra_hosts labels links logging network_mode networks profiles pull_policy secrets " +
  "shm_size ulimits"

const plain = [ofPods, ofContainers, ofSecurityContexts, ofVolumes, ofCompose].flatMap((keys) => keys.split(" "))

/** What to do instead, by key. */
export const keysOfOthers: ReadonlyMap<string, string> = new Map([
  ...plain.map((key): [string, string] => [key, remove]),
  ...Object.entries(withAdvice)
])

/** The same for keys that a declaration has elsewhere, by the mapping's title and the key. */
export const keysElsewhere: ReadonlyMap<string, string> = new Map([
  ['"spec".securityContext', 'Remove it; "privileged" belongs into the container\'s own securityContext.'],
  ["a gcePersistentDisk.readOnly", 'Write "readOnly: true" in the mount instead.']
])

/** Other tools' names for keys of a declaration. */
export const synonyms: ReadonlyMap<string, string> = new Map([
  ["environment", "env"],
  ["entrypoint", "command"],
  ["cmd", "args"],
  ["arguments", "args"],
  ["mounts", "volumeMounts"],
  ["restart", "restartPolicy"],
  ["container_name", "name"],
  ["stdin_open", "stdin"],
  ["deviceName", "pdName"],
  ["diskName", "pdName"]
])
