# The retired module's inputs, by their names and with their defaults.

variable "container" {
  description = "The container, as in a Pod: image, command, args, env, volumeMounts, securityContext and so on"
  type        = any
}

variable "volumes" {
  description = "The volumes that containers mount, as in a Pod"
  type        = any
  default     = []
}

variable "restart_policy" {
  description = "Always, OnFailure or Never"
  type        = string
  default     = "OnFailure"

  validation {
    condition     = lower(var.restart_policy) != "unlessstopped"
    error_message = "UnlessStopped has never started a container: konlet refused it on the VM, and so does Slipway. Write Always."
  }
}

variable "cos_image_family" {
  description = "The image family of Container-Optimized OS without \"cos-\": stable, beta, arm64-stable and so on"
  type        = string
  default     = "stable"
}

variable "cos_image_name" {
  description = "One image of Container-Optimized OS, instead of the family's newest"
  type        = string
  default     = null
}

variable "cos_project" {
  description = "The project that has the image"
  type        = string
  default     = "cos-cloud"
}

# What the retired module did not have.

variable "pod_spec" {
  description = "More of the Pod's spec, beside the container: initContainers, hostNetwork, terminationGracePeriodSeconds and so on. Its containers replace the container"
  type        = any
  default     = {}
}

variable "metadata_key" {
  description = "The metadata key that holds the declaration. Left out, it is slipway-declaration if slipway_url and slipway_sha256 are given, else konlet's gce-container-declaration, which Google refuses on VMs and instance templates made since 2026-07-31"
  type        = string
  default     = null

  validation {
    condition     = contains(["gce-container-declaration", "slipway-declaration"], coalesce(var.metadata_key, "slipway-declaration"))
    error_message = "Slipway reads the keys gce-container-declaration and slipway-declaration, and no other."
  }
}

variable "slipway_url" {
  description = "Where the VM gets Slipway's executable: https://... or gs://BUCKET/OBJECT, which is fetched with the VM's service account"
  type        = string
  default     = null

  validation {
    condition = var.slipway_url == null || can(regex(
      "^(https?://[\\w.:-]+/[\\w./?=&%+~-]+|gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]/[\\w./=&%+~!()*@,:-]+)$",
      var.slipway_url
    ))
    error_message = "slipway_url must name the executable, as in https://host/slipway or gs://bucket/slipway."
  }
}

variable "slipway_sha256" {
  description = "The executable's SHA-256, which the VM checks"
  type        = string
  default     = null

  validation {
    condition     = var.slipway_sha256 == null || can(regex("^[0-9A-Fa-f]{64}$", var.slipway_sha256))
    error_message = "slipway_sha256 must be 64 hexadecimal digits, as sha256sum prints them."
  }
}

variable "system" {
  description = "Which system the user data is for: cos, or debian, which is also Ubuntu's. The image that this module finds is always Container-Optimized OS"
  type        = string
  default     = "cos"

  validation {
    condition     = contains(["cos", "debian"], var.system)
    error_message = "system is cos or debian, which is also Ubuntu's."
  }
}

variable "once" {
  description = "Whether Slipway runs once a boot, instead of looking after the containers for as long as the VM runs"
  type        = bool
  default     = false
}

variable "settings" {
  description = "Slipway's settings by their variables, as in { SLIPWAY_CONFIRM = \"10s\" }"
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for value in values(var.settings) : can(regex("^([^\\s\"'\\\\]([^\\n\\r\"'\\\\]*[^\\s\"'\\\\])?)?$", value)) && !can(regex("\\s[#;]", value))])
    error_message = "A setting is one line without quotes, backslashes, comments, and spaces at its ends."
  }
}

variable "policy" {
  description = "The text of a policy: what declarations may do to the VM"
  type        = string
  default     = null

  validation {
    condition     = var.policy == null || can(regex("^\\S[^\\r\\x{85}\\x{2028}\\x{2029}]*$", var.policy))
    error_message = "The policy must not be empty or begin with white space, and its lines must end as on Unix."
  }
}
