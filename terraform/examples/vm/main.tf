# One VM with a web server.

module "container" {
  source = "../.."

  slipway_url    = var.slipway_url
  slipway_sha256 = var.slipway_sha256

  container = {
    name  = "web"
    image = "us-docker.pkg.dev/google-samples/containers/gke/hello-app:1.0"
    env   = [{ name = "PORT", value = "8080" }]
    ports = [{ containerPort = 8080 }]
    readinessProbe = {
      httpGet = { path = "/", port = 8080 }
    }
  }
  restart_policy = "Always"

  # The host's firewall opens the declared ports, instead of all.
  settings = { SLIPWAY_OPEN_IPTABLES = "declared" }
}

resource "google_compute_instance" "web" {
  project      = var.project
  zone         = var.zone
  name         = "web"
  machine_type = "e2-small"
  tags         = ["web"]

  boot_disk {
    initialize_params {
      image = module.container.source_image
    }
  }

  network_interface {
    network = var.network
    access_config {}
  }

  metadata = merge(module.container.metadata, { google-logging-enabled = "true" })
  labels   = { (module.container.vm_container_label_key) = module.container.vm_container_label }

  # To read the program's bucket and private images.
  service_account {
    email  = var.service_account
    scopes = ["cloud-platform"]
  }
}

resource "google_compute_firewall" "web" {
  project       = var.project
  name          = "web"
  network       = var.network
  source_ranges = ["0.0.0.0/0"]
  target_tags   = ["web"]

  allow {
    protocol = "tcp"
    ports    = ["8080"]
  }
}
