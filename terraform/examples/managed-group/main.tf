# An instance template and a managed instance group of its VMs. Whatever changes the template (another image, another
# release of Slipway) is rolled out VM by VM, and a VM whose container does not answer is made anew.

module "container" {
  source = "../.."

  slipway_url    = var.slipway_url
  slipway_sha256 = var.slipway_sha256

  container = {
    name  = "web"
    image = var.image
    env   = [{ name = "PORT", value = "8080" }]
    livenessProbe = {
      httpGet = { path = "/", port = 8080 }
    }
  }
  restart_policy = "Always"

  # Requests under way come to their end when the group takes a VM away.
  pod_spec = { terminationGracePeriodSeconds = 45 }
}

# A template cannot be changed: each change makes a new one, before the old one goes.
resource "google_compute_instance_template" "web" {
  project      = var.project
  name_prefix  = "web-"
  machine_type = "e2-small"
  tags         = ["web"]

  disk {
    source_image = module.container.source_image
    boot         = true
    auto_delete  = true
  }

  network_interface {
    network = var.network
  }

  metadata = module.container.metadata
  labels   = { (module.container.vm_container_label_key) = module.container.vm_container_label }

  service_account {
    email  = var.service_account
    scopes = ["cloud-platform"]
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_compute_health_check" "web" {
  project             = var.project
  name                = "web"
  check_interval_sec  = 10
  timeout_sec         = 5
  unhealthy_threshold = 3

  http_health_check {
    port         = 8080
    request_path = "/"
  }
}

resource "google_compute_region_instance_group_manager" "web" {
  project            = var.project
  region             = var.region
  name               = "web"
  base_instance_name = "web"
  target_size        = var.size

  version {
    instance_template = google_compute_instance_template.web.id
  }

  named_port {
    name = "http"
    port = 8080
  }

  # A new VM boots and pulls its image before the check counts.
  auto_healing_policies {
    health_check      = google_compute_health_check.web.id
    initial_delay_sec = 300
  }

  # In a regional group, as many as it has zones.
  update_policy {
    type                  = "PROACTIVE"
    minimal_action        = "REPLACE"
    max_surge_fixed       = 3
    max_unavailable_fixed = 0
  }
}

# The addresses that Google's health checks come from.
resource "google_compute_firewall" "health_checks" {
  project       = var.project
  name          = "web-health-checks"
  network       = var.network
  source_ranges = ["130.211.0.0/22", "35.191.0.0/16"]
  target_tags   = ["web"]

  allow {
    protocol = "tcp"
    ports    = ["8080"]
  }
}
