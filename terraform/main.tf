# The declaration, and the user data that installs Slipway. What is asked of Google is in image.tf.

locals {
  # Letters of either case are accepted. What is none of these is left out, and then a container is always restarted.
  restart_policies = {
    always    = "Always"
    onfailure = "OnFailure"
    never     = "Never"
  }
  restart_policy = lookup(local.restart_policies, lower(var.restart_policy), null)

  # The keys of an object are sorted as YAML, so that pod_spec, if empty, changes nothing of the text.
  pod = {
    spec = merge(
      {
        containers    = [var.container]
        volumes       = var.volumes
        restartPolicy = local.restart_policy
      },
      var.pod_spec
    )
  }
  declaration = yamlencode(local.pod)

  # Without Slipway on the VM, nothing reads any other key than konlet's.
  is_installed = var.slipway_url != null && var.slipway_sha256 != null
  metadata_key = coalesce(var.metadata_key, local.is_installed ? "slipway-declaration" : "gce-container-declaration")

  settings_lines = concat(
    [for name, value in var.settings : "${name}=${value}"],
    var.policy == null ? [] : ["SLIPWAY_POLICY=/etc/slipway/policy.yaml"]
  )

  is_from_bucket = startswith(coalesce(var.slipway_url, "none"), "gs://")
  bucket_parts   = local.is_from_bucket ? split("/", trimprefix(var.slipway_url, "gs://")) : ["", ""]

  # Texts go into block scalars of YAML, whose lines are indented by six; blank lines stay blank.
  user_data = !local.is_installed ? null : templatefile(
    "${path.module}/templates/${var.system}.yaml.tftpl",
    {
      url            = var.slipway_url
      is_from_bucket = local.is_from_bucket
      bucket         = local.bucket_parts[0]
      object         = urlencode(join("/", slice(local.bucket_parts, 1, length(local.bucket_parts))))
      sha256         = lower(var.slipway_sha256)
      is_once        = var.once
      has_settings   = length(local.settings_lines) > 0
      settings       = replace(join("\n", local.settings_lines), "/(?m)^(.)/", "      $1")
      has_policy     = var.policy != null
      policy         = replace(replace(coalesce(var.policy, "-"), "/\\s+$/", ""), "/(?m)^(.)/", "      $1")
    }
  )
}

# A warning of each plan, not an error: what the retired module accepted is accepted here.
check "installation" {
  assert {
    condition     = local.is_installed
    error_message = "Nothing installs Slipway: set slipway_url and slipway_sha256, and give the VM the metadata \"user-data\" = user_data of this module."
  }
}

check "restart_policy" {
  assert {
    condition     = local.restart_policy != null
    error_message = "restart_policy \"${var.restart_policy}\" is none of Always, OnFailure and Never, and is left out of the declaration, as the retired module left it out: the container is always restarted."
  }
}
