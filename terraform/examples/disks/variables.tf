variable "project" {
  description = "The project to make it in"
  type        = string
}

variable "network" {
  description = "The VPC network, which must lead to the registry and to slipway_url"
  type        = string
  default     = "default"
}

variable "slipway_url" {
  description = "Where the VM gets Slipway's executable"
  type        = string
}

variable "slipway_sha256" {
  description = "The executable's SHA-256"
  type        = string
}

variable "zone" {
  description = "The zone of the VM"
  type        = string
  default     = "europe-west1-b"
}

variable "service_account" {
  description = "The e-mail address of the service account that the VM runs as"
  type        = string
}
