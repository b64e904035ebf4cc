terraform {
  # Checks are known since 1.5. OpenTofu has them since 1.6.
  required_version = ">= 1.5"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 3.53"
    }
  }
}
