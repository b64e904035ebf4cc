# A password and a certificate of Secret Manager. Their values are in no metadata and in no state of Terraform: Slipway
# reads them on the VM with the VM's service account. Whoever adds a version has the container replaced at the next run.

terraform {
  required_providers {
    google = {
      source = "hashicorp/google"
      # With automatic replication of secrets as it is written here.
      version = ">= 5"
    }
  }
}

locals {
  secrets = ["shop-database", "shop-certificate"]
}

module "container" {
  source = "../.."

  slipway_url    = var.slipway_url
  slipway_sha256 = var.slipway_sha256

  container = {
    name  = "shop"
    image = "us-docker.pkg.dev/${var.project}/shop/web:1.4"
    env = [
      {
        name      = "DATABASE_PASSWORD"
        valueFrom = { secretKeyRef = { name = local.secrets[0], key = "latest" } }
      }
    ]
    volumeMounts = [{ name = "certificate", mountPath = "/etc/shop/tls", readOnly = true }]
  }

  volumes = [
    {
      name = "certificate"
      secret = {
        secretName = local.secrets[1]
        # Terraform has no octal numbers.
        items = [{ key = "latest", path = "tls.pem", mode = parseint("0400", 8) }]
      }
    }
  ]

  restart_policy = "Always"
}

resource "google_service_account" "shop" {
  project    = var.project
  account_id = "shop-vm"
}

# Their versions are added by other hands: gcloud secrets versions add shop-database --data-file=-
resource "google_secret_manager_secret" "shop" {
  for_each  = toset(local.secrets)
  project   = var.project
  secret_id = each.key

  replication {
    auto {}
  }
}

resource "google_secret_manager_secret_iam_member" "shop" {
  for_each  = google_secret_manager_secret.shop
  project   = var.project
  secret_id = each.value.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${google_service_account.shop.email}"
}

# For the image.
resource "google_project_iam_member" "images" {
  project = var.project
  role    = "roles/artifactregistry.reader"
  member  = "serviceAccount:${google_service_account.shop.email}"
}

resource "google_compute_instance" "shop" {
  project      = var.project
  zone         = var.zone
  name         = "shop"
  machine_type = "e2-small"

  boot_disk {
    initialize_params {
      image = module.container.source_image
    }
  }

  network_interface {
    network = var.network
  }

  metadata = module.container.metadata
  labels   = { (module.container.vm_container_label_key) = module.container.vm_container_label }

  service_account {
    email  = google_service_account.shop.email
    scopes = ["cloud-platform"]
  }

  # The VM's first boot reads the secrets.
  depends_on = [google_secret_manager_secret_iam_member.shop]
}
