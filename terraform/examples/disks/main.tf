# A database whose data is on a persistent disk, and a cache in memory. The disk is formatted if it is blank, checked and
# mounted before the container starts, and its filesystem grows with it.

module "container" {
  source = "../.."

  slipway_url    = var.slipway_url
  slipway_sha256 = var.slipway_sha256

  container = {
    name  = "database"
    image = "mirror.gcr.io/library/postgres:17"
    env = [
      # A directory of the disk: its own root has lost+found.
      { name = "PGDATA", value = "/var/lib/postgresql/data/pgdata" },
      { name = "POSTGRES_HOST_AUTH_METHOD", value = "scram-sha-256" },
      # Of Secret Manager: ../secrets has what that takes.
      {
        name      = "POSTGRES_PASSWORD"
        valueFrom = { secretKeyRef = { name = "database-password", key = "latest" } }
      }
    ]
    volumeMounts = [
      { name = "data", mountPath = "/var/lib/postgresql/data" },
      { name = "shared-memory", mountPath = "/dev/shm" }
    ]
  }

  volumes = [
    {
      name = "data"
      # The device name below, not the disk's name.
      gcePersistentDisk = { pdName = "data", fsType = "ext4" }
    },
    {
      name     = "shared-memory"
      emptyDir = { medium = "Memory" }
    }
  ]

  restart_policy = "Always"
  pod_spec       = { terminationGracePeriodSeconds = 60 }
}

resource "google_compute_disk" "data" {
  project = var.project
  zone    = var.zone
  name    = "database-data"
  type    = "pd-balanced"
  size    = 50

  lifecycle {
    prevent_destroy = true
  }
}

resource "google_compute_instance" "database" {
  project      = var.project
  zone         = var.zone
  name         = "database"
  machine_type = "e2-medium"

  boot_disk {
    initialize_params {
      image = module.container.source_image
    }
  }

  attached_disk {
    source      = google_compute_disk.data.id
    device_name = "data"
    mode        = "READ_WRITE"
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
}
