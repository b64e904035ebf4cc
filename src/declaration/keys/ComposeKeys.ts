/** Keys of Docker Compose and of other tools, wherever they stand. */

const remove = "Remove it."

/** What to do instead, by key. */
export const composeKeys: ReadonlyMap<string, string> = new Map([
  ["build", 'Build the image beforehand, push it to a registry, and name it in "image".'],
  ["cap_add", remove],
  ["cap_drop", remove],
  ["depends_on", 'Remove it. What must run before the containers belongs into "initContainers".'],
  ["deploy", remove],
  ["devices", remove],
  ["env_file", 'List the variables in "env".'],
  ["expose", 'List the ports in "ports".'],
  ["extra_hosts", remove],
  ["healthcheck", "Set it in the image (HEALTHCHECK)."],
  ["labels", remove],
  ["links", remove],
  ["network_mode", remove],
  ["networks", remove],
  ["profiles", remove],
  ["pull_policy", 'Write "imagePullPolicy" with Always, IfNotPresent or Never.'],
  ["secrets", remove],
  ["shm_size", remove],
  ["ulimits", remove],
  ["user", "Set it in the image (USER)."]
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
