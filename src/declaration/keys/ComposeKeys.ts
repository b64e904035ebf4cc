/** Keys of Docker Compose and of other tools, wherever they stand. */

const remove = "Remove it."

/** What to do instead, by key. */
export const composeKeys: ReadonlyMap<string, string> = new Map([
  ["build", 'Build the image beforehand, push it to a registry, and name it in "image".'],
  ["cap_add", 'Write "capabilities" into "securityContext", with "add".'],
  ["cap_drop", 'Write "capabilities" into "securityContext", with "drop".'],
  ["depends_on", 'Remove it. What must run before the containers belongs into "initContainers".'],
  ["deploy", 'Remove it. Limits belong into "resources".'],
  [
    "devices",
    'A GPU is "nvidia.com/gpu" in the limits of "resources". A privileged container may have others as hostPaths.'
  ],
  ["env_file", 'List the variables in "env", or write a ConfigMap and "envFrom".'],
  ["expose", 'List the ports in "ports".'],
  ["extra_hosts", 'Write "hostAliases" into "spec", with "hostNetwork: false".'],
  ["healthcheck", 'Write a "readinessProbe", or set it in the image (HEALTHCHECK).'],
  ["labels", 'Remove it. A Pod has labels in its "metadata".'],
  ["links", remove],
  ["network_mode", 'Write "hostNetwork" into "spec": true, as it is left out, or false.'],
  ["networks", remove],
  ["profiles", remove],
  ["pull_policy", 'Write "imagePullPolicy" with Always, IfNotPresent or Never.'],
  ["secrets", 'Write "secretKeyRef" for a variable, or mount a volume with "secret".'],
  ["shm_size", 'Mount an emptyDir with "medium: Memory" and a "sizeLimit" at /dev/shm.'],
  ["ulimits", remove],
  ["user", 'Write "runAsUser" into "securityContext".']
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
  ["stdin_open", "stdin"]
])
