# What is asked of Google: the image of Container-Optimized OS.

data "google_compute_image" "cos" {
  project = var.cos_project
  name    = var.cos_image_name
  family  = var.cos_image_name == null ? "cos-${var.cos_image_family}" : null
}

output "source_image" {
  description = "The image to boot from, as its link"
  value       = data.google_compute_image.cos.self_link
}

output "vm_container_label" {
  description = "The image's name, which is the value of the label vm_container_label_key"
  value       = data.google_compute_image.cos.name
}

output "container_vm" {
  description = "The image, with all that Google tells of it"
  value       = data.google_compute_image.cos
}
