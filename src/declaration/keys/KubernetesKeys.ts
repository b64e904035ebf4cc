import { type Fate, meaningless, refused, unless } from "./Fate.ts"

/**
 * The fields of Kubernetes that a declaration does not have, by the mapping's title in the schema and the key. A test
 * compares both with Kubernetes' own schema (v1.36), and names the few of later versions.
 *
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
 */

const scheduling = meaningless("no scheduler chooses a node")
const preemption = meaningless("no other Pod competes for the VM")
const serviceAccounts = meaningless("there are no service accounts: containers use the VM's own")
const services = meaningless("there are no Services")
const ofServer = meaningless("an API server writes it")

const certificates = refused("no cluster issues certificates", 'Write "secret" or "configMap" with the certificates.')
const windows = refused("the containers are Linux's", "Remove it.")
const network = refused(
  "only disks and directories of the VM can be mounted",
  'Mount it on the VM, and write "hostPath" with the directory.',
  "hostPath"
)
const otherCloud = refused(
  "it is another cloud's disk",
  'Write "gcePersistentDisk", with the disk\'s device name as pdName.',
  "gcePersistentDisk"
)

const decided: Readonly<Record<string, Readonly<Record<string, Fate>>>> = {
  '"metadata"': {
    creationTimestamp: ofServer,
    deletionGracePeriodSeconds: ofServer,
    deletionTimestamp: ofServer,
    finalizers: meaningless("nothing waits before a Pod is deleted"),
    generateName: meaningless("no API server makes a name of it"),
    generation: ofServer,
    managedFields: ofServer,
    ownerReferences: meaningless("no other object owns the Pod"),
    resourceVersion: ofServer,
    selfLink: ofServer
  },

  "a Pod's securityContext": {
    seLinuxChangePolicy: meaningless("volumes are not relabelled"),
    windowsOptions: windows
  },

  '"spec"': {
    affinity: scheduling,
    automountServiceAccountToken: unless(serviceAccounts, "true", "false"),
    enableServiceLinks: unless(services, "true", "false"),
    ephemeralContainers: refused(
      "they are added to a Pod that runs, to look into it",
      "Remove it. To look into a container that runs, use `docker exec -it` with its name from `docker ps`, on the VM."
    ),
    hostUsers: unless(
      refused(
        "the engine has one user namespace for all containers",
        "Remove it. The engine's daemon.json can give containers another one than the host's (userns-remap)."
      ),
      "true"
    ),
    hostnameOverride: refused(
      "a Pod has one host name here",
      'Write the name as "hostname", with "hostNetwork: false": on the host\'s network it is the VM\'s.',
      "hostname"
    ),
    nodeName: scheduling,
    nodeSelector: scheduling,
    overhead: scheduling,
    preemptionPolicy: unless(preemption, "PreemptLowerPriority"),
    priority: unless(preemption, "0"),
    priorityClassName: preemption,
    readinessGates: meaningless("no controller sets a Pod's conditions"),
    resourceClaims: refused(
      "no driver allocates devices",
      'For a GPU write "nvidia.com/gpu" into the limits of the container\'s resources.'
    ),
    resources: refused("the engine limits containers, not Pods", 'Write "resources" in each container.'),
    schedulerName: unless(scheduling, "default-scheduler"),
    schedulingGates: scheduling,
    schedulingGroup: scheduling,
    serviceAccount: unless(serviceAccounts, "default"),
    serviceAccountName: unless(serviceAccounts, "default"),
    setHostnameAsFQDN: unless(meaningless("there is no cluster domain"), "false"),
    subdomain: meaningless("there is no cluster domain"),
    tolerations: scheduling,
    topologySpreadConstraints: scheduling
  },

  "a container": {
    resizePolicy: meaningless("a container whose resources change is replaced"),
    restartPolicyRules: refused(
      "the engine restarts a container by its policy alone",
      'Remove it. "restartPolicy: OnFailure" restarts after every exit code but 0.',
      "restartPolicy"
    ),
    volumeDevices: refused(
      "disks are mounted, not passed on",
      'Mount the disk with "gcePersistentDisk" and "volumeMounts". A privileged container may have the device itself as a hostPath.'
    )
  },

  "a hook": {
    tcpSocket: refused("Kubernetes has never carried it out", 'Write "exec" or "httpGet".', "exec")
  },

  "a resources": {
    claims: refused("no driver allocates devices", 'For a GPU write "nvidia.com/gpu" into the limits.')
  },

  "a securityContext": {
    cgroupOptions: refused(
      "the engine mounts cgroups to be read",
      "Remove it. A privileged container may write to them."
    ),
    windowsOptions: windows
  },

  "a projected source": {
    clusterTrustBundle: certificates,
    podCertificate: certificates,
    serviceAccountToken: refused(
      "there are no service accounts",
      "Remove it: programs get a token of the VM's service account from the metadata server."
    )
  },

  "an emptyDir": {
    mode: refused("it is open to all (0777)", "Remove it, and set its permissions in an init container (`chmod`).")
  },

  "a valueFrom": {
    fileKeyRef: refused(
      "variables are known before a container starts",
      'Write "configMapKeyRef" or "secretKeyRef".',
      "configMapKeyRef"
    )
  },

  "a volume": {
    awsElasticBlockStore: otherCloud,
    azureDisk: otherCloud,
    azureFile: network,
    cephfs: network,
    cinder: otherCloud,
    csi: network,
    ephemeral: refused(
      "nothing provisions a disk",
      'Attach a disk to the VM and write "gcePersistentDisk", or write "emptyDir".',
      "gcePersistentDisk"
    ),
    fc: network,
    flexVolume: network,
    flocker: network,
    gitRepo: refused(
      "Kubernetes has switched it off too",
      'Write "emptyDir", and an init container that runs `git clone` into it.',
      "emptyDir"
    ),
    glusterfs: network,
    iscsi: network,
    nfs: network,
    persistentVolumeClaim: refused(
      "nothing binds a claim to a disk",
      'Write "gcePersistentDisk", with the disk\'s device name as pdName.',
      "gcePersistentDisk"
    ),
    photonPersistentDisk: otherCloud,
    portworxVolume: network,
    quobyte: network,
    rbd: network,
    scaleIO: network,
    storageos: network,
    vsphereVolume: otherCloud
  }
}

/** Each mapping's fates by key. */
export const fates: ReadonlyMap<string, ReadonlyMap<string, Fate>> = new Map(
  Object.entries(decided).map(([owner, keys]) => [owner, new Map(Object.entries(keys))])
)
