# The retired module's outputs; those of the image are in image.tf.

output "metadata_key" {
  description = "The metadata key that is to hold metadata_value"
  value       = local.metadata_key
}

output "metadata_value" {
  description = "The declaration, as YAML"
  value       = local.declaration
}

output "vm_container_label_key" {
  description = "The key of the label by which the Console knows VMs with a container"
  value       = "container-vm"
}

output "container" {
  description = "The container, as it was given"
  value       = var.container
}

output "volumes" {
  description = "The volumes, as they were given"
  value       = var.volumes
}

output "restart_policy" {
  description = "The restart policy, as it was given"
  value       = var.restart_policy
}

# What the retired module did not have.

output "user_data" {
  description = "The user data that installs Slipway, for the metadata key user-data; null without slipway_url and slipway_sha256"
  value       = local.user_data

  precondition {
    condition     = alltrue([for name in keys(var.settings) : contains(local.known_settings, name)])
    error_message = "settings has a name that is none of Slipway's variables, or that is not for user data, which every process of the VM can read. Those for user data are ${join(", ", local.known_settings)}."
  }

  precondition {
    condition     = var.policy == null || !contains(keys(var.settings), "SLIPWAY_POLICY")
    error_message = "policy sets SLIPWAY_POLICY: leave it out of settings."
  }
}

output "metadata" {
  description = "What to merge into the metadata of a VM or an instance template: the declaration and the user data"
  value = {
    for key, value in { (local.metadata_key) = local.declaration, user-data = local.user_data } : key => value if value != null
  }
}
