import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { isGoogleHosted, parseImageReference } from "../../workload/ImageReference.ts"
import { engineFields } from "./engineFields.ts"
import type { FailureOrigin } from "./FailureOrigin.ts"

/** `image` is the reference that was requested, in full. */
const fields = { ...engineFields, image: Schema.String }

const parsed = (image: string) => Result.getSuccess(parseImageReference(image))
const isGoogles = (image: string): boolean => Option.exists(parsed(image), isGoogleHosted)
const registryOf = (image: string): string =>
  Option.match(parsed(image), { onNone: () => "the registry", onSome: ({ domain }) => domain })

/** The registry does not have the image, or hides it from those who may not read it. */
export class ImageNotFound extends Schema.TaggedError<ImageNotFound>()("ImageNotFound", fields) {
  get origin(): FailureOrigin {
    return "declaration"
  }
  get isRetryable() {
    return false
  }
  get advice() {
    return "Is the image's name right, its tag pushed, and may this VM read it? Registries hide what one may not read."
  }
}

/** The registry refused the credentials, or requires some. */
export class ImageAccessDenied extends Schema.TaggedError<ImageAccessDenied>()("ImageAccessDenied", fields) {
  get origin(): FailureOrigin {
    return "registry"
  }
  get isRetryable() {
    return false
  }
  get advice() {
    return isGoogles(this.image)
      ? "Give the VM's service account the role Artifact Registry Reader (and the VM the scope cloud-platform), or pass --token."
      : "Is the image's name right? The registry is shown what imagePullSecrets have for it, if anything: the VM's token is for Google's registries only."
  }
}

/** The registry's rate limit for pulls was reached. */
export class RateLimited extends Schema.TaggedError<RateLimited>()("RateLimited", fields) {
  get origin(): FailureOrigin {
    return "registry"
  }
  get isRetryable() {
    return true
  }
  get meaning() {
    return `${registryOf(this.image)} limits how often images are pulled`
  }
  get advice() {
    return isGoogles(this.image)
      ? "It passes within minutes. If it recurs, raise the project's quota for the registry, or spread the VMs' boots."
      : 'It passes (on Docker Hub within six hours). To be rid of it, pull through a mirror that signs in ("registry-mirrors" in /etc/docker/daemon.json, for Docker Hub), or from a copy in a registry of your own.'
  }
}

/** The registry answers, but fails. */
export class RegistryFailed extends Schema.TaggedError<RegistryFailed>()("RegistryFailed", fields) {
  get origin(): FailureOrigin {
    return "registry"
  }
  get isRetryable() {
    return true
  }
  get meaning() {
    return `${registryOf(this.image)} failed`
  }
  get advice() {
    return "The registry is at fault, or what answers in its place; retrying may help."
  }
}

/** The registry rejects the request. */
export class RegistryRefused extends Schema.TaggedError<RegistryRefused>()("RegistryRefused", fields) {
  get origin(): FailureOrigin {
    return "registry"
  }
  get isRetryable() {
    return false
  }
  get meaning() {
    return `${registryOf(this.image)} does not accept the request`
  }
  get advice() {
    return "Is there a registry at this host, and is it one for container images?"
  }
}

/** The registry has the image, but not all of its layers. */
export class LayerMissing extends Schema.TaggedError<LayerMissing>()("LayerMissing", fields) {
  get origin(): FailureOrigin {
    return "registry"
  }
  get isRetryable() {
    return true
  }
  get meaning() {
    return `${registryOf(this.image)} has the image, but not all of its layers`
  }
  get advice() {
    return "If it persists, the registry has lost them: push the image again."
  }
}

/** The registry cannot be reached: no address for its name, no route, or no answer. */
export class RegistryUnreachable extends Schema.TaggedError<RegistryUnreachable>()("RegistryUnreachable", fields) {
  get origin(): FailureOrigin {
    return "network"
  }
  get isRetryable() {
    return true
  }
  get meaning() {
    return `${registryOf(this.image)} cannot be reached`
  }
  get advice() {
    return "Is the registry's name right, and does the VM have a way there: DNS, a route (an external address, Cloud NAT, Private Google Access), an open firewall?"
  }
}

/** The connection to the registry broke, or its data arrived corrupted. */
export class TransferBroken extends Schema.TaggedError<TransferBroken>()("TransferBroken", fields) {
  get origin(): FailureOrigin {
    return "network"
  }
  get isRetryable() {
    return true
  }
  get meaning() {
    return `the transfer from ${registryOf(this.image)} broke`
  }
  get advice() {
    return "Retrying may help. If it persists, the registry or a proxy on the way truncates answers or changes them."
  }
}

/** The VM does not trust the registry's certificate for its name. */
export class CertificateUntrusted extends Schema.TaggedError<CertificateUntrusted>()("CertificateUntrusted", fields) {
  get origin(): FailureOrigin {
    return "registry"
  }
  get isRetryable() {
    return false
  }
  /** The registry was never asked, so the image that the engine has is not in doubt. */
  get isPassing() {
    return true
  }
  get meaning() {
    return `the certificate of ${registryOf(this.image)} is not trusted`
  }
  get advice() {
    return `Put the certificate of its authority (CA) into /etc/docker/certs.d/${registryOf(this.image)}/ca.crt, or give the registry one that is signed for this name. A proxy that intercepts TLS has a CA of its own.`
  }
}

/** By the VM's clock, the registry's certificate is not yet valid, or has expired. */
export class CertificateOutOfDate extends Schema.TaggedError<CertificateOutOfDate>()("CertificateOutOfDate", {
  ...fields,
  /** The time of the VM's clock, if known. */
  clock: Schema.optional(Schema.String)
}) {
  get origin(): FailureOrigin {
    return "clock"
  }
  /** The clock may yet be set. */
  get isRetryable() {
    return true
  }
  get meaning() {
    return `the certificate of ${registryOf(this.image)} is not valid by this VM's clock${this.clock === undefined ? "" : `, ${this.clock}`}`
  }
  get advice() {
    return "Is the VM's time right? `timedatectl` shows it, and whether NTP has set it. If it is, the registry's certificate has to be renewed."
  }
}

/** The server at the registry's address does not speak TLS. */
export class RegistryWithoutTls extends Schema.TaggedError<RegistryWithoutTls>()("RegistryWithoutTls", fields) {
  get origin(): FailureOrigin {
    return "registry"
  }
  get isRetryable() {
    return false
  }
  /** The registry was never asked, so the image that the engine has is not in doubt. */
  get isPassing() {
    return true
  }
  get meaning() {
    return `${registryOf(this.image)} does not speak HTTPS`
  }
  get advice() {
    return `Give the registry a certificate, or name ${registryOf(this.image)} in "insecure-registries" of /etc/docker/daemon.json and restart the engine. Is the port right?`
  }
}

/** The engine and the registry have no TLS version or cipher in common. */
export class TlsRefused extends Schema.TaggedError<TlsRefused>()("TlsRefused", fields) {
  get origin(): FailureOrigin {
    return "registry"
  }
  get isRetryable() {
    return false
  }
  /** The registry was never asked, so the image that the engine has is not in doubt. */
  get isPassing() {
    return true
  }
  get meaning() {
    return `${registryOf(this.image)} and the engine have no version of TLS in common`
  }
  get advice() {
    return `The registry may support only an old version of TLS, or require a client certificate (/etc/docker/certs.d/${registryOf(this.image)}/client.cert and client.key).`
  }
}
