import * as Schema from "effect/Schema"
import {
  activeSeconds,
  dnsName,
  ipAddress,
  nameServers,
  optionalDnsLabel,
  runtimeName,
  searchDomains
} from "./schema/limits.ts"
import { newer } from "./schema/annotations.ts"
import { MetadataSchema } from "./schema/MetadataSchema.ts"
import { ContainerSchema } from "./schema/ContainerSchema.ts"
import { PodSecurity } from "./schema/SecuritySchema.ts"
import { VolumeSchema } from "./schema/VolumeSchema.ts"

/**
 * A declaration's shape, in Kubernetes' keys. This file and `schema/` are the one place where keys are named; reading,
 * hints for unknown keys and what is shown of a line all follow it.
 *
 * As in Go, what is missing or null has its type's zero value: "", false, 0, an empty list, a mapping of such. Where the
 * difference matters, the key is optional.
 */

const HostAlias = Schema.Struct({
  ip: Schema.String.annotateKey({ limits: ipAddress, required: true, description: "An address." }),
  hostnames: Schema.Array(Schema.String).annotateKey({ limits: dnsName, description: "Names for it, in `/etc/hosts`." })
}).annotate({ title: "a host alias" })

const DnsOption = Schema.Struct({
  name: Schema.String.annotateKey({ description: "An option of the resolver, as in resolv.conf." }),
  value: Schema.String.annotateKey({ description: "Its value." })
}).annotate({ title: "a DNS option" })

const DnsConfig = Schema.Struct({
  nameservers: Schema.Array(Schema.String).annotateKey({
    limits: nameServers,
    description: "Name servers, three at most."
  }),
  searches: Schema.Array(Schema.String).annotateKey({ limits: searchDomains, description: "Search domains." }),
  options: Schema.Array(DnsOption).annotateKey({ description: "Options of the resolver." })
}).annotate({ title: "a dnsConfig" })

const PullSecretReference = Schema.Struct({
  name: Schema.String.annotateKey({
    required: true,
    description:
      "A Secret of the same text, of type `kubernetes.io/dockerconfigjson` or `kubernetes.io/dockercfg`; else a secret of " +
      "Secret Manager (`NAME` in the VM's project, or `projects/P/secrets/S`) that holds a Docker configuration."
  })
}).annotate({ title: "a pull secret" })

const OperatingSystem = Schema.Struct({
  name: Schema.String.annotateKey({ values: ["", "linux"], description: "`linux`. Any other is refused." })
}).annotate({ title: "an os" })

const Spec = Schema.Struct({
  containers: Schema.Array(ContainerSchema).annotateKey({ required: true, description: "One or more containers." }),
  initContainers: Schema.Array(ContainerSchema).annotateKey({
    ...newer,
    description:
      "Containers that run to their end, one after the other, before the others start. With `restartPolicy: Always` a sidecar, which is started in its place and runs as long as the others."
  }),
  volumes: Schema.Array(VolumeSchema).annotateKey({ description: "Volumes, by name." }),
  restartPolicy: Schema.optionalKey(Schema.String).annotateKey({
    values: ["Always", "OnFailure", "Never"],
    description: "`Always` (default), `OnFailure` or `Never`."
  }),
  terminationGracePeriodSeconds: Schema.optionalKey(Schema.Int).annotateKey({
    ...newer,
    description:
      "The time from the stop signal of a container, its preStop hook included, to SIGKILL. Default 10, as with konlet (in Kubernetes 30); 0 leaves none, and less than 0 is 1, as in Kubernetes."
  }),
  activeDeadlineSeconds: Schema.optionalKey(Schema.Int).annotateKey({
    ...newer,
    limits: activeSeconds,
    description:
      "How long the Pod may be active, in seconds, from the first run that reads it in this boot, or since another Pod came up, pulls and init containers included. Then an agent stops its containers for good, as Kubernetes does (`DeadlineExceeded`), also if nothing is declared any more. Its time begins anew with `slipway up --retry`, the next boot, and as soon as it is declared otherwise (comments, order and spaces make no difference) or again after another Pod."
  }),
  hostNetwork: Schema.optionalKey(Schema.Boolean).annotateKey({
    ...newer,
    description:
      "True or left out: the host's network. False: a network of the Pod's own, on which `ports` are published. (In Kubernetes a Pod without it has its own.)"
  }),
  hostname: Schema.String.annotateKey({
    limits: optionalDnsLabel,
    ...newer,
    description: "On the Pod's own network: its host name."
  }),
  hostAliases: Schema.Array(HostAlias).annotateKey({
    ...newer,
    description: "On the Pod's own network: names that are looked up before any name server."
  }),
  dnsPolicy: Schema.optionalKey(Schema.String).annotateKey({
    ...newer,
    values: ["Default", "ClusterFirst", "ClusterFirstWithHostNet", "None"],
    description: "`Default`, `ClusterFirst` (means the same here), or `None`: only what `dnsConfig` says."
  }),
  dnsConfig: DnsConfig.annotateKey({ ...newer, description: "On the Pod's own network: how names are resolved." }),
  hostPID: Schema.Boolean.annotateKey({
    ...newer,
    description: "Containers see the host's processes, and may signal them as far as their user may."
  }),
  hostIPC: Schema.Boolean.annotateKey({
    ...newer,
    description:
      "Containers share the host's message queues, semaphores and shared memory. Without it those of a Pod share them with each other, as in Kubernetes, except several on the host's network, of which each has its own."
  }),
  shareProcessNamespace: Schema.Boolean.annotateKey({
    ...newer,
    description:
      "Containers see each other's processes, and may signal them; those that nobody waits for are reaped. Without effect for a single container, whose processes are its own. Not together with `hostPID`."
  }),
  os: OperatingSystem.annotateKey({ ...newer, description: "The operating system of the containers." }),
  imagePullSecrets: Schema.Array(PullSecretReference).annotateKey({
    ...newer,
    description:
      "Credentials for registries, tried in the same order as kubelet does. Google's registries are shown the VM's token as well."
  }),
  securityContext: PodSecurity.annotateKey({
    ...newer,
    description: "The rights of all containers. A container's own overrides it."
  }),
  runtimeClassName: Schema.String.annotateKey({
    limits: runtimeName,
    ...newer,
    description:
      "The engine's runtime of all containers, by its name there, such as `runsc` (in Kubernetes the name of a RuntimeClass); `docker info` tells which there are. Default: the engine's (`default-runtime` in its daemon.json)."
  })
}).annotate({ title: '"spec"' })

export const Declaration = Schema.Struct({
  metadata: MetadataSchema.annotateKey({
    ...newer,
    description: "The Pod's name and labels, which only `fieldRef` reads."
  }),
  spec: Spec.annotateKey({ required: true, description: "What is to run." })
}).annotate({ title: "the declaration" })

export type Declaration = typeof Declaration.Type
export type DeclaredSpec = Declaration["spec"]
export type DeclaredContainer = DeclaredSpec["containers"][number]
export type DeclaredVolume = DeclaredSpec["volumes"][number]
